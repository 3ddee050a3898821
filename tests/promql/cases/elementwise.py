"""Functions of one sample at a time, on numbers and on what is none."""

from __future__ import annotations

import math
from typing import Final

from tests.promql.cases.case import Case

INF: Final = math.inf
NAN: Final = math.nan

POINTS: Final = {
    "abs": ((-2, 2), (0.5, 0.5), (-INF, INF), (NAN, NAN)),
    "acos": ((1, 0), (0, math.pi / 2), (-1, math.pi), (1.5, NAN)),
    "acosh": ((1, 0), (2, math.acosh(2)), (0.5, NAN), (INF, INF)),
    "asin": ((0, 0), (1, math.pi / 2), (-1, -math.pi / 2), (-1.5, NAN)),
    "asinh": ((0, 0), (1, math.asinh(1)), (-INF, -INF), (NAN, NAN)),
    "atan": ((0, 0), (1, math.pi / 4), (INF, math.pi / 2), (NAN, NAN)),
    "atanh": ((0, 0), (0.5, math.atanh(0.5)), (1, INF), (-1, -INF), (2, NAN)),
    "ceil": ((1.2, 2), (-1.2, -1), (3, 3), (INF, INF), (NAN, NAN)),
    "cos": ((0, 1), (math.pi, -1), (INF, NAN)),
    "cosh": ((0, 1), (1, math.cosh(1)), (-INF, INF)),
    "deg": ((0, 0), (math.pi, 180), (-math.pi / 2, -90), (INF, INF)),
    "exp": ((0, 1), (1, math.e), (1000, INF), (-INF, 0), (NAN, NAN)),
    "floor": ((1.8, 1), (-1.2, -2), (3, 3), (-INF, -INF), (NAN, NAN)),
    "ln": ((1, 0), (math.e, 1), (0, -INF), (-1, NAN), (INF, INF)),
    "log10": ((1, 0), (1000, 3), (0, -INF), (-1, NAN), (INF, INF)),
    "log2": ((1, 0), (8, 3), (0, -INF), (-1, NAN), (INF, INF)),
    "rad": ((0, 0), (180, math.pi), (-90, -math.pi / 2), (NAN, NAN)),
    "round": ((1.4, 1), (1.5, 2), (-1.5, -1), (2.5, 3), (INF, INF), (NAN, NAN)),
    "sgn": ((-7, -1), (0, 0), (0.1, 1), (INF, 1), (-INF, -1), (NAN, NAN)),
    "sin": ((0, 0), (math.pi / 2, 1), (-INF, NAN)),
    "sinh": ((0, 0), (1, math.sinh(1)), (-INF, -INF)),
    "sqrt": ((4, 2), (0, 0), (-1, NAN), (INF, INF)),
    "tan": ((0, 0), (math.pi / 4, 1), (INF, NAN)),
    "tanh": ((0, 0), (INF, 1), (-INF, -1), (NAN, NAN)),
}
"""What each function makes of a number."""


def _of_points(name: str, points: tuple[tuple[float, float], ...]) -> Case:
    data = "\n".join(f'x{{k="{n}"}} {x!r}' for n, (x, _) in enumerate(points))
    expected = "\n".join(f'{{k="{n}"}} {y!r}' for n, (_, y) in enumerate(points))
    return Case(says=f"{name} of single numbers", query=f"{name}(x)", data=data, expected=expected)


_VALUES: Final = """
    x{k="a"} -5 1 NaN
    x{k="b"} 0.5 Inf -Inf
"""

CASES: Final = (
    *(_of_points(name, points) for name, points in POINTS.items()),
    Case(
        says="round to a multiple",
        query="round(x, 0.5)",
        data='x{k="a"} 1.3 1.2 -1.25 NaN',
        expected='{k="a"} 1.5 1 -1 NaN',
    ),
    Case(
        says="round to a multiple that changes from step to step",
        query="round(x, scalar(by))",
        data="x 17 17 17\nby 10 5 0",
        expected="{} 20 15 NaN",
    ),
    Case(
        says="clamp holds values between two bounds",
        query="clamp(x, -1, 1)",
        data=_VALUES,
        expected='{k="a"} -1 1 NaN\n{k="b"} 0.5 1 -1',
    ),
    Case(
        says="clamp with crossed bounds gives nothing",
        query="clamp(x, 1, -1)",
        data=_VALUES,
    ),
    Case(
        says="clamp with crossed bounds gives nothing at those steps alone",
        query="clamp(x, scalar(low), 3)",
        data="x 1 2 3 4\nlow 0 4 3 stale",
        expected="{} 1 _ 3 NaN",
    ),
    Case(
        says="clamp by what is no number gives none",
        query="clamp(x, NaN, 1)",
        data=_VALUES,
        expected='{k="a"} NaN NaN NaN\n{k="b"} NaN NaN NaN',
    ),
    Case(
        says="clamp_min raises what is too small",
        query="clamp_min(x, 1)",
        data=_VALUES,
        expected='{k="a"} 1 1 NaN\n{k="b"} 1 Inf 1',
    ),
    Case(
        says="clamp_max lowers what is too large",
        query="clamp_max(x, 0.25)",
        data=_VALUES,
        expected='{k="a"} -5 0.25 NaN\n{k="b"} 0.25 0.25 -Inf',
    ),
    Case(says="pi is a number", query="pi()", expected=f"{{}} {math.pi!r} {math.pi!r}"),
    Case(says="time is the step in seconds", query="time()", at=90.5, expected="{} 90.5 150.5"),
    Case(
        says="vector has one series without labels",
        query="vector(time() * 2)",
        at=60,
        expected="{} 120 240",
    ),
    Case(
        says="scalar takes the value of the only sample",
        query="scalar(x)",
        data='x{k="a"} 1 _ stale 4\nx{k="b"} _ _ 3 5',
        expected="{} 1 1 3 NaN",
    ),
    Case(says="scalar of nothing is no number", query="scalar(nothing)", expected="{} NaN NaN"),
    Case(
        says="a changed value is no longer that of the metric",
        query="abs(x)",
        data='x{k="a"} -1\ny 5',
        expected='{k="a"} 1',
    ),
    Case(
        says="two metrics with the same labels cannot both lose their names",
        query='abs({__name__=~"x|y"})',
        data="x -1\ny 5",
        error="vector cannot contain metrics with the same labelset",
    ),
    Case(
        says="two metrics with the same labels may take turns",
        query='abs({__name__=~"x|y"})',
        data="x -1 stale\ny _ 5",
        expected="{} 1 5",
    ),
)
