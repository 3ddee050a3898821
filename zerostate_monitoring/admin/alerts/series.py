"""Series that have one label with one value: now, and in the last hour as small pictures."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _

from zerostate_monitoring.admin import display, words
from zerostate_monitoring.admin.exploring.units import unit_of
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
    order = sorted(runs, key=_place)
    return SeriesFound(list(_rows(order[:MOST], (label, value), end_ms)), len(order))


def _place(run: Run) -> tuple[bool, Labels]:
    """The network's own families first."""
    return not dict(run.labels).get(NAME, "").startswith("zerostate"), run.labels


def _rows(runs: Sequence[Run], asked: tuple[str, str], end_ms: int) -> Iterator[Mapping[str, Any]]:
    for run in runs:
        name = dict(run.labels).get(NAME, "")
        others: Labels = tuple(one for one in run.labels if one[0] != NAME and one != asked)
        points = list(zip(run.times.tolist(), run.values.tolist(), strict=True))
        heard = _("%s in the last hour") % name
        is_there = bool(points) and points[-1][0] >= end_ms - 2 * _STEP_MS
        yield {
            "name": display.breakable(name),
            "family": name,
            "labels": display.labels_text(others),
            "value": words.with_unit(points[-1][1], unit_of(name)) if is_there else _("gone"),
            # Made of numbers and an escaped name alone.
            "spark": mark_safe(spark(points, name=heard, step_ms=_STEP_MS)),  # noqa: S308
        }
