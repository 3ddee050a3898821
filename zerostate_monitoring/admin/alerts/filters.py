"""Filters of the list of alerts. Without a choice those that live are shown."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy

from zerostate_monitoring.models import Alert, Rule
from zerostate_monitoring.models.words import LIVE, AlertState, RuleLayer, Severity, Verdict

Alerts = QuerySet[Alert]

_LIVE: Final = Q(state__in=LIVE)
SHOWN: Final = {
    "firing": (gettext_lazy("firing"), Q(state=AlertState.FIRING)),
    "pending": (gettext_lazy("pending"), Q(state=AlertState.PENDING)),
    "open": (
        gettext_lazy("firing, not acknowledged"),
        Q(state=AlertState.FIRING, acknowledged_at=None),
    ),
    "acknowledged": (gettext_lazy("acknowledged"), _LIVE & Q(acknowledged_at__isnull=False)),
    "unrouted": (gettext_lazy("no receiver"), _LIVE & Q(is_unrouted=True)),
    "ended": (gettext_lazy("ended"), ~_LIVE),
    "all": (gettext_lazy("all"), Q()),
}


class ShowFilter(admin.SimpleListFilter):
    """What is shown; those that live, where nothing is chosen."""

    title = gettext_lazy("state")
    parameter_name = "show"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        """All but the one that is there without a choice."""
        return [(key, title) for key, (title, _condition) in SHOWN.items()]

    def choices(self, changelist: Any) -> Iterator[Any]:
        """The first one says what it is."""
        first, *others = super().choices(changelist)
        yield {**first, "display": gettext_lazy("live")}
        yield from others

    def queryset(self, request: HttpRequest, queryset: Alerts) -> Alerts:
        """The chosen ones."""
        _title, condition = SHOWN.get(self.value() or "", ("", _LIVE))
        return queryset.filter(condition)


class RuleFilter(admin.SimpleListFilter):
    """Of one rule; there by links alone, for a list of a thousand rules is none to choose from."""

    title = gettext_lazy("rule")
    parameter_name = "rule"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        """The rule that was asked for."""
        key = request.GET.get(self.parameter_name, "")
        rule = Rule.objects.filter(pk=int(key)).first() if key.isdecimal() else None
        return [(str(rule.pk), rule.name)] if rule else []

    def queryset(self, request: HttpRequest, queryset: Alerts) -> Alerts:
        """Alerts of the rule."""
        key = self.value() or ""
        return queryset.filter(rule_id=int(key)) if key.isdecimal() else queryset


def _choice(field: str, name: Any, words: Callable[[], Any]) -> type[admin.SimpleListFilter]:
    """A filter by a column that mostly, but not always, holds known words."""

    class ChoiceFilter(admin.SimpleListFilter):
        title = name
        parameter_name = field

        def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
            return words()

        def queryset(self, request: HttpRequest, queryset: Alerts) -> Alerts:
            return queryset.filter(**{field: self.value()}) if self.value() else queryset

    return ChoiceFilter


FILTERS: Final = (
    ShowFilter,
    _choice("severity", gettext_lazy("severity"), lambda: Severity.choices),
    _choice("layer", gettext_lazy("layer"), lambda: RuleLayer.choices),
    _choice("verdict", gettext_lazy("verdict"), lambda: [c for c in Verdict.choices if c[0]]),
    RuleFilter,
)
