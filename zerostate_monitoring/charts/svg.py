"""A small picture of one series as SVG, for pages: no script, no style sheet, no outside."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Final

from zerostate_monitoring.charts.plot import Label, Plot, plot
from zerostate_monitoring.charts.scale import Point

_LINE: Final = "#3b82f6"
_ALARM: Final = "#dc2626"
_FONT: Final = "font-family='system-ui,sans-serif' font-size='11'"


def svg(
    points: Sequence[Point],
    *,
    threshold: float | None = None,
    title: str = "",
    width: float = 480,
    height: float = 120,
) -> str:
    """The picture; empty without a number. ``title`` is for readers who do not see it.

    Texts and the grid have the colour of the text around it, so it suits dark pages, too.
    """
    drawn = plot(points, threshold=threshold, width=width, height=height)
    if drawn is None:
        return ""
    name = escape(title, quote=True)
    head = f"<svg xmlns='http://www.w3.org/2000/svg' role='img' aria-label='{name}' {_FONT}"
    size = f" viewBox='0 0 {width:g} {height:g}' width='{width:g}' height='{height:g}'>"
    parts = [
        head + size,
        f"<title>{escape(title)}</title>" if title else "",
        *_grid(drawn),
        *_lines(drawn),
        *_threshold(drawn),
        "</svg>",
    ]
    return "".join(parts)


def _grid(drawn: Plot) -> list[str]:
    faint = "stroke='currentColor' stroke-opacity='0.15'"
    found = [_level(drawn, y, faint) for y in (drawn.bottom, *(one.y for one in drawn.levels))]
    return [*found, *(_text(one) for one in (*drawn.levels, *drawn.times))]


def _lines(drawn: Plot) -> list[str]:
    found = []
    for run in drawn.lines:
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in run)
        if len(run) == 1:
            found.append(
                f"<circle cx='{run[0][0]:.1f}' cy='{run[0][1]:.1f}' r='2' fill='{_LINE}'/>"
            )
            continue
        area = f"{run[0][0]:.1f},{drawn.bottom:.1f} {path} {run[-1][0]:.1f},{drawn.bottom:.1f}"
        found.append(f"<polygon points='{area}' fill='{_LINE}' fill-opacity='0.12'/>")
        found.append(
            f"<polyline points='{path}' fill='none' stroke='{_LINE}' stroke-width='1.8'"
            " stroke-linejoin='round' stroke-linecap='round'/>"
        )
    return found


def _threshold(drawn: Plot) -> list[str]:
    if drawn.threshold is None:
        return []
    line = _level(drawn, drawn.threshold.y, f"stroke='{_ALARM}' stroke-dasharray='5 4'")
    lift = 8 if drawn.threshold.y < drawn.top + 12 else -7
    label = Label(drawn.threshold.x - 2, drawn.threshold.y + lift, drawn.threshold.text, "end")
    return [line, _text(label, _ALARM)]


def _level(drawn: Plot, y: float, how: str) -> str:
    return f"<line x1='{drawn.left:g}' x2='{drawn.right:g}' y1='{y:.1f}' y2='{y:.1f}' {how}/>"


def _text(label: Label, colour: str = "currentColor") -> str:
    return (
        f"<text x='{label.x:.1f}' y='{label.y:.1f}' dy='0.35em' fill='{colour}'"
        f" text-anchor='{label.anchor}'>{escape(label.text)}</text>"
    )
