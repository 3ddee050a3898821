"""Numbers as Prometheus's JSON spells them."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import Final

import orjson

from zerostate_monitoring.promql.data import Floats

_LARGE: Final = 1e21
_SMALL: Final = 1e-6


def sample(value: float) -> str:
    """A sample's value: shortest digits, with an exponent below 1e-6 and from 1e21."""
    text = repr(value)
    if text.endswith(".0"):
        return text[:-2]
    if "e" not in text and "n" not in text:
        return text
    return text if _has_exponent(value) else plain(value)


def samples(values: Floats) -> list[str]:
    """As ``sample``, of many: orjson writes the same digits, and is ten times as fast."""
    numbers = values.tolist()
    written = orjson.dumps(numbers)[1:-1].decode().split(",") if numbers else []
    return [
        text[:-2]
        if text[-2:] == ".0"
        else text
        if "e" not in text and text != "null"
        else sample(number)
        for text, number in zip(written, numbers, strict=True)
    ]


def plain(value: float) -> str:
    """A scalar's value: shortest digits, never an exponent."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    text = format(Decimal(repr(value)), "f")
    return text.removesuffix(".0")


def seconds(milliseconds: int) -> int | float:
    """An instant in seconds: a whole number where it is one."""
    whole, rest = divmod(milliseconds, 1000)
    return milliseconds / 1000 if rest else whole


def _has_exponent(value: float) -> bool:
    size = abs(value)
    return math.isfinite(value) and (size < _SMALL or size >= _LARGE)
