"""The numbers around a transition, from history or from the server that has them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from zerostate_monitoring.alerting.evidence.packing import Line, Pack, Part
from zerostate_monitoring.alerting.operands import belongs, operands
from zerostate_monitoring.conf import conf
from zerostate_monitoring.exceptions import QueryError
from zerostate_monitoring.promql.data import Matrix, Run
from zerostate_monitoring.promql.querier import Options, Querier
from zerostate_monitoring.promql.query import parse

BEFORE_MS: Final = 30 * 60_000
AFTER_MS: Final = 15 * 60_000
MOST_LINES: Final = 20
"""Series of one part that are kept; an aggregation's inputs may be thousands."""
SECONDS: Final = 5.0

_LEAST_STEP_MS: Final = 15_000
_MOST_POINTS: Final = 200


@dataclass(frozen=True, slots=True)
class Asked:
    """What was answered for one expression: for each part its text and all its series."""

    start_ms: int
    end_ms: int
    step_ms: int
    parts: tuple[tuple[str, tuple[Run, ...], str], ...]


def ask(asked: Querier, expr: str, at_ms: int, until_ms: int) -> Asked:
    """The expression and its operands around ``at_ms``, but no later than ``until_ms``.

    A part without an answer costs the others nothing.

    Raises:
        StoreError, SourceError: whoever has the numbers is away.
    """
    step = step_ms()
    start = at_ms - BEFORE_MS // step * step
    end = at_ms + min(AFTER_MS, max(until_ms - at_ms, 0)) // step * step
    texts = (expr, *operands(parse(expr).expr))
    return Asked(start, end, step, tuple(_part(asked, text, start, end, step) for text in texts))


def step_ms() -> int:
    """How far apart the values are: as the columns of history, if those are not too many."""
    least = (BEFORE_MS + AFTER_MS) // _MOST_POINTS
    column = _LEAST_STEP_MS if conf.PROMETHEUS_URL else round(conf.HISTORY_INTERVAL_SECONDS * 1000)
    column = max(column, 1)
    return max(1, -(-least // column)) * column


def _part(
    asked: Querier, text: str, start: int, end: int, step: int
) -> tuple[str, tuple[Run, ...], str]:
    try:
        value = asked.range(text, start, end, step, Options(SECONDS)).value
    except QueryError as error:
        return text, (), str(error)
    return text, value.runs if isinstance(value, Matrix) else (), ""


def chosen(asked: Asked, labels: Mapping[str, str], own: Collection[str]) -> Pack:
    """What of an answer belongs to the alert with ``labels``, of which ``own`` are the rule's."""
    parts = tuple(
        Part(text, *_lines(run for run in runs if belongs(run.labels, labels, own)), problem)
        for text, runs, problem in asked.parts
    )
    return Pack(asked.start_ms, asked.end_ms, asked.step_ms, parts)


def _lines(runs: Iterable[Run]) -> tuple[tuple[Line, ...], int]:
    found = list(runs)
    lines = tuple(
        Line(dict(run.labels), run.times.tolist(), run.values.tolist())
        for run in found[:MOST_LINES]
    )
    return lines, len(found) - len(lines)


def merged(before: Pack, after: Pack) -> Pack:
    """Evidence that is completed: what was kept before where history has it no longer."""
    if after.is_empty:
        return before
    known = {part.expr: part for part in before.parts}
    parts = tuple(_better(known.get(part.expr), part) for part in after.parts)
    return Pack(min(before.start_ms, after.start_ms), after.end_ms, after.step_ms, parts)


def _better(before: Part | None, after: Part) -> Part:
    if before is None or not before.lines:
        return after
    if not after.lines:
        return before
    lines = tuple(_joined(line, before.lines) for line in after.lines)
    seen = [dict(line.labels) for line in after.lines]
    gone = tuple(line for line in before.lines if dict(line.labels) not in seen)
    room = max(MOST_LINES - len(lines), 0)
    return Part(after.expr, lines + gone[:room], max(before.more, after.more), after.problem)


def _joined(line: Line, before: Iterable[Line]) -> Line:
    """A line with the values before its first that were kept."""
    for one in before:
        if one.labels == line.labels and line.times:
            early = [
                (at, v) for at, v in zip(one.times, one.values, strict=True) if at < line.times[0]
            ]
            times = [*(at for at, _ in early), *line.times]
            return Line(line.labels, times, [*(v for _, v in early), *line.values])
    return line
