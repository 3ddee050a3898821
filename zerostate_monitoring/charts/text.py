"""Text on a terminal: what it takes of a line, and nothing that steers the terminal."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Final

Labels = tuple[tuple[str, str], ...]

NAMELESS: Final = "{}"
"""What a series without any label is called."""


def printable(text: str) -> str:
    """``text`` with whatever is no character to be seen written out."""
    if text.isprintable():
        return text
    return "".join(
        one if one.isprintable() else one.encode("unicode_escape").decode() for one in text
    )


def width(text: str) -> int:
    """How many columns ``text`` takes."""
    if text.isascii():
        return len(text)
    return sum(_columns(one) for one in text)


def fitted(text: str, columns: int, *, ellipsis: str = "…", right: bool = False) -> str:
    """``text`` in exactly so many columns: cut or padded, at the left with ``right``."""
    if width(text) > columns:
        text = _cut(text, columns - width(ellipsis)) + ellipsis
    padding = " " * (columns - width(text))
    return padding + text if right else text + padding


def number(value: float) -> str:
    """A value as people read it: ten digits at most."""
    if math.isfinite(value):
        return f"{value:.10g}"
    return "NaN" if math.isnan(value) else f"{value:+}".replace("inf", "Inf")


def series_name(labels: Labels) -> str:
    """A series as PromQL writes it."""
    name = next((value for label, value in labels if label == "__name__"), "")
    others = [(label, value) for label, value in labels if label != "__name__"]
    inside = ", ".join(f'{label}="{_escaped(value)}"' for label, value in others)
    return printable(name + (f"{{{inside}}}" if inside or not name else ""))


def short_names(series: Sequence[Labels]) -> tuple[str, list[str]]:
    """What all series have in common as PromQL writes it, and what tells each from the others.

    That is the value of one label where a single one does, else all labels that differ. One
    series alone, or one that has no more than the others, keeps its whole name.
    """
    shared = set.intersection(*map(set, series)) if series else set()
    rests = [tuple(pair for pair in labels if pair not in shared) for labels in series]
    if len(series) < 2 or not all(rests):
        return "", [series_name(labels) for labels in series]
    common = tuple(pair for pair in series[0] if pair in shared)
    name = _telling(rests)
    short = [printable(dict(one)[name]) if name else series_name(one) for one in rests]
    return series_name(common) if common else "", short


def _telling(series: Sequence[Labels]) -> str:
    """The first label whose values are there in all series and nowhere the same."""
    for name, _value in series[0]:
        values = {dict(labels).get(name, "") for labels in series}
        if len(values) == len(series) and "" not in values:
            return name
    return ""


def table(rows: Iterable[Sequence[str]], *, right: int, gap: int = 2) -> list[str]:
    """Rows in columns as wide as their widest cell; those from column ``right`` on the right."""
    cells = [[printable(cell) for cell in row] for row in rows]
    widths = [max(map(width, column)) for column in zip(*cells, strict=True)]
    return [
        (" " * gap)
        .join(
            fitted(cell, columns, right=place >= right)
            for place, (cell, columns) in enumerate(zip(row, widths, strict=True))
        )
        .rstrip()
        for row in cells
    ]


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def _columns(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def _cut(text: str, columns: int) -> str:
    taken = 0
    for place, character in enumerate(text):
        taken += _columns(character)
        if taken > columns:
            return text[:place]
    return text
