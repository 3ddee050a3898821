"""Series of an answer as a figure: those that matter first, each named by what only it has."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from django.utils import timezone
from django.utils.safestring import SafeString

from zerostate_monitoring.admin.exploring.windows import Window
from zerostate_monitoring.admin.figures import figure
from zerostate_monitoring.charts.lines import Frame, Line
from zerostate_monitoring.charts.text import NAMELESS, series_name, short_names
from zerostate_monitoring.charts.timeline import Bar
from zerostate_monitoring.promql.data import Run


@dataclass(frozen=True, slots=True)
class Picture:
    """What is around the lines."""

    title: str
    unit: str = ""
    thresholds: tuple[float, ...] = ()
    spans: tuple[Bar, ...] = ()
    note: str = ""


def drawn(runs: Sequence[Run], window: Window, picture: Picture, *, name: str) -> SafeString:
    """The figure of series; empty where none has a number."""
    ordered = sorted(runs, key=partial(_rank, limits=picture.thresholds))
    common, names = short_names([run.labels for run in ordered])
    # What has no labels left is all that the picture says it is.
    named = [line_of(run, text if text != NAMELESS else picture.title)
             for run, text in zip(ordered, names, strict=True)]  # fmt: skip
    return figure_of(named, window, picture, name=name, common=common)


def figure_of(
    lines: Sequence[Line], window: Window, picture: Picture, *, name: str, common: str = ""
) -> SafeString:
    """The figure of lines that have their names; ``common`` is what the names leave out."""
    frame = Frame(
        start_ms=window.start_ms,
        end_ms=window.end_ms,
        step_ms=window.step_ms,
        zone=timezone.get_current_timezone(),
        thresholds=picture.thresholds,
        spans=picture.spans,
        unit=picture.unit,
        title=picture.title,
    )
    caption = f"{picture.title} · {common}" if common and common not in picture.title else ""
    return figure(lines, frame, name=name, zoom=True, caption=caption, note=picture.note)


def line_of(run: Run, name: str) -> Line:
    """A series as a line."""
    points = list(zip(run.times.tolist(), run.values.tolist(), strict=True))
    return Line(name, points, series_name(run.labels))


def _rank(run: Run, limits: Sequence[float]) -> tuple[float, float]:
    """Nearest to a limit first, then the highest: only the first series have a line."""
    value = float(run.values[-1])
    if not math.isfinite(value):
        return math.inf, math.inf
    return min((abs(value - limit) for limit in limits), default=0.0), -value
