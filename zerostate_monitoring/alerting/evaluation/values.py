"""Values of alerts, as text and as columns hold them."""

from __future__ import annotations

import math


def text_of(value: float) -> str:
    """The shortest text that gives the value again; ``NaN``, ``+Inf`` and ``-Inf`` as in PromQL."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)


def column_of(value: float) -> float | None:
    """The value as a row holds it: NaN is none there."""
    return None if math.isnan(value) else value
