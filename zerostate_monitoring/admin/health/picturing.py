"""The last hours of all components as a picture."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from zerostate_monitoring.admin.chart_words import chart_words
from zerostate_monitoring.charts.timeline import Bar, Row, Span, timeline
from zerostate_monitoring.conf import conf
from zerostate_monitoring.exceptions import MonitoringError
from zerostate_monitoring.health.states import Status
from zerostate_monitoring.models.words import in_words
from zerostate_monitoring.promql.data import Matrix, Run
from zerostate_monitoring.promql.querier import Options
from zerostate_monitoring.querying import querier

_SPAN_MS: Final = 3 * 3_600_000
_LEAST_MS: Final = 15 * 60_000
_TIMEOUT: Final = Options(timeout_seconds=2.0)
_FAMILY: Final = "zerostate_monitoring_health_status"


@dataclass(frozen=True, slots=True)
class Picture:
    """The last hours, or why there is no picture."""

    svg: SafeString | str = ""
    problem: str = ""


def picture(names: Sequence[str], now: datetime) -> Picture:
    """Each component's status over the last hours, by what workers found."""
    if conf.HISTORY <= 0 and not conf.PROMETHEUS_URL:
        return Picture(problem=_("No history is kept here: ZEROSTATE_MONITORING_HISTORY is 0."))
    step_ms = max(round(conf.HISTORY_INTERVAL_SECONDS * 1000), 15_000)
    end_ms = int(now.timestamp() * 1000) // step_ms * step_ms
    span_ms = _span_ms()
    try:
        asked = f"max by (component, status) ({_FAMILY}) == 1"
        result = querier().range(asked, end_ms - span_ms, end_ms, step_ms, _TIMEOUT)
    except MonitoringError as error:
        return Picture(problem=in_words(str(error)))
    runs = result.value.runs if isinstance(result.value, Matrix) else ()
    rows = _rows(runs, names, step_ms)
    if not rows:
        return Picture(problem=_("No worker has told of health in this time."))
    first = min(bar.start_ms for row in rows for bar in row.bars)
    # A young history is not pressed against the edge.
    start = max(end_ms - span_ms, min(first, end_ms - _LEAST_MS))
    zone = timezone.get_current_timezone()
    said = chart_words()
    span = Span(start, end_ms + step_ms, first, zone, width=1100, margin=130, said=said)
    told = ngettext(
        "Status of %d component over time", "Status of %d components over time", len(rows)
    )
    # Made of numbers, known words and escaped names alone.
    return Picture(mark_safe(timeline(rows, span, most=60, told=told % len(rows))))  # noqa: S308


def _span_ms() -> int:
    kept = _SPAN_MS if conf.PROMETHEUS_URL else round(conf.HISTORY * 1000)
    return min(_SPAN_MS, max(kept, 60_000))


def _rows(runs: Sequence[Run], names: Sequence[str], step_ms: int) -> list[Row]:
    """A row for each component: those that the page shows in its order, then others."""
    bars: dict[str, list[Bar]] = {}
    for run in runs:
        labels = dict(run.labels)
        status = labels.get("status", "")
        if status in set(Status):
            spans = _spans(run.times.tolist(), step_ms)
            found = bars.setdefault(labels.get("component", ""), [])
            found += [Bar(start, end, status) for start, end in spans]
    order = [*(name for name in names if name in bars), *sorted(set(bars) - set(names))]
    return [Row(name, tuple(sorted(bars[name], key=lambda bar: bar.start_ms))) for name in order]


def _spans(times: Sequence[int], step_ms: int) -> Iterator[tuple[int, int]]:
    """Where instants follow each other without a gap, as spans."""
    start = last = None
    for at in times:
        if start is None or last is None:
            start = at
        elif at - last > step_ms:
            yield start, last + step_ms
            start = at
        last = at
    if start is not None and last is not None:
        yield start, last + step_ms
