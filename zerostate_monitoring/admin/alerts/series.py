"""Series that have one label with one value: now, and in the last hour as small pictures."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _

from zerostate_monitoring.admin import display, words
from zerostate_monitoring.admin.exploring.units import unit_of
from zerostate_monitoring.catalogue.nodes import NODE_SCRAPE_DURATION, NODE_UP
from zerostate_monitoring.charts.scale import Point
from zerostate_monitoring.charts.spark import spark
from zerostate_monitoring.conf import conf
from zerostate_monitoring.exceptions import MonitoringError
from zerostate_monitoring.frames.exemplar import Labels
from zerostate_monitoring.models.words import in_words
from zerostate_monitoring.promql.data import NAME, Matrix, Run
from zerostate_monitoring.promql.querier import Options
from zerostate_monitoring.promql.quoting import quote
from zerostate_monitoring.querying import querier

MOST: Final = 40
_SPAN_MS: Final = 3_600_000
_STEP_MS: Final = 60_000
_OPTIONS: Final = Options(timeout_seconds=1.5)
# Buckets say nothing one by one.
_LEFT_OUT: Final = f'{NAME}!~".+_bucket|ALERTS|ALERTS_FOR_STATE"'


_FIRST: Final = (
    NODE_UP.name,
    "zerostate_peer_connections",
    "zerostate_p2p_peers_connected",
    NODE_SCRAPE_DURATION.name,
)
"""Whether it answers, its peers, and how fast: what one looks for."""


@dataclass(frozen=True, slots=True)
class SeriesFound:
    """Rows of the first series, how many there are, and why there are none."""

    rows: Sequence[Mapping[str, Any]] = ()
    total: int = 0
    problem: str = ""

    @property
    def more(self) -> int:
        """How many are not shown."""
        return self.total - len(self.rows)


def series_with(label: str, value: str) -> SeriesFound:
    """One question with a timeout, and no error."""
    if conf.HISTORY <= 0 and not conf.PROMETHEUS_URL:
        return SeriesFound(problem=_("No history is kept here: ZEROSTATE_MONITORING_HISTORY is 0."))
    end_ms = time.time_ns() // 1_000_000 // 15_000 * 15_000
    text = f"{{{label}={quote(value)}, {_LEFT_OUT}}}"
    try:
        result = querier(long=False).range(text, end_ms - _SPAN_MS, end_ms, _STEP_MS, _OPTIONS)
    except MonitoringError as error:
        return SeriesFound(problem=in_words(str(error)))
    runs = result.value.runs if isinstance(result.value, Matrix) else ()
    if not runs:
        return SeriesFound(problem=_("No series has had it in the last hour."))
    order, up = sorted(runs, key=partial(_place, end_ms=end_ms)), _up(runs)
    return SeriesFound(list(_rows(order[:MOST], (label, value), end_ms, up)), len(order))


def _is_gone(at_ms: int, end_ms: int) -> bool:
    """Whether what was last there at ``at_ms`` is no longer."""
    return at_ms < end_ms - 2 * _STEP_MS


def _place(run: Run, end_ms: int) -> tuple[bool, int, bool, Labels]:
    """What lives first; of that how the node is, then the network's own families."""
    name = dict(run.labels).get(NAME, "")
    rank = _FIRST.index(name) if name in _FIRST else len(_FIRST)
    is_foreign = not name.startswith("zerostate")
    return _is_gone(int(run.times[-1]), end_ms), rank, is_foreign, run.labels


def _up(runs: Sequence[Run]) -> Mapping[str, frozenset[int]]:
    """When each node gave its page. Nodes of which nobody says it are not here."""
    return {
        labels.get("node", ""): frozenset(run.times[run.values == 1].tolist())
        for run in runs
        if (labels := dict(run.labels)).get(NAME) == NODE_UP.name
    }


def _points(run: Run, up: Mapping[str, frozenset[int]]) -> list[Point]:
    """Values by time; how long a scrape took that failed is no latency."""
    labels, points = dict(run.labels), zip(run.times.tolist(), run.values.tolist(), strict=True)
    answered = up.get(labels.get("node", ""))
    if answered is None or labels.get(NAME) != NODE_SCRAPE_DURATION.name:
        return list(points)
    return [(at, number if at in answered else math.nan) for at, number in points]


def _value(points: Sequence[Point], family: str, end_ms: int) -> str:
    at, number = points[-1] if points else (0, math.nan)
    if _is_gone(at, end_ms):
        return _("gone")
    if math.isnan(number):
        return display.EMPTY
    return words.with_unit(number, unit_of(family))


def _rows(
    runs: Sequence[Run],
    asked: tuple[str, str],
    end_ms: int,
    up: Mapping[str, frozenset[int]],
) -> Iterator[Mapping[str, Any]]:
    for run in runs:
        name = dict(run.labels).get(NAME, "")
        others: Labels = tuple(one for one in run.labels if one[0] != NAME and one != asked)
        points = _points(run, up)
        heard = _("%s in the last hour") % name
        yield {
            "name": display.breakable(name),
            "family": name,
            "labels": display.labels_text(others),
            "value": _value(points, name, end_ms),
            # Made of numbers and an escaped name alone.
            "spark": mark_safe(spark(points, name=heard, step_ms=_STEP_MS)),  # noqa: S308
        }
