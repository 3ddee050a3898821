"""Answers and errors as lines for a terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Final

from zerostate_monitoring.charts.terminal import ASCII, BRAILLE, Frame, chart
from zerostate_monitoring.charts.text import number, printable, series_name, table, width
from zerostate_monitoring.exceptions import QuerySyntaxError
from zerostate_monitoring.promql.data import NAME, Matrix, Result, Run, Sample, Scalar, Text, Vector

MAX_PICTURES: Final = 10
_DAY_MS: Final = 86_400_000
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Screen:
    """Where it is shown: its columns, whether it has more than ASCII, its time zone."""

    columns: int
    unicode: bool
    zone: tzinfo


@dataclass(frozen=True, slots=True)
class Span:
    """The range that was asked for, in milliseconds; a step of 0 joins all points."""

    start_ms: int
    end_ms: int
    step_ms: int


def lines(result: Result, screen: Screen, span: Span | None = None) -> Iterator[str]:
    """The answer, line by line."""
    match result.value:
        case Scalar(at_ms, value):
            yield number(value)
        case Text(at_ms, text):
            yield printable(text)
        case Vector(at_ms, samples):
            yield from _table(samples, screen)
            yield f"{_counted(len(samples))} at {clock(at_ms, screen.zone)}"
        case Matrix(runs):
            yield from _pictures(runs, screen, span or _span_of(runs))
            yield _counted(len(runs))


def remarks(result: Result) -> list[str]:
    """What is to be said about the answer."""
    return [printable(text) for text in (*result.warnings, *result.infos)]


def pointed(error: QuerySyntaxError, text: str) -> str:
    """A syntax error under its place in the query."""
    if error.end == 0:
        return error.message
    before = text[: error.start]
    line, column = before.count("\n"), len(before) - before.rfind("\n") - 1
    shown = (text.split("\n") or [""])[line]
    first = printable(shown[:column])
    length = min(error.end - error.start, len(shown) - column)
    mark = " " * width(first) + "^" * max(length, 1)
    return f"{error.message}\n\n  {printable(shown)}\n  {mark}"


def clock(at_ms: int, zone: tzinfo) -> str:
    """An instant to the second, with its zone; milliseconds where no calendar reaches."""
    try:
        at = (_EPOCH + timedelta(milliseconds=at_ms)).astimezone(zone)
    except OverflowError:
        return f"{at_ms} ms"
    return at.isoformat(sep=" ", timespec="seconds")


def _counted(series: int) -> str:
    return "1 series" if series == 1 else f"{series or 'no'} series"


def _table(samples: Sequence[Sample], screen: Screen) -> Iterator[str]:
    """A column for each label, or for the series where that is too wide."""
    if not samples:
        return
    rows = _by_label(samples)
    drawn = table(rows, right=len(rows[0]) - 1)
    if max(map(width, drawn)) > screen.columns:
        drawn = table(_by_series(samples), right=1)
    yield from drawn


def _by_label(samples: Sequence[Sample]) -> list[list[str]]:
    labels = [dict(sample.labels) for sample in samples]
    names = sorted({name for one in labels for name in one}, key=lambda name: (name != NAME, name))
    head = ["name" if name == NAME else name for name in names]
    found = zip(labels, samples, strict=True)
    body = [[*(one.get(name, "") for name in names), number(s.value)] for one, s in found]
    return [[*head, "value"], *body]


def _by_series(samples: Sequence[Sample]) -> list[list[str]]:
    body = [[series_name(sample.labels), number(sample.value)] for sample in samples]
    return [["series", "value"], *body]


def _pictures(runs: Sequence[Run], screen: Screen, span: Span) -> Iterator[str]:
    style = BRAILLE if screen.unicode else ASCII
    frame = Frame(span.start_ms, span.end_ms, span.step_ms, screen.columns)
    tell = _short_clock(span, screen.zone)
    for run in runs[:MAX_PICTURES]:
        yield series_name(run.labels)
        points = list(zip(run.times.tolist(), run.values.tolist(), strict=True))
        yield from chart(points, frame, style, tell)
        yield ""
    rest = runs[MAX_PICTURES:]
    if rest:
        body = [[series_name(run.labels), number(float(run.values[-1]))] for run in rest]
        yield from table([["series without a picture", "last"], *body], right=1)


def _short_clock(span: Span, zone: tzinfo) -> Callable[[int], str]:
    """Times of day, with their day where the span is long."""
    form = "%H:%M:%S" if span.end_ms - span.start_ms < _DAY_MS else "%Y-%m-%d %H:%M"

    def tell(at_ms: int) -> str:
        try:
            return (_EPOCH + timedelta(milliseconds=at_ms)).astimezone(zone).strftime(form)
        except (OverflowError, ValueError):
            return f"{at_ms} ms"

    return tell


def _span_of(runs: Sequence[Run]) -> Span:
    ends = [(int(run.times[0]), int(run.times[-1])) for run in runs if len(run.times)]
    if not ends:
        return Span(0, 0, 0)
    start, end = min(first for first, _ in ends), max(last for _, last in ends)
    return Span(start, end, end - start)
