"""Numbers and places as text, as Prometheus writes them."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import Final

_LONG: Final = 6
"""From this power of ten on there is an exponent."""


def spelled(value: float) -> str:
    """The shortest decimal that reads back as the same float, without an exponent.

    Source: Go's ``strconv.FormatFloat(value, 'f', -1, 64)``.
    """
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    text = repr(value)
    if "e" in text:
        text = f"{Decimal(text):f}"
    return text.removesuffix(".0")


def line_and_column(text: str, position: int) -> str:
    """A position in ``text``, both from 1; columns count bytes."""
    lines = text[:position].encode(errors="replace").split(b"\n")
    return f"{len(lines)}:{len(lines[-1]) + 1}"


def general(value: float) -> str:
    """The shortest decimal that reads back as the same float, with an exponent if it is long.

    Source: Go's verb ``%g``.
    """
    if not math.isfinite(value):
        return spelled(value)
    digits = Decimal(repr(value)).normalize()
    if -4 <= digits.adjusted() < _LONG:
        return spelled(value)
    return f"{value:.{len(digits.as_tuple().digits) - 1}e}"
