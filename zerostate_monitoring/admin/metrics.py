"""Metrics in the admin: what is catalogued, and what of it has samples now."""

from __future__ import annotations

from typing import Any, Final

from django.contrib import admin, messages
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from zerostate_monitoring.admin import display
from zerostate_monitoring.admin.base import LiveAdmin
from zerostate_monitoring.admin.exploring.pages import LOOKS, SCRIPTS, ExplorePages
from zerostate_monitoring.admin.live import ON_THE_PAGE_ALONE, LiveFamily, age_of
from zerostate_monitoring.admin.metric_series import refused, series_of
from zerostate_monitoring.admin.metric_state import (
    PLANNED,
    STATES,
    StateFilter,
    family_of,
    state_of,
)
from zerostate_monitoring.admin.metric_words import name_of, value_of
from zerostate_monitoring.admin.seen import WatchedModelForm
from zerostate_monitoring.catalogue import CATALOGUE
from zerostate_monitoring.collectors.rows import ask_for_runs
from zerostate_monitoring.exposition.plan import OWN
from zerostate_monitoring.models import Metric, Rule
from zerostate_monitoring.models.rule_readers import readers_of, refresh_findings
from zerostate_monitoring.models.words import in_words

MOST_LOOKED_AT: Final = 1_000


class MetricAdmin(ExplorePages, LiveAdmin[Metric]):
    """Families: read-only but for the operator's own fields."""

    form = WatchedModelForm
    list_display = ("family", "state", "value", "series", "age", "producer", "kind")
    list_filter = ("layer", "kind", StateFilter, "enabled")
    search_fields = ("name", "help", "note")
    # "Show all" shows the whole catalogue.
    list_max_show_all = 1000

    class Media:
        css = LOOKS
        js = SCRIPTS

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
        """What was decided shows at once, not with the next run; rules that read it are told."""
        ask_for_runs(rows)
        if self.answered_request is not None:
            self._tell_rules(self.answered_request, rows, enabled=enabled)

    def save_model(
        self, request: HttpRequest, obj: Metric, form: ModelForm[Metric], change: Any
    ) -> None:
        """Save it; say which rules go to sleep with it."""
        super().save_model(request, obj, form, change)
        if "enabled" in form.changed_data:
            self._tell_rules(request, [obj], enabled=obj.enabled)

    def _tell_rules(self, request: HttpRequest, rows: list[Metric], *, enabled: bool) -> None:
        """Nobody takes a family from rules without being told of which."""
        readers = readers_of([row.name for row in rows])
        for name, rules in sorted(readers.items()):
            refresh_findings(rules)
            if not enabled:
                values = {"metric": name, "rules": display.some([str(one) for one in rules], 20)}
                message = _(
                    "Enabled rules read %(metric)s; they are dormant and fire for nothing until "
                    "it is enabled again: %(rules)s."
                )
                self.message_user(request, message % values, messages.WARNING)

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
            readers = readers_of([obj.name]).get(obj.name, [])
            look = self._look_at(request, obj, readers)
            context |= {**series_of(obj, self.live), **refused(obj, self.live), "look": look}
        return super().render_change_form(request, context, add, change, form_url, obj)

    def _look_at(self, request: HttpRequest, row: Metric, readers: list[Rule]) -> dict[str, Any]:
        """Its chart; of a family with very many series, the first say which labels there are."""
        from zerostate_monitoring.admin.exploring.metric_chart import chart_of

        live = self.live.series_of(family_of(row), MOST_LOOKED_AT)
        return chart_of(row, request.GET.dict(), readers, [one.labels for one in live])

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
        return value_of(row, live)

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
            return name_of(OWN) if on_page else display.EMPTY
        producers = set(live.producers)
        if len(producers) == 1:
            return display.breakable(name_of(*producers))
        return _("%(n)d producers") % {"n": len(producers)}

    # -- fields of the page of one family --------------------------------------

    @admin.display(description=gettext_lazy("help"))
    def help_text(self, row: Metric) -> str:
        """What the family says."""
        return in_words(row.help)

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
