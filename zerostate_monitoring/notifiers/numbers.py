"""Numbers and times as messages write them. Pure."""

from __future__ import annotations

import math
from datetime import datetime
from typing import Final

_UNITS: Final = (("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1))


def number(value: float) -> str:
    """A value for reading: four digits, thousands apart."""
    if not math.isfinite(value):
        return "NaN" if math.isnan(value) else ("+Inf" if value > 0 else "-Inf")
    if 1_000 <= abs(value) < 1e15:
        return f"{value:,.0f}"
    return f"{value:.4g}"


def duration(seconds: float) -> str:
    """A time span in its two largest units, such as ``1h 5m``."""
    left = max(round(seconds), 0)
    parts: list[str] = []
    for unit, size in _UNITS:
        if left >= size or (unit == "s" and not parts):
            parts.append(f"{left // size}{unit}")
            left %= size
        elif parts:
            break
    return " ".join(parts[:2])


def instant(at: datetime) -> str:
    """An instant as all messages write it; ``at`` is in UTC."""
    return f"{at:%Y-%m-%d %H:%M:%S} UTC"
