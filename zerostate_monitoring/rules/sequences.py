"""Series of tests as promtool writes them: ``name{label="value"}`` and ``1+2x3 _ stale``.

Source of the form: ``promql/parser/parse.go`` of Prometheus 3.14. Native histograms are refused.
"""

from __future__ import annotations

import math
import re
import struct
from collections.abc import Iterator
from typing import Final

from zerostate_monitoring.exceptions import QuerySyntaxError, RuleFileError
from zerostate_monitoring.frames.exemplar import Labels
from zerostate_monitoring.promql.data import STALE_BITS
from zerostate_monitoring.promql.nodes import VectorSelector
from zerostate_monitoring.promql.query import parse

STALE: Final[float] = struct.unpack("<d", struct.pack("<Q", STALE_BITS))[0]
"""Ends a series."""
MAX_VALUES: Final = 1_000_000

# No hexadecimal: 0x5 is a zero six times.
_NUMBER: Final = r"(?:(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?|inf|nan)"
_ITEM: Final = re.compile(
    rf"(?P<base>[+-]?{_NUMBER}|stale|_)(?:(?P<step>[+-]{_NUMBER})?x(?P<times>[0-9]+))?$",
    re.IGNORECASE,
)


def read_values(text: str) -> list[float | None]:
    """The values of a series; ``None`` stands for no sample.

    Raises:
        RuleFileError: it is no such text, or it means more than ``MAX_VALUES``.
    """
    found: list[float | None] = []
    for item in text.split():
        match = _ITEM.match(item)
        if match is None:
            raise RuleFileError([f"“{item}” is none of: 1, 1x3, 1+2x3, _, _x3, stale."])
        if len(found) + int(match["times"] or 0) > MAX_VALUES:
            raise RuleFileError([f"“{item}” makes more than {MAX_VALUES:,} values."])
        found += _values(match["base"].lower(), match["step"], match["times"])
    return found


def _values(base: str, step: str | None, times: str | None) -> Iterator[float | None]:
    if base == "_":
        # The one sequence in which the number is not one less than that of the values.
        yield from [None] * int(times or 1)
        return
    value = STALE if base == "stale" else float(base)
    yield value
    for _ in range(int(times or 0)):
        # By addition, as there: the sums' errors belong to the values.
        value = value + float(step) if step and not _is_stale(value) else value
        yield value


def _is_stale(value: float) -> bool:
    return math.isnan(value) and struct.pack("<d", value) == struct.pack("<Q", STALE_BITS)


def read_series(text: str) -> Labels:
    """Labels of a series that is written as a selector, its name as ``__name__`` among them.

    Raises:
        RuleFileError: it is none.
    """
    try:
        selector = parse(text).expr
    except QuerySyntaxError as error:
        raise RuleFileError([f"“{text}” is no series: {error.message}"]) from error
    if not isinstance(selector, VectorSelector):
        raise RuleFileError([f"“{text}” is no series."])
    if any(matcher.op != "=" for matcher in selector.matchers):
        raise RuleFileError([f'“{text}” is no series: a label is written name="value".'])
    pairs = {matcher.name: matcher.value for matcher in selector.matchers if matcher.value}
    return tuple(sorted(pairs.items()))
