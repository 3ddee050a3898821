"""What stands on the page of one family beside its chart: live series, and who was refused."""

from __future__ import annotations

from typing import Any, Final

from django.utils.translation import gettext as _

from zerostate_monitoring.admin import display
from zerostate_monitoring.admin.live import (
    IN_HISTORY_ALONE,
    ON_THE_PAGE_ALONE,
    Live,
    LiveSeries,
    age_of,
)
from zerostate_monitoring.admin.metric_state import PLANNED, family_of
from zerostate_monitoring.admin.metric_words import name_of, quantity_of
from zerostate_monitoring.admin.node_state import node_notes
from zerostate_monitoring.admin.refusals import refusals_of
from zerostate_monitoring.models import Collector, Metric

MOST_SERIES: Final = 50
MOST_REFUSALS: Final = 20


def series_of(row: Metric, live: Live) -> dict[str, Any]:
    """Its first series with value, age and producer, and how many there are."""
    found = live.families.get(family_of(row))
    series = [
        {
            "name": one.name,
            "labels": display.labels_text(one.labels),
            "value": _value(row, one),
            "age": display.age(age_of(one.at)),
            "producer": name_of(one.producer),
        }
        for one in live.series_of(family_of(row), MOST_SERIES)
    ]
    producers = [] if found is None else sorted({name_of(p) for p in found.producers})
    return {
        "series": series,
        "series_total": 0 if found is None else found.series,
        "producers": producers[:MOST_SERIES],
        "producers_total": len(producers),
        "no_series": why_none(row),
    }


def _value(row: Metric, one: LiveSeries) -> str:
    """How many observations there were has no unit, whatever was measured."""
    is_count = one.name.endswith(("_count", "_bucket"))
    return display.number(one.value) if is_count else quantity_of(row, one.value)


def why_none(row: Metric) -> str:
    """Why it has no live series."""
    if row.name in ON_THE_PAGE_ALONE:
        return _("Its value is known when the page is made; see it on /metrics.")
    if row.name in IN_HISTORY_ALONE:
        return _("It stands in history alone; ask for it in PromQL.")
    if planned := PLANNED.get(row.name):
        return _("There are none yet: it is planned to be fed by %s.") % planned
    return _("There are none now.")


def refused(row: Metric, live: Live) -> dict[str, Any]:
    """Who offers it and may not give it."""
    collectors = Collector.objects.exclude(refused={}).values_list("name", "refused")
    nodes = node_notes() if live.up else {}
    found = refusals_of(row.name, collectors, nodes)
    more = max(len(found) - MOST_REFUSALS, 0)
    return {"refusals": found[:MOST_REFUSALS], "refusals_more": more}
