"""Figures and a few letters as strokes, on a grid of 4 by 6 whose origin is at the top left."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

Stroke = Sequence[tuple[float, float]]

GRID_HEIGHT: Final = 6.0
_GAP: Final = 1.7
_SPACE: Final = 2.0

_STROKES: Final = {
    "0": "1,0 3,0 4,1 4,5 3,6 1,6 0,5 0,1 1,0",
    "1": "0.4,1.3 2,0 2,6",
    "2": "0,1.2 0.4,0.4 1.2,0 2.8,0 3.6,0.4 4,1.2 4,2 3.6,2.8 0,6 4,6",
    "3": "0,0.8 1,0 3,0 4,0.9 4,2 3,2.9 1.6,2.9|3,2.9 4,3.8 4,5 3,6 1,6 0,5.2",
    "4": "3,6 3,0 0,4.2 4,4.2",
    "5": "3.7,0 0.4,0 0.2,2.8 1,2.3 3,2.3 4,3.3 4,5 3,6 1,6 0,5.2",
    "6": "3.7,0.7 3,0 1,0 0,1 0,5 1,6 3,6 4,5 4,3.6 3,2.6 1,2.6 0,3.6",
    "7": "0,0 4,0 1.4,6",
    "8": "1,0 3,0 4,0.9 4,2 3,2.9 1,2.9 0,2 0,0.9 1,0|1,2.9 0,3.8 0,5.1 1,6 3,6 4,5.1 4,3.8 3,2.9",
    "9": "0.3,5.3 1,6 3,6 4,5 4,1 3,0 1,0 0,1 0,2.4 1,3.4 3,3.4 4,2.4",
    ".": "0.2,5.9 0.3,5.9",
    ":": "0.2,1.9 0.3,1.9|0.2,4.7 0.3,4.7",
    "-": "0.4,3 3.2,3",
    "+": "0.2,3 3.8,3|2,1.2 2,4.8",
    "e": "0,4 4,4 4,3.1 3,2.1 1,2.1 0,3.1 0,5 1,6 3.4,6",
    "k": "0,0 0,6|3.2,2.2 0,4.5|1.3,3.6 3.4,6",
    "M": "0,6 0,0 2,3.2 4,0 4,6",
    "G": "4,1 3,0 1,0 0,1 0,5 1,6 3,6 4,5 4,3.2 2.3,3.2",
    "T": "0,0 4,0|2,0 2,6",
    "U": "0,0 0,5 1,6 3,6 4,5 4,0",
    "C": "4,1 3,0 1,0 0,1 0,5 1,6 3,6 4,5",
}


def _read(text: str) -> tuple[Stroke, ...]:
    return tuple(
        tuple((float(x), float(y)) for x, y in (point.split(",") for point in stroke.split()))
        for stroke in text.split("|")
    )


GLYPHS: Final = {character: _read(text) for character, text in _STROKES.items()}


def written(text: str) -> tuple[list[Stroke], float]:
    """The strokes of a text and its width; what has no strokes is a space."""
    strokes: list[Stroke] = []
    at = 0.0
    for character in text:
        glyph = GLYPHS.get(character)
        if glyph is None:
            at += _SPACE + _GAP
            continue
        strokes += [[(x + at, y) for x, y in stroke] for stroke in glyph]
        at += max(x for stroke in glyph for x, _ in stroke) + _GAP
    return strokes, max(at - _GAP, 0.0)
