"""Values with their unit, as people read them: 250 ms, 1.5 GiB, 12 %, 1.25k."""

from __future__ import annotations

import math
from typing import Final

from zerostate_monitoring.charts.words import ENGLISH, Words

Scales = tuple[tuple[float, str], ...]
"""Sizes of a unit with their words, the largest first; the word stands after the number."""

_COUNTS: Final[Scales] = ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"), (1.0, ""))
_TABLES: Final[dict[str, Scales]] = {
    "seconds": (
        (86_400.0, " d"), (3600.0, " h"), (60.0, " min"), (1.0, " s"),
        (1e-3, " ms"), (1e-6, " µs"), (1e-9, " ns"),
    ),
    "bytes": (
        (2.0**40, " TiB"), (2.0**30, " GiB"), (2.0**20, " MiB"), (2.0**10, " KiB"), (1.0, " B"),
    ),
    "ratio": ((0.01, " %"),),
}  # fmt: skip


def scales_of(unit: str) -> Scales:
    """How values of a unit are written: ``bytes/s`` is per second; others have their name."""
    if unit == "seconds/s":
        return _TABLES["ratio"]
    name, slash, per = unit.partition("/")
    if name in _TABLES:
        return tuple((size, word + slash + per) for size, word in _TABLES[name])
    rest = unit if slash and not name else f" {unit}" if unit else ""
    return tuple((size, word + rest) for size, word in _COUNTS)


def axis_scales(unit: str) -> Scales:
    """As ``scales_of``; the name of a unit that has no sign is left to the caption."""
    return _COUNTS if named(unit) else scales_of(unit)


def named(unit: str) -> str:
    """The unit where an axis does not show it."""
    is_shown = unit == "seconds/s" or unit.partition("/")[0] in {"", *_TABLES}
    return "" if is_shown else unit


def scale_for(value: float, scales: Scales) -> tuple[float, str]:
    """The size in which a value is best written."""
    size = abs(value)
    if not size or not math.isfinite(size):
        return next((one for one in scales if one[0] == 1.0), scales[-1])
    return next((one for one in scales if size >= one[0]), scales[-1])


def worded(scales: Scales, words: Words) -> Scales:
    """The same sizes with the words of a language."""
    return tuple((size, words.unit(word)) for size, word in scales)


def told(value: float, unit: str = "", words: Words = ENGLISH) -> str:
    """A value in few characters."""
    if not math.isfinite(value):
        return {math.inf: "+Inf", -math.inf: "−Inf"}.get(value, "NaN")
    size, word = scale_for(value, scales_of(unit))
    return f"{words.number(f'{value / size:.4g}')}{words.unit(word)}".replace("-", "−")
