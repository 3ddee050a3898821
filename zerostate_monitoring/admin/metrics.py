"""Metrics in the admin: what is catalogued, and what of it has samples now."""

from __future__ import annotations

from typing import Any, Final

from django.contrib import admin
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from zerostate_monitoring.admin import display
from zerostate_monitoring.admin.base import LiveAdmin
from zerostate_monitoring.admin.live import ON_THE_PAGE_ALONE, LiveFamily, age_of
from zerostate_monitoring.admin.metric_state import (
    PLANNED,
    STATES,
    StateFilter,
    family_of,
    state_of,
)
from zerostate_monitoring.admin.node_state import node_notes
from zerostate_monitoring.admin.refusals import refusals_of
from zerostate_monitoring.catalogue import CATALOGUE
from zerostate_monitoring.catalogue.definition import Combine, Measure
from zerostate_monitoring.collectors.rows import ask_for_runs
from zerostate_monitoring.exposition.plan import OWN
from zerostate_monitoring.models import Collector, Metric
from zerostate_monitoring.storage.totals import PROCESS

MOST_SERIES: Final = 50
MOST_REFUSALS: Final = 20


class MetricAdmin(LiveAdmin[Metric]):
    """Families: read-only but for the operator's own fields."""

    list_display = ("family", "state", "value", "series", "age", "producer", "kind")
    list_filter = ("layer", "kind", StateFilter, "enabled")
    search_fields = ("name", "help", "note")
    fieldsets = (
        (None, {"fields": ("name", "state", "help_text", "enabled", "feed", "note")}),
        (
            gettext_lazy("Catalogue"),
            {
                "fields": (
                    "kind",
                    "layer",
                    "unit",
                    "label_names",
                    "possible_feeds",
                    "combine",
                    "measure",
                    "node_names",
                    "last_seen_at",
                    "withdrawn_at",
                )
            },
        ),
    )
    readonly_fields = (
        "name",
        "state",
        "help_text",
        "kind",
        "layer",
        "unit",
        "label_names",
        "possible_feeds",
        "combine",
        "measure",
        "node_names",
        "last_seen_at",
        "withdrawn_at",
    )

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Nobody adds a family by hand: the catalogue does, after migrate."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Metric | None = None) -> bool:
        """Nobody deletes one: alerts and notes may hang on it."""
        return False

    def always_on(self, row: Metric) -> str:
        """What the app says of itself and of its scrapes is always there."""
        return (
            _("What the app says of itself and of its scrapes is always on the page.")
            if (row.always_on)
            else ""
        )

    def switched(self, rows: list[Metric], *, enabled: bool) -> None:
        """What was decided shows at once, not with the next run."""
        ask_for_runs(rows)

    def get_fieldsets(self, request: HttpRequest, obj: Metric | None = None) -> Any:
        """The switch is a word where it would switch nothing."""
        fieldsets = super().get_fieldsets(request, obj)
        if obj is None or not obj.always_on:
            return fieldsets
        return [
            (title, {**options, "fields": [_SWITCH.get(str(f), f) for f in options["fields"]]})
            for title, options in fieldsets
        ]

    def get_readonly_fields(self, request: HttpRequest, obj: Metric | None = None) -> Any:
        """All but the operator's own."""
        return [*super().get_readonly_fields(request, obj), *_SWITCH.values()]

    def get_form(
        self,
        request: HttpRequest,
        obj: Metric | None = None,
        change: bool = False,  # noqa: FBT001, FBT002 - Django's signature
        **kwargs: Any,
    ) -> type[ModelForm[Metric]]:
        """The form; its choice of producers holds those that can feed this family."""
        form = super().get_form(request, obj, change=change, **kwargs)
        field = form.base_fields.get("feed")
        if obj is not None and field is not None:
            choices = [("", _("by ZEROSTATE_MONITORING_FEED_ORDER"))]
            field.choices = choices + [(f, f) for f in obj.feeds]  # type: ignore[attr-defined]
        return form

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,  # noqa: FBT001, FBT002 - Django's signature
        change: bool = False,  # noqa: FBT001, FBT002 - Django's signature
        form_url: str = "",
        obj: Metric | None = None,
    ) -> HttpResponse:
        """One family with its live series, and who else offers it."""
        if obj is not None:
            context |= {**self._series_of(obj), **self._refusals_of(obj)}
        return super().render_change_form(request, context, add, change, form_url, obj)

    def _series_of(self, row: Metric) -> dict[str, Any]:
        found = self._found(row)
        series = [
            {
                "name": one.name,
                "labels": display.labels_text(one.labels),
                "value": display.number(one.value),
                "age": display.age(age_of(one.at)),
                "producer": _name_of(one.producer),
            }
            for one in self.live.series_of(family_of(row), MOST_SERIES)
        ]
        producers = [] if found is None else sorted({_name_of(p) for p in found.producers})
        return {
            "series": series,
            "series_total": 0 if found is None else found.series,
            "producers": producers[:MOST_SERIES],
            "producers_total": len(producers),
            "no_series": self._why_none(row),
        }

    def _why_none(self, row: Metric) -> str:
        if row.name in ON_THE_PAGE_ALONE:
            return _("Its value is known when the page is made; see it on /metrics.")
        if planned := PLANNED.get(row.name):
            return _("There are none yet: it is planned to be fed by %s.") % planned
        return _("There are none now.")

    def _refusals_of(self, row: Metric) -> dict[str, Any]:
        collectors = Collector.objects.exclude(refused={}).values_list("name", "refused")
        nodes = node_notes() if self.live.up else {}
        found = refusals_of(row.name, collectors, nodes)
        more = max(len(found) - MOST_REFUSALS, 0)
        return {"refusals": found[:MOST_REFUSALS], "refusals_more": more}

    def _found(self, row: Metric) -> LiveFamily | None:
        return self.live.families.get(family_of(row))

    # -- columns -------------------------------------------------------------

    @admin.display(description=gettext_lazy("name"), ordering="name")
    def family(self, row: Metric) -> str:
        """The name, which a narrow column may break after each word."""
        return display.breakable(row.name)

    @admin.display(description=gettext_lazy("state"))
    def state(self, row: Metric) -> str:
        """Fed, never seen, stale, planned, disabled or withdrawn."""
        state = state_of(row, self.live)
        tone, word = STATES[state]
        badge = display.badge(tone, str(word))
        if state != "planned":
            return badge
        by = _("fed by %s") % PLANNED[row.name]
        return format_html('{} <span class="zsm-advice">{}</span>', badge, by)

    @admin.display(description=gettext_lazy("value"))
    def value(self, row: Metric) -> str:
        """The value of the only series, or how those of all combine."""
        live = self._found(row)
        if live is None:
            on_page = self.live.enabled and row.name in ON_THE_PAGE_ALONE
            return _("on /metrics") if on_page else display.EMPTY
        if live.type in {"histogram", "summary"}:
            return _("%(n)s observations") % {"n": display.number(live.total)}
        if live.series == 1:
            return display.number(live.total)
        if row.measure == Measure.WINDOW:
            # Windows lie within one another, and means and shares do not add up.
            low, high = display.number(live.smallest), display.number(live.largest)
            return _("%(low)s to %(high)s") % {"low": low, "high": high}
        if row.combine == Combine.MAX or not _adds_up(row):
            return _("max %(n)s") % {"n": display.number(live.largest)}
        return _("sum %(n)s") % {"n": display.number(live.total)}

    @admin.display(description=gettext_lazy("age"))
    def age(self, row: Metric) -> str:
        """How old the newest sample is."""
        live = self._found(row)
        if live is not None:
            return display.age(age_of(live.at))
        if row.last_seen_at is None:
            return display.EMPTY
        return display.age(age_of(row.last_seen_at.timestamp()))

    @admin.display(description=gettext_lazy("series"))
    def series(self, row: Metric) -> str:
        """How many series there are now."""
        live = self._found(row)
        return display.EMPTY if live is None else display.number(live.series)

    @admin.display(description=gettext_lazy("producer"))
    def producer(self, row: Metric) -> str:
        """Who gives them."""
        live = self._found(row)
        if live is None:
            on_page = self.live.enabled and row.name in ON_THE_PAGE_ALONE
            return _name_of(OWN) if on_page else display.EMPTY
        producers = set(live.producers)
        if len(producers) == 1:
            return display.breakable(_name_of(*producers))
        return _("%(n)d producers") % {"n": len(producers)}

    # -- fields of the page of one family --------------------------------------

    @admin.display(description=gettext_lazy("help"))
    def help_text(self, row: Metric) -> str:
        """What the family says."""
        return row.help

    @admin.display(description=gettext_lazy("labels"))
    def label_names(self, row: Metric) -> str:
        """Its label names."""
        return ", ".join(row.labels) or display.EMPTY

    @admin.display(description=gettext_lazy("possible producers"))
    def possible_feeds(self, row: Metric) -> str:
        """Which kinds of producers can feed it."""
        return ", ".join(row.feeds) or display.EMPTY

    @admin.display(description=gettext_lazy("names on nodes"))
    def node_names(self, row: Metric) -> str:
        """Under which other names nodes expose it."""
        definition = CATALOGUE.find(row.name)
        return ", ".join(definition.aliases if definition else ()) or display.EMPTY

    @admin.display(description=gettext_lazy("enabled"))
    def switch(self, row: Metric) -> str:
        """Stands for the switch where it would switch nothing."""
        on, reason = display.badge("good", _("always")), self.always_on(row)
        return format_html('{} <span class="zsm-advice">{}</span>', on, reason)


_SWITCH: Final = {"enabled": "switch"}


def _adds_up(row: Metric) -> bool:
    """Whether a sum of the family's series says anything."""
    return row.unit != "ratio" and not row.name.endswith("_timestamp_seconds")


def _name_of(producer: str) -> str:
    """The producer's name for reading."""
    if producer.startswith(PROCESS):
        return _("this project's processes")
    return _("this app") if producer == OWN else producer
