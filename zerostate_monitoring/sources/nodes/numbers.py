"""Many numbers at once."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

import numpy as np
import orjson

from zerostate_monitoring.frames.frame import Values
from zerostate_monitoring.sources.nodes.lines import parse_number

_PLAIN: Final = b"0123456789+-.eE,"
_SPECIAL: Final = {"NaN": math.nan, "+Inf": math.inf, "-Inf": -math.inf}


def read_numbers(texts: Sequence[str], joined: str) -> Values | None:
    """Read ``texts``, which are also given ``joined`` by commas; ``None`` if that is not sure.

    JSON's numbers are Go's but for NaN, infinities and the sign of an integer zero. Its
    parser is many times faster than ``float`` and rounds as exactly.

    Raises:
        ValueError: one of a few that were read one by one is no number.
    """
    special = "N" in joined or "I" in joined
    if special:
        for word in _SPECIAL:
            joined = joined.replace(word, "null")
    document = joined.encode()
    allowed = _PLAIN + b"nul" if special else _PLAIN
    if document.translate(None, allowed) or b"-0," in document or document.endswith(b"-0"):
        return None
    try:
        numbers = orjson.loads(b"[%b]" % document)
    except orjson.JSONDecodeError:
        return None
    if len(numbers) != len(texts):
        return None
    values = np.array(numbers, np.float64)
    if not special:
        return values
    for index in np.flatnonzero(np.isnan(values)).tolist():
        text = texts[index]
        values[index] = _SPECIAL[text] if text in _SPECIAL else parse_number(text)
    return values
