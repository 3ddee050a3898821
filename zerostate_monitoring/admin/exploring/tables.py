"""An answer at one instant as the rows of a table."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from django.utils.translation import gettext as _

from zerostate_monitoring.admin import display, words
from zerostate_monitoring.admin.chart_words import chart_words
from zerostate_monitoring.charts.text import Labels, printable, series_name
from zerostate_monitoring.charts.units import scale_for, scales_of, told
from zerostate_monitoring.promql.data import NAME, Matrix, Result, Sample, Scalar, Text

MOST_ROWS: Final = 200
_MOST_COLUMNS: Final = 6
_LONGEST: Final = 80
_WHOLE: Final = 10_000


@dataclass(frozen=True, slots=True)
class Cell:
    """A text, and the whole of it where it was cut."""

    text: str
    whole: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """Column heads, rows of cells with the value behind them, and how many rows there are."""

    heads: tuple[str, ...]
    rows: tuple[tuple[tuple[Cell, ...], str, str], ...]
    total: int


def cell(text: str) -> Cell:
    """A text from outside: what cannot be seen is written out, and what is long is cut."""
    shown = printable(text)
    if len(shown) <= _LONGEST:
        return Cell(shown)
    return Cell(shown[: _LONGEST - 1] + "…", shown[:_WHOLE])


def table_of(result: Result, unit: str) -> Table:
    """The series of an answer, a column for each label where there are few."""
    found = _samples(result)
    names = _names([labels for labels, _value, _at in found[:MOST_ROWS]])
    by_label = len(names) <= _MOST_COLUMNS
    heads = tuple(_("metric") if name == NAME else name for name in names)
    rows = tuple(
        (_cells(labels, names, by_label=by_label), value, at)
        for labels, value, at in _told(found[:MOST_ROWS], unit)
    )
    return Table(heads if by_label else (_("series"),), rows, len(found))


def _samples(result: Result) -> list[tuple[Labels, float | str, int | None]]:
    match result.value:
        case Scalar(at_ms, value):
            return [((), value, at_ms)]
        case Text(at_ms, text):
            return [((), text, at_ms)]
        case Matrix(runs):
            pairs = [(run.labels, run.times.tolist(), run.values.tolist()) for run in runs]
            return [
                (labels, value, at)
                for labels, times, values in pairs[:MOST_ROWS]
                for at, value in zip(times, values, strict=True)
            ]
    samples: Sequence[Sample] = result.value.samples
    return [(one.labels, one.value, None) for one in samples]


def _names(sets: Sequence[Labels]) -> list[str]:
    names = {name for labels in sets for name, _value in labels}
    return sorted(names, key=lambda name: (name != NAME, name))


def _cells(labels: Labels, names: Sequence[str], *, by_label: bool) -> tuple[Cell, ...]:
    if not by_label:
        return (cell(series_name(labels)),)
    known = dict(labels)
    return tuple(cell(known.get(name, "")) for name in names)


def _told(
    found: Sequence[tuple[Labels, float | str, int | None]], unit: str
) -> Sequence[tuple[Labels, str, str]]:
    return [
        (
            labels,
            cell(value).text if isinstance(value, str) else _number(value, unit),
            "" if at is None else words.clock(datetime.fromtimestamp(at / 1000, UTC)),
        )
        for labels, value, at in found
    ]


def _number(value: float, unit: str) -> str:
    """As the chart writes it; as it is behind that, where the chart leaves something out."""
    shown, exact = told(value, unit, chart_words()), display.exact(value)
    same = not math.isfinite(value) or shown == exact or shown == _plain(value, unit)
    return display.held_together(shown if same else f"{shown} ({exact})")


def _plain(value: float, unit: str) -> str:
    """A value in the unit's own size, with all of its digits."""
    word = scale_for(1.0, scales_of(unit))[1] if unit != "ratio" else ""
    return f"{display.exact(value)}{chart_words().unit(word)}"
