"""One value as text, by a verb of Go's ``fmt``.

Source of the rules: ``fmt/format.go`` and ``fmt/print.go`` of Go 1.26.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final

from zerostate_monitoring.promql.quoting import quote
from zerostate_monitoring.rules.templates import dates
from zerostate_monitoring.rules.templates.values import (
    Data,
    Length,
    Moment,
    Named,
    Refusal,
    Sample,
    Value,
    Vector,
    ordered,
    type_name,
)

_BASES: Final = {"d": "d", "v": "d", "b": "b", "o": "o", "O": "o", "x": "x", "X": "X"}
_PREFIXES: Final = {"b": "0b", "o": "0", "x": "0x", "X": "0X"}
_MAX_CODE: Final = 0x10FFFF
_PLAIN_DIGITS: Final = 6


@dataclass(frozen=True, slots=True)
class Spec:
    """What stands between ``%`` and its verb."""

    plus: bool = False
    minus: bool = False
    sharp: bool = False
    space: bool = False
    zero: bool = False
    width: int | None = None
    precision: int | None = None
    syntax: bool = False
    """Whether a value is shown as it would be written in Go: ``%#v``."""


PLAIN: Final = Spec()


def shown(value: Value) -> str:
    """The value as ``%v`` shows it."""
    return by_verb(value, "v", PLAIN)


def by_verb(value: Value, verb: str, spec: Spec) -> str:
    """The value as ``%`` + ``verb`` shows it; a note in its place where that cannot be.

    Raises:
        Refusal: what Go would show is an address in memory, or a form nobody reads.
    """
    if value is None:
        return _pad("<nil>", spec) if verb in {"v", "T"} else f"%!{verb}(<nil>)"
    if verb == "T":
        return _pad(type_name(value), spec)
    if isinstance(value, Moment | Length | Named) and verb in "vsxXq":
        value = value.name if isinstance(value, Named) else dates.spelled(value)
    text = _simple(value, verb, spec)
    if text is None:
        return f"%!{verb}({type_name(value)}={by_verb(value, 'v', spec)})"
    return text


def _simple(value: Value, verb: str, spec: Spec) -> str | None:
    if isinstance(value, bool):
        return _pad("true" if value else "false", spec) if verb in {"t", "v"} else None
    if isinstance(value, int):
        return _integer(value, verb, spec)
    if isinstance(value, float):
        return _float(value, verb, spec)
    if isinstance(value, str):
        return _string(value, verb, spec)
    return _composite(value, verb, spec)


def _composite(value: Value, verb: str, spec: Spec) -> str:
    if isinstance(value, Mapping):
        inner = (f"{by_verb(k, verb, spec)}:{by_verb(v, verb, spec)}" for k, v in ordered(value))
        return f"map[{' '.join(inner)}]"
    if isinstance(value, Data):
        parts = (value.labels, value.external_labels, value.external_url, value.value)
        return f"{{{' '.join(by_verb(part, verb, spec) for part in parts)}}}"
    if isinstance(value, Sample):
        parts_of_one = by_verb(value.labels, verb, spec), by_verb(value.value, verb, spec)
        return f"&{{{' '.join(parts_of_one)}}}"
    if isinstance(value, Vector) and not value:
        return "[]"
    hint = "; go through it with range" if isinstance(value, Vector) else ""
    raise Refusal(f"a {type_name(value)} cannot be shown by %{verb}{hint}")


# -- padding -------------------------------------------------------------------


def _pad(text: str, spec: Spec, *, zero: bool = True) -> str:
    missing = (spec.width or 0) - len(text)
    if missing <= 0:
        return text
    if spec.minus:
        return text + " " * missing
    return ("0" if spec.zero and zero else " ") * missing + text


# -- strings -------------------------------------------------------------------


def _string(value: str, verb: str, spec: Spec) -> str | None:
    if verb in {"x", "X"}:
        data = value.encode()[: spec.precision]
        text = data.hex(" ") if spec.space else data.hex()
        if spec.sharp and text:
            text = "0x" + text.replace(" ", " 0x")
        return _pad(text.upper() if verb == "X" else text, spec)
    value = value[: spec.precision]
    if verb == "q" or (verb == "v" and spec.syntax):
        backquoted = verb == "q" and spec.sharp and _can_backquote(value)
        return _pad(f"`{value}`" if backquoted else _quoted(value, spec), spec)
    return _pad(value, spec) if verb in {"v", "s"} else None


def _can_backquote(text: str) -> bool:
    return "`" not in text and all(c == "\t" or (c >= " " and c not in "\x7f\ufeff") for c in text)


def _quoted(text: str, spec: Spec) -> str:
    quoted = quote(text).replace("\\ufffd", "\N{REPLACEMENT CHARACTER}")
    if not spec.plus or quoted.isascii():
        return quoted
    return "".join(c if c.isascii() else _escaped(ord(c)) for c in quoted)


def _escaped(code: int) -> str:
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"


# -- integers ------------------------------------------------------------------


def _integer(value: int, verb: str, spec: Spec) -> str | None:
    if verb in _BASES:
        return _digits(value, verb, spec)
    if verb == "U":
        return _pad(f"U+{value & (1 << 64) - 1:04X}", spec, zero=False)
    if verb not in {"c", "q"}:
        return None
    valid = 0 <= value <= _MAX_CODE and not 0xD800 <= value < 0xE000
    char = chr(value) if valid else "\N{REPLACEMENT CHARACTER}"
    if verb == "c":
        return _pad(char, spec)
    inner = "\\'" if char == "'" else '"' if char == '"' else _quoted(char, spec)[1:-1]
    return _pad(f"'{inner}'", spec)


def _digits(value: int, verb: str, spec: Spec) -> str:
    base = _BASES[verb]
    sign = "-" if value < 0 else "+" if spec.plus else " " if spec.space else ""
    if spec.precision == 0 and value == 0:
        return " " * (spec.width or 0)
    digits = format(abs(value), base)
    least = spec.precision
    if least is None and spec.zero and not spec.minus and spec.width is not None:
        least = spec.width - len(sign)
    digits = digits.rjust(least or 0, "0")
    prefix = _PREFIXES.get(base, "") if spec.sharp and verb != "v" else ""
    if prefix == "0" and digits.startswith("0"):
        prefix = ""
    if verb == "O":
        prefix = "0o"
    return _pad(sign + prefix + digits, spec, zero=False)


# -- floats --------------------------------------------------------------------


def shortest(value: float) -> str:
    """The fewest digits that give ``value`` again, with an exponent where Go has one."""
    if not math.isfinite(value):
        return "NaN" if math.isnan(value) else f"{value:+}".replace("inf", "Inf")
    sign, digits, exponent = Decimal(repr(value)).normalize().as_tuple()
    power = len(digits) + int(exponent) - 1
    if value and not -4 <= power < _PLAIN_DIGITS:
        first, *rest = map(str, digits)
        mantissa = first + (f".{''.join(rest)}" if rest else "")
        written = f"{mantissa}e{power:+03d}"
    else:
        written = f"{Decimal(repr(abs(value))):f}".removesuffix(".0")
    return f"-{written}" if sign else written


def _float(value: float, verb: str, spec: Spec) -> str | None:
    if verb not in "vgGeEfFxXb":
        return None
    if verb == "b" or (verb in "xX" and spec.precision is not None):
        raise Refusal(f"%{verb} of a float is not available in this form")
    if spec.sharp:
        raise Refusal("the flag # of a float is not available")
    text = _number(value, verb, spec.precision)
    if math.isfinite(value):
        return _signed(text if text[0] == "-" else f"+{text}", spec)
    spec = replace(spec, zero=False)
    if math.isnan(value) and not spec.plus and not spec.space:
        return _pad(text, spec)
    # An infinity always shows its sign.
    return _signed(text if text[0] in "+-" else f"+{text}", replace(spec, plus=not spec.space))


def _number(value: float, verb: str, precision: int | None) -> str:
    if not math.isfinite(value):
        return shortest(value)
    if verb in "xX":
        text = _hexadecimal(value)
    elif verb in "vgG":
        text = shortest(value) if precision is None else f"{value:.{precision or 1}g}"
    else:
        text = f"{value:.{6 if precision is None else precision}{verb}}"
    return text.upper() if verb in "GX" else text


def _hexadecimal(value: float) -> str:
    mantissa, _, power = value.hex().partition("p")
    if "." in mantissa:
        mantissa = mantissa.rstrip("0").rstrip(".")
    return f"{mantissa}p{int(power):+03d}"


def _signed(text: str, spec: Spec) -> str:
    if text[0] == "+" and not spec.plus:
        if not spec.space:
            return _pad(text[1:], spec)
        text = f" {text[1:]}"
    if spec.zero and not spec.minus and spec.width is not None:
        return text[0] + text[1:].rjust(spec.width - 1, "0")
    return _pad(text, spec)
