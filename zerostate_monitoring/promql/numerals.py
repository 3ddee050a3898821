"""Numbers of PromQL, read and written as Go does."""

from __future__ import annotations

import math
import re
from decimal import Decimal
from typing import Final

_DIGITS: Final = r"[0-9](?:_?[0-9])*"
_DECIMAL: Final = re.compile(
    rf"(?:{_DIGITS}(?:\.(?:{_DIGITS})?)?|\.{_DIGITS})(?:[eE][+-]?{_DIGITS})?"
)
_OCTAL: Final = re.compile(r"0(?:_?[0-7])*")
_HEXADECIMAL: Final = re.compile(r"0[xX](?:_?[0-9a-fA-F])+")
_MAX_INTEGER: Final = (1 << 63) - 1
_SPECIAL: Final = {"inf": math.inf, "nan": math.nan}


def parse_number(text: str) -> float | None:
    """The value of ``text``: decimal, hexadecimal or octal, ``Inf`` or ``NaN``.

    ``None`` where it is no number or too large for one. As in Go a leading zero makes an
    octal number of digits that allow it, and underscores may separate digits.
    """
    if (special := _SPECIAL.get(text.lower())) is not None:
        return special
    if _HEXADECIMAL.fullmatch(text):
        return _integer(text, 16)
    if _OCTAL.fullmatch(text) and (octal := _integer(text, 8)) is not None:
        return octal
    if not _DECIMAL.fullmatch(text):
        return None
    value = float(text.replace("_", ""))
    return None if math.isinf(value) else value


def _integer(text: str, base: int) -> float | None:
    value = int(text.replace("_", ""), base)
    return float(value) if value <= _MAX_INTEGER else None


def format_number(value: float) -> str:
    """The shortest digits that give ``value`` again, without an exponent."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    return f"{Decimal(repr(value)):f}".removesuffix(".0")


def round_half_away(value: float) -> int:
    """The integer next to ``value``; halves go away from zero, as in Go."""
    whole = math.trunc(value)
    return whole + int(math.copysign(abs(value - whole) >= 0.5, value))
