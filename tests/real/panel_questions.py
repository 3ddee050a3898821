"""What panels ask, as requests to a query API; and all that history holds, as rows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from zerostate_monitoring.generators.dashboards.known import RECORDED
from zerostate_monitoring.generators.dashboards.panels import placed, resolved
from zerostate_monitoring.generators.dashboards.records import of_rules
from zerostate_monitoring.generators.dashboards.values import Source
from zerostate_monitoring.promql.data import NAME, STALE_BITS
from zerostate_monitoring.promql.nodes import Matcher
from zerostate_monitoring.querying import storage

SPAN_SECONDS = 300
STEP_SECONDS = 60
INTERVAL_SECONDS = 15
RECORDS = of_rules(RECORDED.items())
"""What dashboards ask where all built-in rules are evaluated."""


@dataclass(frozen=True)
class Question:
    """One query of a panel at one time."""

    key: str
    path: str
    parameters: dict[str, str]


def questions(now: float) -> Iterator[Question]:
    """Instant questions as they are, others over the last five minutes."""
    for dashboard, _, panel in placed():
        for place, query in enumerate(panel.queries):
            if query.source is not Source.PROMETHEUS:
                continue
            key = f"{dashboard.uid}/{panel.title}/{place}"
            asked = {"query": RECORDS.asked(resolved(query, dashboard))}
            if query.instant:
                yield Question(key, "query", {**asked, "time": f"{now}"})
                continue
            span = {"start": f"{now - SPAN_SECONDS}", "end": f"{now}", "step": f"{STEP_SECONDS}"}
            yield Question(key, "query_range", {**asked, **span})


def log_questions(now: float) -> Iterator[Question]:
    """What is asked of Loki, as Grafana puts it: of this moment, or over the last five minutes."""
    for dashboard, _, panel in placed():
        for place, query in enumerate(panel.queries):
            if query.source is not Source.LOKI:
                continue
            expr = resolved(query, dashboard)
            expr = expr.replace("$__range", f"{SPAN_SECONDS}s")
            asked = {"query": expr.replace("$__interval", f"{INTERVAL_SECONDS}s")}
            key = f"{dashboard.uid}/{panel.title}/{place}"
            if query.instant:
                yield Question(key, "query", {**asked, "time": f"{now}"})
                continue
            span = {
                "start": f"{now - SPAN_SECONDS}",
                "end": f"{now}",
                "step": f"{INTERVAL_SECONDS}",
            }
            yield Question(key, "query_range", {**asked, **span})


def every_row(now: float) -> Iterator[Any]:
    """Labels, times (ms) and values of each series of the last hours."""
    stale = np.array([STALE_BITS], dtype=np.int64).view(np.float64)[0]
    end = int(now * 1000)
    for block in _blocks(end):
        for place, labels in enumerate(block.series.labels):
            present = _column(block.present, place, default=True, size=len(block.times))
            ended = _column(block.stale, place, default=False, size=len(block.times))
            values = np.where(ended, stale, block.values[:, place])
            kept = present | ended
            yield labels, block.times[kept].tolist(), values[kept]


def _blocks(end: int) -> Iterator[Any]:
    """What is kept of a day and some more; then all of the last two hours.

    The oldest first: a Prometheus takes nothing that is much older than what it has.
    """
    recent = end - 7_200_000
    yield from storage().select([Matcher(NAME, "=~", ".+:.+")], end - 90_000_000, recent)
    yield from storage().select([Matcher(NAME, "=~", ".+")], recent, end)


def _column(mask: Any, place: int, *, default: bool, size: int) -> Any:
    return np.full(size, default) if mask is None else np.asarray(mask)[:, place].astype(bool)
