"""Label values and sample values that break careless programs."""

from __future__ import annotations

import math
from typing import Final

LABELS: Final = {
    "quote": 'say "hello"',
    "backslash": "C:\\new\\table\\",
    "newline": "one\ntwo\r\nthree\n",
    "braces": '} 1\nforged{a="b"} 2',
    "nul": "before\x00after",
    "surrogate": "lone \ud800 half",
    "unicode": "Zürich → 東京 \U0001f980 \u2028",
    "long": "ü" * 5_000,
    "blank": " \t ",
}
"""Each under a name that tests ask for it by. The longest is 10 kB in UTF-8."""

SHOWN: Final = {**LABELS, "surrogate": "lone \N{REPLACEMENT CHARACTER} half"}
"""How they stand on a page: no encoding carries half of a surrogate pair."""

VALUES: Final = {
    "nan": math.nan,
    "plus_infinity": math.inf,
    "minus_infinity": -math.inf,
    "minus_zero": -0.0,
    "smallest": 5e-324,
    "largest": 1.7976931348623157e308,
    "third": 1 / 3,
    "beyond_integers": 2.0**53 + 2,
}


def same(one: float, other: float) -> bool:
    """Equal to the sign of zero; NaN equals NaN."""
    if math.isnan(one) or math.isnan(other):
        return math.isnan(one) and math.isnan(other)
    return one == other and math.copysign(1, one) == math.copysign(1, other)
