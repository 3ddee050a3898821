"""The values of a picture for the script that shows them: few bytes, and a bound on them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Any, Final

from zerostate_monitoring.charts.lines import COLOURS, MOST, Frame, Line, extent_of
from zerostate_monitoring.charts.thinning import runs_of, thinned
from zerostate_monitoring.charts.units import axis_scales, scales_of, worded

MOST_VALUES: Final = 10_000
"""So many values of all series are sent; of more, the lowest and highest of each part."""
_LONGEST: Final = 300


def packed(series: Sequence[Line], frame: Frame) -> dict[str, Any]:
    """What the script reads. Times are counted from the start in ``unit_ms``.

    Each series has runs without a gap: its first time, the steps to each next one (a single
    number where all are alike), and the values.
    """
    shown = series[:MOST]
    columns = max(MOST_VALUES // (2 * max(len(shown), 1)), 1)
    found = [
        thinned(runs_of(one.points, frame.step_ms), frame.start_ms, frame.end_ms, columns)
        for one in shown
    ]
    unit = math.gcd(*(at - frame.start_ms for runs in found for run in runs for at, _ in run)) or 1
    low, high = extent_of(shown, frame)
    return {
        "start": frame.start_ms,
        "end": frame.end_ms,
        "step": frame.step_ms,
        "unit_ms": unit,
        "low": low,
        "high": high,
        "zone": getattr(frame.zone, "key", "UTC"),
        "scales": worded(scales_of(frame.unit), frame.words),
        "axis": worded(axis_scales(frame.unit), frame.words),
        "decimal": frame.words.decimal,
        "limits": [limit for limit in frame.thresholds if math.isfinite(limit)],
        "series": [
            {
                "name": one.name[:_LONGEST],
                "colour": COLOURS[at],
                "runs": [_run(run, frame.start_ms, unit) for run in runs],
            }
            for at, (one, runs) in enumerate(zip(shown, found, strict=True))
        ],
    }


def _run(run: Sequence[tuple[int, float]], start_ms: int, unit: int) -> list[Any]:
    places = [(at - start_ms) // unit for at, _ in run]
    steps = [after - before for before, after in pairwise(places)]
    values = [_short(value) for _, value in run]
    alike = steps[0] if steps and len(set(steps)) == 1 else None
    return [places[0], steps if alike is None and steps else alike or 1, values]


def _short(value: float) -> float | int:
    """Six digits: more than anybody tells apart on a screen."""
    short = float(f"{value:.6g}")
    return int(short) if short.is_integer() and abs(short) < 1e15 else short
