"""How long answers of nodes took in the last hour: one question for all rows of a list.

A node that is down is not fast: while it gave no page, there is a gap.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Final

import re2
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from zerostate_monitoring.charts.spark import spark
from zerostate_monitoring.conf import conf
from zerostate_monitoring.exceptions import MonitoringError
from zerostate_monitoring.promql.data import Matrix, Run
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
    these = format_matcher(Matcher("node", "=~", text))
    asked = f"max by (node) ({_FAMILY}{{{these}}} and on (node) ({_UP}{{{these}}} == 1))"
    end = now_ms // _STEP_MS * _STEP_MS
    try:
        result = querier().range(asked, end - _SPAN_MS, end, _STEP_MS, _TIMEOUT)
    except MonitoringError:
        # The list says so already where the store is away; its rows need no line.
        return {}
    runs = result.value.runs if isinstance(result.value, Matrix) else ()
    return {name: _line(run, end) for run in runs if (name := dict(run.labels).get("node", ""))}


def _line(run: Run, end_ms: int) -> SafeString:
    points = list(zip(run.times.tolist(), run.values.tolist(), strict=True))
    if points[-1][0] < end_ms:
        # Where it gives no answer any more, the line ends before its picture does.
        points.append((end_ms, math.nan))
    name = _("Time of each answer in the last hour")
    # Made of numbers and an escaped name alone.
    return mark_safe(spark(points, name=name, step_ms=_STEP_MS))  # noqa: S308
