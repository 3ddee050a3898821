"""What may stand next in an expression: metrics, functions, labels and their values."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any, Final

import re2
from django.utils.translation import gettext as _

from zerostate_monitoring.catalogue import CATALOGUE
from zerostate_monitoring.catalogue.definition import Kind
from zerostate_monitoring.exceptions import MonitoringError
from zerostate_monitoring.models.words import in_words
from zerostate_monitoring.promql.functions import AGGREGATIONS, FUNCTIONS
from zerostate_monitoring.promql.labels import METRIC_NAME
from zerostate_monitoring.promql.nodes import Matcher
from zerostate_monitoring.promql.querier import Matchers, Window
from zerostate_monitoring.querying import querier

MOST: Final = 100
_HOUR_MS: Final = 3_600_000
_LONGEST: Final = 300
_HELP: Final = 90
_PARTS: Final = {Kind.HISTOGRAM: ("_bucket", "_sum", "_count"), Kind.SUMMARY: ("_sum", "_count")}


def words() -> list[tuple[str, str, str]]:
    """Name, kind and help of what every installation knows."""
    return [*_metrics(), *_functions()]


def kinds() -> dict[str, str]:
    """What each kind is called."""
    return {
        "metric": _("metric"),
        "function": _("function"),
        "aggregation": _("aggregation"),
        "counter": _("counter"),
        "gauge": _("gauge"),
        "histogram": _("histogram"),
        "summary": _("summary"),
    }


def _metrics() -> Iterator[tuple[str, str, str]]:
    for one in CATALOGUE:
        if not one.planned:
            for part in _PARTS.get(one.kind, ("",)):
                yield one.name + part, str(one.kind), in_words(one.help)[:_HELP]


def _functions() -> Iterator[tuple[str, str, str]]:
    for name in sorted(AGGREGATIONS):
        yield name, "aggregation", ""
    for name in sorted(FUNCTIONS):
        yield name, "function", ""


def completions(kind: str, metric: str, label: str, prefix: str) -> dict[str, Any]:
    """Names, labels of a metric or values of a label that begin as ``prefix``; at most ``MOST``.

    Where nobody can tell, ``problem`` says so.
    """
    now = time.time_ns() // 1_000_000
    window = Window(now - _HOUR_MS, now)
    try:
        return {"items": list(_found(kind, metric, label, prefix[:_LONGEST], window))[:MOST]}
    except MonitoringError:
        return {"items": [], "problem": _("Nothing can be suggested: the store does not answer.")}


def _found(kind: str, metric: str, label: str, prefix: str, window: Window) -> Iterator[str]:
    begun = re2.escape(prefix) + ".*"
    if kind == "names":
        selector: Matchers = (Matcher(METRIC_NAME, "=~", begun),)
        items = querier().label_values(METRIC_NAME, (selector,), window, MOST).items
    elif kind == "labels":
        items = querier().label_names(_of(metric), window).items
        items = tuple(one for one in items if one != METRIC_NAME and one.startswith(prefix))
    else:
        starts = (*(_of(metric)[0] if metric else ()), Matcher(label, "=~", begun))
        items = querier().label_values(label, (starts,), window, MOST).items
    yield from (one for one in items if len(one) <= _LONGEST)


def _of(metric: str) -> tuple[Matchers, ...]:
    return ((Matcher(METRIC_NAME, "=", metric),),) if metric else ()
