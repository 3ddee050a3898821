"""How long answers of nodes took in the last hour: one question for all rows of a list.

A node that is down is not fast: while it gave no page, there is a gap.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Final

import re2
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from zerostate_monitoring.charts.spark import spark
from zerostate_monitoring.conf import conf
from zerostate_monitoring.exceptions import MonitoringError
from zerostate_monitoring.promql.data import NAME, Matrix, Run
from zerostate_monitoring.promql.matchers import format_matcher
from zerostate_monitoring.promql.nodes import Matcher
from zerostate_monitoring.promql.querier import Options
from zerostate_monitoring.querying import querier

_FAMILY: Final = "zerostate_node_scrape_duration_seconds"
_UP: Final = "zerostate_node_up"
_SPAN_MS: Final = 3_600_000
_STEP_MS: Final = 60_000
_TIMEOUT: Final = Options(timeout_seconds=1.0)


def latencies(names: Sequence[str], now_ms: int) -> Mapping[str, SafeString]:
    """A small line for each node that history knows; none where nobody remembers or answers."""
    if not names or (conf.HISTORY <= 0 and not conf.PROMETHEUS_URL):
        return {}
    text = "|".join(re2.escape(name) for name in names)
    # One selector: where history is young, each asks the database twice.
    families = format_matcher(Matcher(NAME, "=~", f"{_FAMILY}|{_UP}"))
    asked = f"{{{families}, {format_matcher(Matcher('node', '=~', text))}}}"
    end = now_ms // _STEP_MS * _STEP_MS
    try:
        result = querier().range(asked, end - _SPAN_MS, end, _STEP_MS, _TIMEOUT)
    except MonitoringError:
        # The list says so already where the store is away; its rows need no line.
        return {}
    runs = result.value.runs if isinstance(result.value, Matrix) else ()
    return {node: _line(points, end) for node, points in _while_up(runs).items()}


def _while_up(runs: Sequence[Run]) -> dict[str, list[tuple[int, float]]]:
    """By node, how long its answers took (s) at times (ms) at which it was up."""
    found: defaultdict[tuple[str, str], dict[int, float]] = defaultdict(dict)
    for run in runs:
        labels = dict(run.labels)
        known = found[labels[NAME], labels.get("node", "")]
        for at, value in zip(run.times.tolist(), run.values.tolist(), strict=True):
            known[at] = max(value, known.get(at, value))
    lines = {}
    for (family, node), took in found.items():
        up = found.get((_UP, node), {})
        points = [(at, took[at]) for at in sorted(took) if up.get(at) == 1]
        if family == _FAMILY and node and points:
            lines[node] = points
    return lines


def _line(points: list[tuple[int, float]], end_ms: int) -> SafeString:
    if points[-1][0] < end_ms:
        # Where it gives no answer any more, the line ends before its picture does.
        points.append((end_ms, math.nan))
    name = _("Time of each answer in the last hour")
    # Made of numbers and an escaped name alone.
    return mark_safe(spark(points, name=name, step_ms=_STEP_MS))  # noqa: S308
