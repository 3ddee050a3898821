"""In which state a family is: decided once, for the column and for its filter."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Final

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy

from zerostate_monitoring.admin.live import IN_HISTORY_ALONE, ON_THE_PAGE_ALONE, Live, live_for
from zerostate_monitoring.catalogue import CATALOGUE
from zerostate_monitoring.catalogue.definition import Feed, Kind
from zerostate_monitoring.conf import conf
from zerostate_monitoring.models import Metric
from zerostate_monitoring.models.metric import OF_A_SCRAPE

STATES: Final = {
    "fed": ("good", gettext_lazy("fed")),
    "stale": ("warn", gettext_lazy("stale")),
    "never": ("none", gettext_lazy("never seen")),
    "planned": ("none", gettext_lazy("planned")),
    "disabled": ("off", gettext_lazy("disabled")),
    "withdrawn": ("bad", gettext_lazy("withdrawn")),
}
"""Tone and word of each state."""

PLANNED: Final = {d.name: d.planned for d in CATALOGUE if d.planned}
"""Families that nothing feeds yet, and what will."""


def family_of(row: Metric) -> str:
    """The OpenMetrics name of the row's family."""
    return row.name.removesuffix("_total") if row.kind == Kind.COUNTER else row.name


def state_of(row: Metric, live: Live) -> str:
    """Which of ``STATES`` a family is in."""
    if row.withdrawn_at is not None:
        return "withdrawn"
    if not row.enabled and not row.always_on:
        return "disabled"
    if is_fed(row, live):
        return "fed"
    if row.name in PLANNED:
        return "planned"
    return "never" if row.last_seen_at is None else "stale"


def is_fed(row: Metric, live: Live) -> bool:
    """Whether the family has samples now, on the page or in history."""
    return family_of(row) in live.families or row.name in _elsewhere(live)


def _elsewhere(live: Live) -> frozenset[str]:
    """Families that are fed, though the store's frames have none of them."""
    if not live.enabled:
        return frozenset()
    return ON_THE_PAGE_ALONE | (IN_HISTORY_ALONE if conf.HISTORY > 0 else frozenset())


class StateFilter(admin.SimpleListFilter):
    """Choose families by state."""

    title = gettext_lazy("state")
    parameter_name = "state"

    def lookups(
        self, request: HttpRequest, model_admin: admin.ModelAdmin[Any]
    ) -> list[tuple[str, Any]]:
        """All states in their order."""
        return [(state, word) for state, (_tone, word) in STATES.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Metric]) -> QuerySet[Metric]:
        """The families in the chosen state; the same decisions as ``state_of``."""
        state = self.value()
        if state not in STATES:
            return queryset
        if state == "withdrawn":
            return queryset.exclude(withdrawn_at=None)
        present = queryset.filter(withdrawn_at=None)
        disabled = Q(enabled=False) & ~_ALWAYS_ON
        if state == "disabled":
            return present.filter(disabled)
        present = present.exclude(disabled)
        fed = _fed(live_for(request))
        if state == "fed":
            return present.filter(fed)
        present = present.exclude(fed)
        if state == "planned":
            return present.filter(name__in=PLANNED)
        unfed = present.exclude(name__in=PLANNED)
        return unfed.filter(last_seen_at__isnull=state == "never")


_ALWAYS_ON: Final = Q(feeds=[Feed.SELF.value]) | Q(name__in=OF_A_SCRAPE)
"""``Metric.always_on`` for the database."""


def _fed(live: Live) -> Q:
    """``is_fed`` for the database."""
    families: Collection[str] = live.families
    counters = [f"{family}_total" for family in families]
    fed = Q(kind=Kind.COUNTER, name__in=counters) | (~Q(kind=Kind.COUNTER) & Q(name__in=families))
    return fed | Q(name__in=_elsewhere(live))
