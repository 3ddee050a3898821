"""Operators between numbers, and between numbers and vectors."""

from __future__ import annotations

import math
from typing import Final

from tests.promql.cases.case import Case

_SUMS: Final = {
    "+": ((1, 2, 3), (math.inf, -math.inf, math.nan)),
    "-": ((1, 2, -1), (math.inf, math.inf, math.nan)),
    "*": ((3, 2, 6), (0, math.inf, math.nan)),
    "/": ((1, 2, 0.5), (1, 0, math.inf), (-1, 0, -math.inf), (0, 0, math.nan)),
    "%": ((7, 4, 3), (-7, 4, -3), (7, -4, 3), (7, 0, math.nan), (7, math.inf, 7)),
    "^": ((2, 3, 8), (2, -1, 0.5), (-8, 1 / 3, math.nan), (0, 0, 1), (0, -1, math.inf)),
    "atan2": ((1, 1, math.pi / 4), (0, -1, math.pi), (-1, 0, -math.pi / 2), (0, 0, 0)),
}
_TRUTHS: Final = {
    "==": (0, 1, 0, 0),
    "!=": (1, 0, 1, 1),
    ">": (0, 0, 1, 0),
    "<": (1, 0, 0, 0),
    ">=": (0, 1, 1, 0),
    "<=": (1, 1, 0, 0),
}
"""Of 1 with 2, of 2 with 2, of 3 with 2, of NaN with 2."""
_COMPARED: Final = (1, 2, 3, math.nan)


def _number(value: float) -> str:
    return f"({value!r})".replace("inf", "Inf").replace("nan", "NaN")


def _between_numbers(op: str, left: float, right: float, result: float) -> Case:
    query = f"{_number(left)} {op} {_number(right)}"
    return Case(says=query, query=query, expected=f"{{}} {result!r}")


def _with_vector(op: str, left: float, right: float, result: float) -> tuple[Case, ...]:
    data = f'x{{k="a"}} {left!r}\ny{{k="a"}} {right!r}'
    expected = f'{{k="a"}} {result!r}'
    return tuple(
        Case(says=query, query=query, data=data, expected=expected)
        for query in (f"x {op} {_number(right)}", f"{_number(left)} {op} y", f"x {op} y")
    )


def _comparisons(op: str, truths: tuple[int, ...]) -> tuple[Case, ...]:
    data = "\n".join(f'x{{k="{n}"}} {value!r}' for n, value in enumerate(_COMPARED))
    kept = [n for n, truth in enumerate(truths) if truth]
    flipped = {"<": ">", ">": "<", "<=": ">=", ">=": "<="}.get(op, op)
    numbers = "\n".join(f'{{k="{n}"}} {truth}' for n, truth in enumerate(truths))
    samples = "\n".join(f'x{{k="{n}"}} {_COMPARED[n]!r}' for n in kept)
    return (
        Case(says=f"x {op} 2", query=f"x {op} 2", data=data, expected=samples),
        Case(says=f"2 {flipped} x", query=f"2 {flipped} x", data=data, expected=samples),
        Case(says=f"x {op} bool 2", query=f"x {op} bool 2", data=data, expected=numbers),
        *(
            Case(says=query, query=query, expected=f"{{}} {truth}")
            for query, truth in (
                (f"{_number(value)} {op} bool 2", truth)
                for value, truth in zip(_COMPARED, truths, strict=True)
            )
        ),
    )


CASES: Final = (
    *(_between_numbers(op, *sums) for op, found in _SUMS.items() for sums in found),
    *(case for op, found in _SUMS.items() for case in _with_vector(op, *found[0])),
    *(case for op, truths in _TRUTHS.items() for case in _comparisons(op, truths)),
    Case(says="a power binds from the right", query="2 ^ 3 ^ 2", expected="{} 512"),
    Case(says="a power binds before a sign", query="-2 ^ 2", expected="{} -4"),
    Case(says="a product binds before a sum", query="1 + 2 * 3 % 4", expected="{} 3"),
    Case(says="a sum binds before a comparison", query="1 + 1 == bool 2", expected="{} 1"),
    Case(says="differences bind from the left", query="9 - 3 - 2", expected="{} 4"),
    Case(
        says="a sign takes the name away",
        query="-x",
        data='x{k="a"} 1 -Inf NaN',
        expected='{k="a"} -1 Inf NaN',
    ),
    Case(
        says="a plus leaves the name",
        query="+x",
        data='x{k="a"} 1',
        expected='x{k="a"} 1',
    ),
    Case(
        says="two metrics with the same labels have no common negative",
        query='-{__name__=~"x|y"}',
        data="x 1\ny 2",
        error="vector cannot contain metrics with the same labelset",
    ),
    Case(
        says="a comparison that filters keeps the name and the value of the vector",
        query="1 < x",
        data='x{k="a"} 1 2 3',
        expected='x{k="a"} _ 2 3',
    ),
    Case(
        says="numbers may change from step to step",
        query="x * time()",
        data='x{k="a"} 1 2 3',
        expected='{k="a"} 0 120 360',
    ),
)
