"""A small picture of one series as PNG, for mail: drawn here, for mail shows no SVG.

Lines and figures are strokes with soft edges on twice as many dots as the picture is wide, so
it is sharp on every screen. It has a light ground of its own, whatever lies around it.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

import numpy as np
import numpy.typing as npt

from zerostate_monitoring.charts.glyphs import GRID_HEIGHT, written
from zerostate_monitoring.charts.plot import Label, Plot, plot
from zerostate_monitoring.charts.scale import Point

DENSITY: Final = 2
"""Dots per unit of width."""

_Colour = tuple[int, int, int]
_Array = npt.NDArray[np.float64]
_GROUND: Final = (255, 255, 255)
_EDGE: Final = (204, 204, 221)
_GRID: Final = (238, 238, 238)
_TEXT: Final = (85, 102, 119)
_LINE: Final = (34, 102, 238)
_ALARM: Final = (221, 34, 34)
_SHADES: Final = (17, 51)
"""Distances of shades, each of which divides 255; the colours above are multiples of the first.
The second leaves 216 colours at most."""
_PLACES: Final = np.array([65_536, 256, 1])
_TEXT_HEIGHT: Final = 8.0
_DASH: Final = (5.0, 4.0)


def png(
    points: Sequence[Point],
    *,
    threshold: float | None = None,
    width: int = 480,
    height: int = 120,
) -> bytes:
    """The picture, ``DENSITY`` times as many dots as asked for; empty without a number."""
    drawn = plot(points, threshold=threshold, width=width, height=height)
    if drawn is None:
        return b""
    canvas = Canvas(width, height)
    canvas.frame(_EDGE)
    for y in (drawn.bottom, *(one.y for one in drawn.levels)):
        canvas.stroke([(drawn.left, y), (drawn.right, y)], 0.6, _GRID)
    _draw_lines(canvas, drawn)
    _draw_threshold(canvas, drawn)
    for label in (*drawn.levels, *drawn.times):
        canvas.text(label, _TEXT)
    return canvas.encoded()


class Canvas:
    """Dots that are painted over; places and widths are in units, not dots."""

    def __init__(self, width: int, height: int) -> None:
        shape = (height * DENSITY, width * DENSITY, 3)
        self._dots: Final = np.full(shape, _GROUND, dtype=np.float64)

    def stroke(self, points: Sequence[tuple[float, float]], width: float, colour: _Colour) -> None:
        """A line through ``points`` with round ends."""
        half = width * DENSITY / 2
        line = np.array(points, dtype=np.float64) * DENSITY
        # Only the dots around the line are looked at.
        left, top = np.maximum(line.min(axis=0) - half - 1, 0).astype(int)
        right, bottom = np.maximum(line.max(axis=0) + half + 2, 0).astype(int)
        dots = self._dots[top:bottom, left:right]
        cover = np.zeros(dots.shape[:2])
        line -= (left, top)
        for one, other in pairwise(line if len(line) > 1 else np.repeat(line, 2, axis=0)):
            _cover(cover, one, other, half)
        _paint(dots, cover, colour)

    def area(self, points: Sequence[tuple[float, float]], bottom: float, colour: _Colour) -> None:
        """A faint ground between a line and ``bottom``."""
        xs, ys = (np.array(side) * DENSITY for side in zip(*points, strict=True))
        columns = np.arange(int(xs[0]), min(int(xs[-1]) + 1, self._dots.shape[1]))
        if not columns.size:
            return
        tops = np.interp(columns + 0.5, xs, ys)
        rows = np.arange(self._dots.shape[0])[:, None] + 0.5
        cover = np.where((rows > tops) & (rows < bottom * DENSITY), 0.12, 0.0)
        _paint(self._dots[:, columns[0] : columns[-1] + 1], cover, colour)

    def text(self, label: Label, colour: _Colour) -> None:
        """A text whose middle lies at the label's height."""
        strokes, width = written(label.text)
        unit = _TEXT_HEIGHT / GRID_HEIGHT
        shift = {"start": 0.0, "middle": width / 2, "end": width}[label.anchor]
        left, top = label.x - shift * unit, label.y - _TEXT_HEIGHT / 2
        for stroke in strokes:
            self.stroke([(left + x * unit, top + y * unit) for x, y in stroke], 1.15, colour)

    def frame(self, colour: _Colour) -> None:
        """A line around all."""
        for edge in (np.s_[:1], np.s_[-1:], np.s_[:, :1], np.s_[:, -1:]):
            self._dots[edge] = colour

    def encoded(self) -> bytes:
        """The dots as PNG."""
        indices, palette = _with_palette(self._dots)
        height, width = indices.shape
        # Each row begins with its filter: none.
        rows = np.zeros((height, width + 1), dtype=np.uint8)
        rows[:, 1:] = indices
        header = struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)
        body = zlib.compress(rows.tobytes(), 9)
        parts = ((b"IHDR", header), (b"PLTE", palette), (b"IDAT", body), (b"IEND", b""))
        return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(*part) for part in parts)


def _with_palette(dots: _Array) -> tuple[npt.NDArray[np.uint8], bytes]:
    """Dots as indices of at most 256 colours, a third of the size, and these colours.

    Soft edges make many shades that nobody can tell apart; they are brought together.
    """
    for step in _SHADES:
        rounded = np.rint(dots / step).astype(np.int64) * step
        # One number for each colour: rows of three take twenty times as long to compare.
        codes, indices = np.unique(rounded @ _PLACES, return_inverse=True)
        if len(codes) <= 256:
            break
    palette = codes[:, None] // _PLACES % 256
    return indices.reshape(dots.shape[:2]).astype(np.uint8), palette.astype(np.uint8).tobytes()


def _cover(cover: _Array, one: _Array, other: _Array, half: float) -> None:
    """Raise ``cover`` to what a line between two points covers of each dot."""
    reach = half + 1
    left, top = np.maximum(np.minimum(one, other) - reach, 0).astype(int)
    right, bottom = np.maximum(np.maximum(one, other) + reach + 1, 0).astype(int)
    part = cover[top:bottom, left:right]
    across = np.arange(left, left + part.shape[1])[None, :] + 0.5 - one[0]
    down = np.arange(top, top + part.shape[0])[:, None] + 0.5 - one[1]
    dx, dy = other - one
    along = np.clip((across * dx + down * dy) / max(dx**2 + dy**2, 1e-12), 0, 1)
    distance = np.hypot(across - along * dx, down - along * dy)
    np.maximum(part, np.clip(half + 0.5 - distance, 0, 1), out=part)


def _paint(dots: _Array, cover: _Array, colour: _Colour) -> None:
    share = cover[:, :, None]
    dots[:] = dots * (1 - share) + np.array(colour) * share


def _draw_lines(canvas: Canvas, drawn: Plot) -> None:
    for run in drawn.lines:
        if len(run) > 1:
            canvas.area(run, drawn.bottom, _LINE)
        canvas.stroke(run, 1.8 if len(run) > 1 else 3.5, _LINE)
    canvas.stroke([drawn.lines[-1][-1]], 5, _LINE)


def _draw_threshold(canvas: Canvas, drawn: Plot) -> None:
    if drawn.threshold is None:
        return
    y, x = drawn.threshold.y, drawn.left
    dash, gap = _DASH
    while x < drawn.right:
        canvas.stroke([(x, y), (min(x + dash, drawn.right), y)], 1.2, _ALARM)
        x += dash + gap
    lift = 9 if y < drawn.top + 12 else -8
    canvas.text(Label(drawn.right - 2, y + lift, drawn.threshold.text, "end"), _ALARM)


def _chunk(kind: bytes, body: bytes) -> bytes:
    check = zlib.crc32(kind + body)
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", check)
