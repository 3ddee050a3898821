"""Nodes in the admin: how they are, and a scrape to try one out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, ClassVar, Final

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from zerostate_monitoring.admin import display
from zerostate_monitoring.admin.base import LiveAdmin
from zerostate_monitoring.admin.live import age_of
from zerostate_monitoring.admin.node_alerts import alerts_of
from zerostate_monitoring.admin.node_form import SECRETS, NodeForm
from zerostate_monitoring.admin.node_maintenance import (
    MaintenancePages,
    Quiet,
    may_silence,
    quiet_nodes,
)
from zerostate_monitoring.admin.node_past import latencies
from zerostate_monitoring.admin.node_state import last_scrape, node_notes, samples_of, state_of
from zerostate_monitoring.admin.node_trial import answered, shown
from zerostate_monitoring.charts.text import printable
from zerostate_monitoring.collectors.rows import forget_nodes
from zerostate_monitoring.collectors.trial import Trial, try_out
from zerostate_monitoring.doctor.collection import advice_on
from zerostate_monitoring.models import Node
from zerostate_monitoring.models.words import in_words

MOST_TRIALS: Final = 10
"""How many nodes one action scrapes while the operator waits."""


_ENTERED: Final[tuple[Any, Any]] = (
    gettext_lazy("Secrets"),
    {
        "classes": ("collapse",),
        "description": gettext_lazy("Entered here, used by workers, never shown again."),
        "fields": tuple((name, f"clear_{name}") for name in SECRETS),
    },
)


class NodeAdmin(MaintenancePages, LiveAdmin[Node]):
    """Nodes: their addresses and secrets, and whether they answer."""

    form = NodeForm
    notes: Mapping[str, Mapping[str, Any]] = MappingProxyType({})
    past: Mapping[str, str] = MappingProxyType({})
    quiet: Mapping[str, Quiet] = MappingProxyType({})
    list_display = ("name", "role", "state", "latency", "samples", "answered", "trouble")
    list_filter = ("role", "enabled", "ephemeral", "origin")
    search_fields = ("name", "base_url", "origin")
    actions = ["scrape_now", "enable", "disable"]
    readonly_fields = ("origin", "created_at", "last_up_at", "secrets_set")
    fieldsets = (
        (
            None,
            {
                "fields": (
                    *("name", "role", "base_url", "metrics_path"),
                    *("enabled", "ephemeral", "labels"),
                )
            },
        ),
        _ENTERED,
        (gettext_lazy("Row"), {"fields": ("origin", "created_at", "last_up_at")}),
    )

    class Media:
        css: ClassVar[Any] = {"all": ["zerostate_monitoring/operating.css"]}

    def get_fieldsets(self, request: HttpRequest, obj: Node | None = None) -> Any:
        """Whoever may only look learns which secrets are set, not what they are.

        Django shows the values of a form's fields to readers, past the form.
        """
        may_enter = (
            self.has_add_permission(request)
            if obj is None
            else self.has_change_permission(request, obj)
        )
        told = (gettext_lazy("Secrets"), {"fields": ("secrets_set",)})
        return [
            told if fieldset is _ENTERED and not may_enter else fieldset
            for fieldset in super().get_fieldsets(request, obj)
        ]

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest) -> bool:
        """A filter on a secret would answer guesses about it."""
        return lookup.split("__", maxsplit=1)[0] not in SECRETS and super().lookup_allowed(
            lookup, value, request
        )

    @admin.display(description=gettext_lazy("set"))
    def secrets_set(self, row: Node) -> str:
        """Names of the secrets that the row holds."""
        held = [name.replace("_", " ") for name in SECRETS if getattr(row, name)]
        return ", ".join(held) or str(display.EMPTY)

    def switched(self, rows: list[Node], *, enabled: bool) -> None:
        """Series of disabled nodes leave the page."""
        if not enabled:
            forget_nodes([row.name for row in rows])

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Node]) -> None:
        """Delete the chosen nodes; their series leave the page."""
        names = list(queryset.values_list("name", flat=True))
        super().delete_queryset(request, queryset)
        forget_nodes(names)

    def prepare(self, rows: Sequence[Node]) -> None:
        """Fetch the notes of these nodes' last scrapes, their hour, and who is silenced."""
        names, now = [row.name for row in rows], timezone.now()
        self.quiet = quiet_nodes(names, now) if rows else {}
        if self.live.up:
            self.notes = node_notes(names)
            self.past = latencies(names, round(now.timestamp() * 1000))

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,  # noqa: FBT001, FBT002 - Django's signature
        change: bool = False,  # noqa: FBT001, FBT002 - Django's signature
        form_url: str = "",
        obj: Node | None = None,
    ) -> HttpResponse:
        """One node with all that is known of its last scrape."""
        trial = shown(context["adminform"].form)
        if trial is not None:
            # What was only to be tried out is no error.
            context.update(trial=trial, errors=[])
        if obj is not None:
            name = obj.loaded_name or obj.name
            quiet = quiet_nodes([name], timezone.now()).get(name)
            context.update(quiet=quiet, may_silence=may_silence(request))
            notes = node_notes([name]) if self.live.up else {}
            context["last_scrape"] = last_scrape(obj, notes.get(name))
            context.update(alerts_of(name, request, self.admin_site.name))
        return super().render_change_form(request, context, add, change, form_url, obj)

    # -- pages ---------------------------------------------------------------

    def get_urls(self) -> list[URLPattern]:
        """The pages of import and of a trial scrape, then the usual ones."""
        view = self.admin_site.admin_view
        return [
            path("import/", view(self.import_view), name="zerostate_monitoring_node_import"),
            path(
                "<path:object_id>/maintenance/",
                view(self.maintenance_view),
                name="zerostate_monitoring_node_maintenance",
            ),
            path(
                "<path:object_id>/scrape/",
                view(self.scrape_view),
                name="zerostate_monitoring_node_scrape",
            ),
            *super().get_urls(),
        ]

    def scrape_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Scrape one node while the operator waits; by POST only, for it asks outside."""
        node = self.get_object(request, object_id)
        if node is None or not self.has_change_permission(request, node):
            raise PermissionDenied
        if request.method == "POST" and not self.is_switched_off(request):
            self._tell(request, try_out(node))
        name = f"{self.admin_site.name}:zerostate_monitoring_node_change"
        return HttpResponseRedirect(reverse(name, args=(node.pk,)))

    def import_view(self, request: HttpRequest) -> HttpResponse:
        """Take nodes from a CSV or service discovery document; first as a preview."""
        from zerostate_monitoring.admin.node_import import ImportForm

        if not self._may_import(request):
            raise PermissionDenied
        form = ImportForm(request.POST or None, request.FILES or None)
        result = None
        if request.method == "POST" and form.is_valid() and not self.is_switched_off(request):
            result = form.run(dry_run="_preview" in request.POST)
            if result.done:
                self.message_user(request, result.summary, messages.SUCCESS)
                name = f"{self.admin_site.name}:zerostate_monitoring_node_changelist"
                return HttpResponseRedirect(reverse(name))
        context = {
            **self.admin_site.each_context(request),
            "title": _("Import nodes"),
            "opts": self.model._meta,
            "form": form,
            "result": result,
        }
        request.current_app = self.admin_site.name
        template = "admin/zerostate_monitoring/node/import.html"
        return TemplateResponse(request, template, context)

    def _may_import(self, request: HttpRequest) -> bool:
        """An import adds, changes and removes."""
        return (
            self.has_add_permission(request)
            and self.has_change_permission(request)
            and self.has_delete_permission(request)
        )

    @admin.action(description=gettext_lazy("Scrape now, to try out"), permissions=["change"])
    def scrape_now(self, request: HttpRequest, queryset: QuerySet[Node]) -> None:
        """Scrape the chosen nodes one after another and show what they answered."""
        if self.is_switched_off(request):
            return
        nodes = list(queryset[: MOST_TRIALS + 1])
        for node in nodes[:MOST_TRIALS]:
            self._tell(request, try_out(node))
        if len(nodes) > MOST_TRIALS:
            message = _("Only the first %d were tried.") % MOST_TRIALS
            self.message_user(request, message, messages.WARNING)

    def _tell(self, request: HttpRequest, trial: Trial) -> None:
        if trial.error:
            message = _("Node %(node)s: %(kind)s: %(error)s")
            level = messages.ERROR
        else:
            message = _("Node %(node)s answered: %(gave)s, %(took)s")
            level = messages.SUCCESS
        values = {
            "node": trial.node,
            "kind": trial.kind,
            "error": in_words(trial.error),
            **answered(trial),
        }
        self.message_user(request, message % values, level)

    # -- columns -------------------------------------------------------------

    @admin.display(description=gettext_lazy("state"))
    def state(self, row: Node) -> str:
        """Up, down, left, unknown or disabled."""
        shown_state = display.badge(*state_of(row, self.notes.get(row.name)))
        quiet = self.quiet.get(row.name)
        if quiet is None:
            return shown_state
        badge = display.badge("off", _("silenced"), quiet.sentence())
        return format_html("{}<br>{}", shown_state, badge)

    @admin.display(description=gettext_lazy("latency"))
    def latency(self, row: Node) -> str:
        """How long its last answer took, and those of the last hour as a small line."""
        known = self._known(row)
        took = display.duration(known.get("duration") if known.get("up") else None)
        line = self.past.get(row.name)
        return format_html("{}<br>{}", took, line) if line else took

    @admin.display(description=gettext_lazy("samples"))
    def samples(self, row: Node) -> str:
        """How many samples the last scrape gave."""
        count = samples_of(self._known(row))
        return display.EMPTY if count is None else display.number(count)

    @admin.display(description=gettext_lazy("asked"))
    def answered(self, row: Node) -> str:
        """How long ago it was last asked."""
        at = self._known(row).get("at")
        return display.EMPTY if at is None else _("%s ago") % display.age(age_of(at))

    @admin.display(description=gettext_lazy("last error"))
    def trouble(self, row: Node) -> str:
        """Why it is down, and what to do."""
        known = self._known(row)
        if not (error := known.get("error")):
            return str(display.EMPTY)
        kind = str(known.get("error_kind") or "error")
        text = printable(f"{kind}: {in_words(str(error))}"[:160])
        advice = advice_on(kind)
        return format_html('{}<div class="zsm-why">{}</div>', text, advice)

    def _known(self, row: Node) -> Mapping[str, Any]:
        return self.notes.get(row.name, {})
