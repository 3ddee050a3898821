"""Collectors in the admin, and the doctor's page beside them."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from zerostate_monitoring.admin import display
from zerostate_monitoring.admin.base import LiveAdmin
from zerostate_monitoring.collectors.base import COLLECTORS
from zerostate_monitoring.collectors.rows import forget_collectors
from zerostate_monitoring.collectors.signals import run_requested
from zerostate_monitoring.conf import conf
from zerostate_monitoring.doctor import Level, examine
from zerostate_monitoring.doctor.collection import ADVICE, STALE_INTERVALS
from zerostate_monitoring.models import Collector

TONES = {Level.OK: "good", Level.UNKNOWN: "none", Level.WARNING: "warn", Level.ERROR: "bad"}


class CollectorAdmin(LiveAdmin[Collector]):
    """Collectors: how their last runs went; to be run, enabled and disabled."""

    list_display = (
        "name",
        "state",
        "last_success",
        "trouble",
        "gaps",
        "samples",
        "took",
        "every",
    )
    list_filter = ("enabled", "source")
    search_fields = ("name", "source", "last_error")
    actions = ["run_now", "enable", "disable"]
    fieldsets = (
        (None, {"fields": ("name", "source", "state", "enabled")}),
        (
            gettext_lazy("Last run"),
            {
                "fields": (
                    "every", "last_started_at", "last_success_at", "took", "samples",
                    "absent_families", "refused_families",
                )
            },
        ),
        (
            gettext_lazy("Last error"),
            {"fields": ("last_failure_at", "failures_in_a_row", "last_error_kind",
                        "error_text", "advice")},
        ),
        (gettext_lazy("Memory"), {"fields": ("place", "carried", "token")}),
    )  # fmt: skip

    def get_readonly_fields(
        self, request: HttpRequest, obj: Collector | None = None
    ) -> tuple[str, ...]:
        """All but the switch."""
        fields = (str(field) for _, options in self.fieldsets for field in options["fields"])
        return tuple(field for field in fields if field != "enabled")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Nobody adds a collector by hand: code does."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Collector | None = None) -> bool:
        """Only rows without code: a row holds the counts of what its source has purged."""
        if obj is not None and obj.name in COLLECTORS:
            return False
        return super().has_delete_permission(request, obj)

    def switched(self, rows: list[Collector], *, enabled: bool) -> None:
        """Series of disabled collectors leave the page."""
        if not enabled:
            forget_collectors([row.name for row in rows])

    def get_urls(self) -> list[URLPattern]:
        """The doctor's page, then the usual ones."""
        doctor = path(
            "doctor/",
            self.admin_site.admin_view(self.doctor_view),
            name="zerostate_monitoring_doctor",
        )
        return [doctor, *super().get_urls()]

    def doctor_view(self, request: HttpRequest) -> TemplateResponse:
        """What is wrong with this installation, and what to do next."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        findings = [
            (finding, display.badge(TONES[finding.level], finding.level.value))
            for finding in examine()
        ]
        context = {
            **self.admin_site.each_context(request),
            "title": _("Doctor"),
            "opts": self.model._meta,
            "enabled": conf.ENABLED,
            "findings": findings,
            "errors": sum(finding.level is Level.ERROR for finding, _badge in findings),
            "warnings": sum(finding.level is Level.WARNING for finding, _badge in findings),
            "examined_at": timezone.now(),
        }
        request.current_app = self.admin_site.name
        template = "admin/zerostate_monitoring/doctor.html"
        return TemplateResponse(request, template, context)

    @admin.action(description=gettext_lazy("Run now"), permissions=["change"])
    def run_now(self, request: HttpRequest, queryset: QuerySet[Collector]) -> None:
        """Queue a run of each chosen collector."""
        if self.is_switched_off(request):
            return
        for name in queryset.values_list("name", flat=True):
            if name not in COLLECTORS:
                message = _("Collector %s is not registered any more: its code is gone.") % name
                self.message_user(request, message, messages.ERROR)
            elif _is_queued(run_requested.send_robust(sender=type(self), name=name)):
                message = _("Collector %s is queued; reload in a moment.") % name
                self.message_user(request, message, messages.SUCCESS)
            else:
                message = _("Collector %s could not be queued: the broker does not answer.") % name
                self.message_user(request, message, messages.ERROR)

    # -- columns -------------------------------------------------------------

    @admin.display(description=gettext_lazy("state"))
    def state(self, row: Collector) -> str:
        """Ok, failing, stale, disabled, or never run."""
        return display.badge(*state_of(row, timezone.now().timestamp()))

    @admin.display(description=gettext_lazy("last success"), ordering="last_success_at")
    def last_success(self, row: Collector) -> str:
        """How long ago the last success was."""
        if row.last_success_at is None:
            return display.EMPTY
        seconds = (timezone.now() - row.last_success_at).total_seconds()
        return _("%s ago") % display.age(max(seconds, 0))

    @admin.display(description=gettext_lazy("every"), ordering="interval_seconds")
    def every(self, row: Collector) -> str:
        """Its interval."""
        return display.age(row.interval_seconds)

    @admin.display(description=gettext_lazy("took"), ordering="duration_seconds")
    def took(self, row: Collector) -> str:
        """How long its last run took."""
        return display.duration(row.duration_seconds)

    @admin.display(description=gettext_lazy("gaps"))
    def gaps(self, row: Collector) -> str:
        """How many families it could not give, or may not."""
        counts = ((len(row.absent), _("%d absent")), (len(row.refused), _("%d refused")))
        return ", ".join(words % n for n, words in counts if n) or display.EMPTY

    @admin.display(description=gettext_lazy("last error"))
    def trouble(self, row: Collector) -> str:
        """The error of a collector that is failing now."""
        if not row.failures_in_a_row:
            return display.EMPTY
        return f"{row.last_error_kind}: {row.last_error[:120]}"

    # -- fields --------------------------------------------------------------

    @admin.display(description=gettext_lazy("absent families"))
    def absent_families(self, row: Collector) -> str:
        """Families that the source could not give, each with the reason."""
        return display.reasons(row.absent)

    @admin.display(description=gettext_lazy("refused families"))
    def refused_families(self, row: Collector) -> str:
        """Families that are not this collector's to give, each with the reason."""
        return display.reasons(row.refused)

    @admin.display(description=gettext_lazy("what it said"))
    def error_text(self, row: Collector) -> str:
        """The last error in full."""
        return format_html('<pre class="zsm-error">{}</pre>', row.last_error or display.EMPTY)

    @admin.display(description=gettext_lazy("what to do"))
    def advice(self, row: Collector) -> str:
        """What to do next about the last error."""
        return ADVICE.get(row.last_error_kind, display.EMPTY)

    @admin.display(description=gettext_lazy("code"))
    def place(self, row: Collector) -> str:
        """Where it is registered."""
        definition = COLLECTORS.get(row.name)
        return definition.place if definition else _("not registered in this process")

    @admin.display(description=gettext_lazy("carried counts"))
    def carried(self, row: Collector) -> str:
        """For how many series counts of purged rows are remembered."""
        return _("%d series") % len(row.carry) if row.carry else display.EMPTY


def state_of(row: Collector, now: float) -> tuple[str, str]:
    """Tone and word for how a collector is."""
    if not row.enabled:
        return "off", _("disabled")
    if row.failures_in_a_row:
        return "bad", _("failing")
    if row.last_success_at is None:
        return "none", _("never run")
    age = now - row.last_success_at.timestamp()
    return (
        ("warn", _("stale")) if age > STALE_INTERVALS * row.interval_seconds else ("good", _("ok"))
    )


def _is_queued(answers: list[tuple[Any, Any]]) -> bool:
    return any(answer is True for _receiver, answer in answers)
