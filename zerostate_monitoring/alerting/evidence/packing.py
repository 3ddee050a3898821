"""Evidence as a value and as bytes: JSON, compressed. Pure.

Times are counted in steps from the first, so a line without gaps is its place and its values.
Numbers that JSON has not are texts as in PromQL.
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import orjson

from zerostate_monitoring.exceptions import MonitoringError

FORMAT: Final = 1
MOST_VALUES: Final = 20_000
"""Of one row: some 60 KB of bytes. What is beyond is left out, and counted."""
LARGEST: Final = 8_000_000
"""Bytes that one row may become again."""

_SPECIAL: Final = {"NaN": math.nan, "+Inf": math.inf, "-Inf": -math.inf}
_NO_LABELS: Final[Mapping[str, str]] = {}


class EvidenceError(MonitoringError):
    """Bytes that are no evidence."""


@dataclass(frozen=True, slots=True)
class Line:
    """One series: milliseconds since 1970, and values."""

    labels: Mapping[str, str]
    times: Sequence[int]
    values: Sequence[float]


@dataclass(frozen=True, slots=True)
class Part:
    """An expression, or one of its operands, with the series that belong to the alert."""

    expr: str
    lines: tuple[Line, ...] = ()
    more: int = 0
    """Series that were left out."""
    problem: str = ""
    """Why there is nothing."""


@dataclass(frozen=True, slots=True)
class Pack:
    """All parts, the whole expression first, from ``start_ms`` to ``end_ms``."""

    start_ms: int
    end_ms: int
    step_ms: int
    parts: tuple[Part, ...] = field(default=())

    @property
    def is_empty(self) -> bool:
        """Whether there is no value in it."""
        return not any(part.lines for part in self.parts)


def pack(found: Pack, most: int = MOST_VALUES) -> bytes:
    """The bytes of a row; later lines are left out where there are more than ``most`` values."""
    parts, left = [], most
    for part in found.parts:
        lines: list[dict[str, Any]] = []
        for line in part.lines:
            if len(line.values) > left:
                break
            left -= len(line.values)
            lines.append(_line(line, found))
        more = part.more + len(part.lines) - len(lines)
        parts.append({"e": part.expr, "l": lines, "m": more, "p": part.problem})
    head = {"v": FORMAT, "s": found.start_ms, "t": found.end_ms, "d": found.step_ms}
    return zlib.compress(orjson.dumps({**head, "parts": parts}))


def unpack(data: bytes | memoryview) -> Pack:
    """The value of a row's bytes.

    Raises:
        EvidenceError: they are none that this version can read.
    """
    try:
        told = orjson.loads(_inflated(bytes(data)))
        if told["v"] != FORMAT:
            raise EvidenceError(f"evidence of format {told['v']} is not known here")
        start, step = told["s"], told["d"]
        parts = tuple(
            Part(one["e"], tuple(_read(line, start, step) for line in one["l"]), one["m"], one["p"])
            for one in told["parts"]
        )
        return Pack(start, told["t"], step, parts)
    except (zlib.error, ValueError, KeyError, TypeError, AttributeError) as error:
        raise EvidenceError(f"these bytes are no evidence: {error}") from error


def _inflated(data: bytes) -> bytes:
    reader = zlib.decompressobj()
    found = reader.decompress(data, LARGEST)
    if not reader.eof:
        raise EvidenceError("this is cut off, or larger than evidence may be")
    return found


def _line(line: Line, found: Pack) -> dict[str, Any]:
    places = [(at - found.start_ms) // found.step_ms for at in line.times]
    return {"l": dict(line.labels), "r": _runs(places), "x": [_number(v) for v in line.values]}


def _runs(places: Iterable[int]) -> list[int]:
    """Places as begin, length, begin, length …: gaps are rare."""
    found: list[int] = []
    for place in places:
        if found and found[-2] + found[-1] == place:
            found[-1] += 1
        else:
            found += [place, 1]
    return found


def _read(line: Mapping[str, Any], start_ms: int, step_ms: int) -> Line:
    begins, lengths = line["r"][::2], line["r"][1::2]
    places = [begin + more for begin, n in zip(begins, lengths, strict=True) for more in range(n)]
    values = [_SPECIAL[one] if isinstance(one, str) else float(one) for one in line["x"]]
    if len(places) != len(values):
        raise EvidenceError("a line has not as many times as values")
    return Line(line["l"], [start_ms + place * step_ms for place in places], values)


def _number(value: float) -> float | str:
    if math.isfinite(value):
        return value
    return "NaN" if math.isnan(value) else "+Inf" if value > 0 else "-Inf"
