"""Collectors in the admin, and beside them the doctor's page, health, and exports."""

from __future__ import annotations

from functools import partial
from typing import Any, ClassVar

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from zerostate_monitoring.admin import collector_state, display
from zerostate_monitoring.admin.base import LiveAdmin
from zerostate_monitoring.admin.collector_state import idle_reason, state_of
from zerostate_monitoring.admin.exporting import ExportPages
from zerostate_monitoring.admin.health import HealthPages
from zerostate_monitoring.admin.seen import WatchedModelForm
from zerostate_monitoring.admin.widgets import FilledValuesFilter
from zerostate_monitoring.collectors.base import COLLECTORS
from zerostate_monitoring.collectors.rows import forget_collectors
from zerostate_monitoring.collectors.signals import run_requested
from zerostate_monitoring.conf import conf
from zerostate_monitoring.doctor import Level
from zerostate_monitoring.doctor.collection import advice_on
from zerostate_monitoring.models import Collector
from zerostate_monitoring.models.words import in_words

_ORDER = (Level.ERROR, Level.WARNING, Level.UNKNOWN, Level.OK)
"""What must be done comes first."""
LEVELS = {
    Level.OK: gettext_lazy("ok"),
    Level.UNKNOWN: gettext_lazy("unknown"),
    Level.WARNING: gettext_lazy("warning"),
    Level.ERROR: gettext_lazy("error"),
}
TONES = {Level.OK: "good", Level.UNKNOWN: "none", Level.WARNING: "warn", Level.ERROR: "bad"}


class CollectorAdmin(HealthPages, ExportPages, LiveAdmin[Collector]):
    """Collectors: how their last runs went; to be run, enabled and disabled."""

    form = WatchedModelForm
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
    list_filter = ("enabled", ("source", FilledValuesFilter))
    search_fields = ("name", "source", "last_error")
    actions = ["run_now", "enable", "disable"]
    fieldsets = (
        (None, {"fields": ("name", "source", "state", "why", "waits_for", "enabled")}),
        (
            gettext_lazy("Last run"),
            {
                "fields": (
                    "every", "last_started_at", "last_success_at", "took", "samples",
                    "gives", "absent_families", "refused_families",
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

    class Media:
        css: ClassVar[Any] = {"all": ["zerostate_monitoring/operating.css"]}

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
        """The doctor's page and that of a run, then the usual ones."""
        doctor = path(
            "doctor/",
            self.admin_site.admin_view(self.doctor_view),
            name="zerostate_monitoring_doctor",
        )
        run = path(
            "<path:object_id>/run/",
            self.admin_site.admin_view(self.run_view),
            name="zerostate_monitoring_collector_run",
        )
        return [doctor, run, *super().get_urls()]

    def run_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Queue a run of one collector; by POST only, for it asks its source."""
        row = self.get_object(request, object_id)
        if row is None or not self.has_change_permission(request, row):
            raise PermissionDenied
        if request.method == "POST" and not self.is_switched_off(request):
            self._run(request, row)
        return HttpResponseRedirect(self._page_of("collector", row.pk))

    def doctor_view(self, request: HttpRequest) -> TemplateResponse:
        """What is wrong with this installation, and what to do next."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        from zerostate_monitoring.doctor.examination import examine

        findings = [
            (finding, display.badge(TONES[finding.level], str(LEVELS[finding.level])))
            for finding in sorted(examine(), key=lambda one: _ORDER.index(one.level))
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
        for row in queryset:
            self._run(request, row)

    def _run(self, request: HttpRequest, row: Collector) -> None:
        """Queue a run and say what came of it; one that is queued stands in the log."""
        if row.name not in COLLECTORS:
            message = _("Collector %s is not registered any more: its code is gone.") % row.name
            self.message_user(request, message, messages.ERROR)
        elif _is_queued(run_requested.send_robust(sender=type(self), name=row.name)):
            message = _("Collector %s is queued; reload in a moment.") % row.name
            self.message_user(request, message, messages.SUCCESS)
            self.log_changes(request, [row], _("Queued to run now."))
        else:
            message = _("Collector %s could not be queued: the broker does not answer.") % row.name
            self.message_user(request, message, messages.ERROR)

    # -- columns -------------------------------------------------------------

    @admin.display(description=gettext_lazy("state"))
    def state(self, row: Collector) -> str:
        """Ok, failing, stale, disabled, idle, or never run."""
        is_well = row.enabled and not row.failures_in_a_row
        if is_well and (reason := idle_reason(row)):
            return display.badge("off", _("idle"), reason)
        now = timezone.now()
        badge = display.badge(*state_of(row, now.timestamp()))
        since = collector_state.since(row, now)
        return format_html('{}<div class="zsm-why">{}</div>', badge, since) if since else badge

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

    @admin.display(description=gettext_lazy("trouble"))
    def trouble(self, row: Collector) -> str:
        """Why it gives nothing, and what to do; the way to all of its last error."""
        why = collector_state.why(row, timezone.now())
        if not why:
            return display.EMPTY
        return format_html(
            '{}<div class="zsm-why">{}</div><a href="{}" aria-label="{}">{}</a>',
            why,
            collector_state.what_to_do(row, timezone.now()),
            self._page_of("collector", row.pk),
            _("Error and metrics of %s") % row.name,
            _("error and metrics"),
        )

    def _page_of(self, model: str, key: int) -> str:
        name = f"{self.admin_site.name}:zerostate_monitoring_{model}_change"
        return reverse(name, args=(key,))

    # -- fields --------------------------------------------------------------

    @admin.display(description=gettext_lazy("absent families"))
    def absent_families(self, row: Collector) -> str:
        """Families that the source could not give, each with the reason."""
        return display.reasons(row.absent)

    @admin.display(description=gettext_lazy("refused families"))
    def refused_families(self, row: Collector) -> str:
        """Families that are not this collector's to give, each with the reason."""
        return display.reasons(row.refused)

    @admin.display(description=gettext_lazy("why, and what to do"))
    def why(self, row: Collector) -> str:
        """Why it gives nothing now."""
        now = timezone.now()
        if not (why := collector_state.why(row, now)):
            return display.EMPTY
        advice = collector_state.what_to_do(row, now)
        return format_html('{} <span class="zsm-advice">{}</span>', why, advice)

    @admin.display(description=gettext_lazy("gives now"))
    def gives(self, row: Collector) -> str:
        """Its families on the page, each with its metric."""
        return collector_state.families(row, self.live, partial(self._page_of, "metric"))

    @admin.display(description=gettext_lazy("what it said"))
    def error_text(self, row: Collector) -> str:
        """The last error in full."""
        return format_html(
            '<pre class="zsm-error">{}</pre>', in_words(row.last_error) or display.EMPTY
        )

    @admin.display(description=gettext_lazy("what to do"))
    def advice(self, row: Collector) -> str:
        """What to do next about the last error."""
        return advice_on(row.last_error_kind) if row.last_error_kind else display.EMPTY

    @admin.display(description=gettext_lazy("code"))
    def place(self, row: Collector) -> str:
        """Where it is registered."""
        definition = COLLECTORS.get(row.name)
        return definition.place if definition else _("not registered in this process")

    @admin.display(description=gettext_lazy("idle because"))
    def waits_for(self, row: Collector) -> str:
        """Why it has nothing to read."""
        return idle_reason(row) or display.EMPTY

    @admin.display(description=gettext_lazy("carried counts"))
    def carried(self, row: Collector) -> str:
        """For how many series counts of purged rows are remembered."""
        n = len(row.carry)
        return ngettext("%d series", "%d series", n) % n if n else display.EMPTY


def _is_queued(answers: list[tuple[Any, Any]]) -> bool:
    return any(answer is True for _receiver, answer in answers)
