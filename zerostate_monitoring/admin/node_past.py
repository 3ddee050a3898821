"""How long scrapes of nodes took in the last hour: one question for all rows of a list."""

from __future__ import annotations

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
_SPAN_MS: Final = 3_600_000
_STEP_MS: Final = 60_000
_TIMEOUT: Final = Options(timeout_seconds=1.0)


def latencies(names: Sequence[str], now_ms: int) -> Mapping[str, SafeString]:
    """A small line for each node that history knows; none where nobody remembers or answers."""
    if not names or (conf.HISTORY <= 0 and not conf.PROMETHEUS_URL):
        return {}
    text = "|".join(re2.escape(name) for name in names)
    asked = f"max by (node) ({_FAMILY}{{{format_matcher(Matcher('node', '=~', text))}}})"
    end = now_ms // _STEP_MS * _STEP_MS
    try:
        result = querier().range(asked, end - _SPAN_MS, end, _STEP_MS, _TIMEOUT)
    except MonitoringError:
        # The list says so already where the store is away; its rows need no line.
        return {}
    runs = result.value.runs if isinstance(result.value, Matrix) else ()
    return {name: _line(run) for run in runs if (name := dict(run.labels).get("node", ""))}


def _line(run: Run) -> SafeString:
    points = list(zip(run.times.tolist(), run.values.tolist(), strict=True))
    name = _("Time of each scrape in the last hour")
    # Made of numbers and an escaped name alone.
    return mark_safe(spark(points, name=name, step_ms=_STEP_MS))  # noqa: S308
