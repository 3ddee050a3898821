"""What an expression gave over a window of time, as a picture; bounded, and never in the way."""

from __future__ import annotations

import math
import operator
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from zerostate_monitoring.admin import display
from zerostate_monitoring.admin.exploring.units import unit_of
from zerostate_monitoring.admin.figures import cut, figure
from zerostate_monitoring.alerting.advising import advised
from zerostate_monitoring.charts.lines import Frame, Line
from zerostate_monitoring.charts.text import NAMELESS, series_name, short_names
from zerostate_monitoring.charts.timeline import Bar
from zerostate_monitoring.conf import conf
from zerostate_monitoring.exceptions import MonitoringError
from zerostate_monitoring.frames.exemplar import Labels
from zerostate_monitoring.models import Alert
from zerostate_monitoring.promql.data import Matrix, Run
from zerostate_monitoring.promql.nodes import Binary, Expr, Number, ValueType
from zerostate_monitoring.promql.operators import COMPARISONS
from zerostate_monitoring.promql.printer import format_expr
from zerostate_monitoring.promql.querier import Options
from zerostate_monitoring.promql.query import parse
from zerostate_monitoring.promql.tree import unwrapped
from zerostate_monitoring.querying import querier

HOUR_S: Final = 3600
_MOST_POINTS: Final = 480
"""Of one line: more are not seen apart."""
_TIMEOUT: Final = Options(timeout_seconds=2.0)
_LONGEST: Final = 120


@dataclass(frozen=True, slots=True)
class Chart:
    """A picture of ``expr``, or why there is none."""

    expr: str
    picture: SafeString | str = ""
    problem: str = ""
    series: int = 0
    window: tuple[int, int] = (0, 0)
    """From and until when (ms)."""


@dataclass(frozen=True, slots=True)
class Compared:
    """What is compared, and with which number; no number where an expression is not that.

    ``beside`` are the words (``and``, ``or``, ``unless``) after which an expression says more.
    """

    expr: str
    threshold: float | None = None
    op: str = ""
    beside: tuple[str, ...] = ()

    def holds(self, value: float) -> bool:
        """Whether a value would fire."""
        return self.threshold is not None and _HOLDS[self.op](value, self.threshold)


_HOLDS: Final[dict[str, Callable[[float, float], bool]]] = {
    ">": operator.gt, ">=": operator.ge, "<": operator.lt, "<=": operator.le,
    "==": operator.eq, "!=": operator.ne,
}  # fmt: skip
_TURNED: Final = {">": "<", ">=": "<=", "<": ">", "<=": ">="}


_SETS: Final = frozenset({"and", "or", "unless"})


def compared(expr: str) -> Compared:
    """What an expression compares with a number, if it is one such comparison."""
    return _compared(unwrapped(parse(expr).expr)) or Compared(expr)


def leading(expr: str) -> Compared:
    """The first comparison with a number of an expression that may say more after it.

    Left of ``and``, ``or`` and ``unless`` stands what gives the value; where that is no such
    comparison the expression is taken whole.
    """
    node, beside = unwrapped(parse(expr).expr), list[str]()
    while isinstance(node, Binary) and node.op in _SETS:
        beside.insert(0, node.op)
        node = unwrapped(node.left)
    found = _compared(node)
    return Compared(expr) if found is None else replace(found, beside=tuple(dict.fromkeys(beside)))


def _compared(tree: Expr) -> Compared | None:
    if not isinstance(tree, Binary) or tree.op not in COMPARISONS:
        return None
    left, right, op = unwrapped(tree.left), unwrapped(tree.right), tree.op
    if isinstance(left, Number):
        left, right, op = right, left, _TURNED.get(op, op)
    if not isinstance(right, Number) or left.type is not ValueType.VECTOR:
        return None
    return Compared(format_expr(left), right.value, op)


def remark_of(asked: Compared) -> str:
    """What a picture of the first comparison leaves out; nothing where that is all."""
    if not asked.beside:
        return ""
    said = _(
        "Drawn is the first comparison of the expression alone; what stands after %(words)s "
        "decides as well."
    )
    return said % {"words": ", ".join(f"“{word}”" for word in asked.beside)}


def chart_of(
    expr: str,
    end_ms: int | None = None,
    *,
    span_s: int = HOUR_S,
    bars: Iterable[Bar] = (),
    name: str = "",
    only: Callable[[Labels], bool] | None = None,
) -> Chart:
    """What ``expr`` compares over a window, with the threshold; ``bars`` are bands behind it.

    A series without labels is called by the ``name`` of the rule. Where ``only`` is true of any
    series, the others are left out.
    """
    end_ms = time.time_ns() // 1_000_000 if end_ms is None else end_ms
    try:
        asked = leading(expr)
        step_ms = _step_ms(span_s)
        end_ms = end_ms // step_ms * step_ms
        start_ms = end_ms - span_s * 1000
        result = querier().range(asked.expr, start_ms, end_ms, step_ms, _TIMEOUT)
    except MonitoringError as error:
        return Chart(expr, problem=advised(error))
    runs = result.value.runs if isinstance(result.value, Matrix) else ()
    if not runs:
        said = _("No series in the last %(span)s.") % {"span": display.age(span_s)}
        return Chart(asked.expr, problem=said)
    runs = tuple(run for run in runs if only is None or only(run.labels)) or runs
    limit = asked.threshold
    frame = Frame(
        start_ms=start_ms,
        end_ms=end_ms,
        step_ms=step_ms,
        zone=timezone.get_current_timezone(),
        thresholds=() if limit is None or not math.isfinite(limit) else (limit,),
        unit=unit_of(asked.expr),
        spans=joined(bars, start_ms, end_ms),
        title=_title(asked.expr, span_s),
    )
    drawn = figure(
        _lines(_nearest(runs, asked), name or asked.expr),
        frame,
        name="chart-of-rule",
        caption=_title(cut(asked.expr, _LONGEST), span_s),
        note=remark_of(asked),
    )
    return Chart(asked.expr, drawn, series=len(runs), window=(start_ms, end_ms))


def _title(expr: str, span_s: int) -> str:
    return _("%(expr)s in the last %(span)s") % {"expr": expr, "span": display.age(span_s)}


def _step_ms(span_s: int) -> int:
    """A multiple of what history has, so wide that a line has points that are seen apart."""
    column = max(round(conf.HISTORY_INTERVAL_SECONDS * 1000), 15_000)
    return column * max(1, -(-span_s * 1000 // (_MOST_POINTS * column)))


def bars_of(alerts: Iterable[Alert]) -> Iterator[Bar]:
    """When they waited and fired, as it is recorded."""
    now = timezone.now()
    for alert in alerts:
        end = alert.ended_at or now
        if (alert.fired_at or end) > alert.started_at:
            yield Bar(_ms(alert.started_at), _ms(alert.fired_at or end), "pending")
        if alert.fired_at is not None:
            yield Bar(_ms(alert.fired_at), _ms(end), "firing")


def _ms(at: datetime) -> int:
    return round(at.timestamp() * 1000)


def joined(bars: Iterable[Bar], start_ms: int, end_ms: int) -> tuple[Bar, ...]:
    """The bands of many alerts as one: where any of them fires, and where one only waits."""
    known, found = list(bars), list[Bar]()
    for kind in ("pending", "firing"):
        within = (bar for bar in _of_kind(known, kind) if bar.end_ms > start_ms)
        for bar in sorted(within, key=lambda one: one.start_ms):
            last = found[-1] if found and found[-1].kind == kind else None
            if last is not None and bar.start_ms <= last.end_ms:
                found[-1] = replace(last, end_ms=max(last.end_ms, bar.end_ms))
            else:
                found.append(replace(bar, start_ms=max(bar.start_ms, start_ms)))
    return tuple(replace(bar, end_ms=min(bar.end_ms, end_ms)) for bar in found)


def _of_kind(bars: Iterable[Bar], kind: str) -> list[Bar]:
    """Those of one kind."""
    return [bar for bar in bars if bar.kind == kind]


def _nearest(runs: tuple[Run, ...], asked: Compared) -> list[Run]:
    """Series that would fire come first, then those nearest to the threshold, or highest."""

    def key(run: Run) -> tuple[bool, float]:
        last = float(run.values[-1])
        if not math.isfinite(last):
            return True, math.inf
        limit = asked.threshold
        return not asked.holds(last), -last if limit is None else abs(last - limit)

    return sorted(runs, key=key)


def _lines(runs: list[Run], name: str) -> list[Line]:
    """Each with its times and values, named by what only it has; without labels by ``name``."""
    _common, names = short_names([run.labels for run in runs])
    return [
        Line(
            name if text == NAMELESS else text,
            list(zip(run.times.tolist(), run.values.tolist(), strict=True)),
            series_name(run.labels),
        )
        for run, text in zip(runs, names, strict=True)
    ]
