"""Which series of two vectors meet, and what becomes of them."""

from __future__ import annotations

from typing import Final

from tests.promql.cases.case import Case

_DATA: Final = """
    errors{method="get", code="500"} 24 24 24
    errors{method="get", code="404"} 30 stale 30
    errors{method="put", code="501"} 3 3 3
    requests{method="get"} 600 600 stale
    requests{method="del"} 34 34 34
    requests{method="put"} 0 100 100
"""
_INFO: Final = """
    up{instance="1"} 1 0 1
    up{instance="2"} 1 1 stale
    info{instance="1", version="a", le="x"} 1 1 stale
    info{instance="1", version="b", le="y"} _ _ 1
    info{instance="2", version="c"} 1 1 1
"""


def _match(
    says: str, query: str, expected: str = "", *, error: str = "", data: str = _DATA
) -> Case:
    return Case(says=says, query=query, expected=expected, data=data, error=error)


_ARITHMETIC: Final = (
    _match(
        "one-to-one on some labels keeps those",
        "requests - on(method) errors{code=~'500|501'}",
        '{method="get"} 576 576 _\n{method="put"} -3 97 97',
    ),
    _match(
        "one-to-one ignoring some labels drops those",
        "errors{code='500'} / ignoring(code) requests",
        '{method="get"} 0.04 0.04 _',
    ),
    _match(
        "without a clause all labels meet",
        "errors + errors * 0",
        _DATA.split("requests")[0].replace("errors", "").replace("stale", "_"),
    ),
    _match(
        "many-to-one keeps the labels of the many",
        "errors / ignoring(code) group_left requests",
        """
            {method="get", code="500"} 0.04 0.04 _
            {method="get", code="404"} 0.05 _ _
            {method="put", code="501"} Inf 0.03 0.03
        """,
    ),
    _match(
        "one-to-many is the same from the other side",
        "requests / on(method) group_right errors",
        """
            {method="get", code="500"} 25 25 _
            {method="get", code="404"} 20 _ _
            {method="put", code="501"} 0 33.333333333333336 33.333333333333336
        """,
    ),
    _match(
        "included labels come from the one side",
        "up * on(instance) group_left(version) info",
        """
            {instance="1", version="a"} 1 0 _
            {instance="1", version="b"} _ _ 1
            {instance="2", version="c"} 1 1 _
        """,
        data=_INFO,
    ),
    _match(
        "an included label that the one side lacks is taken away",
        "x * on(a) group_left(b) y",
        '{a="1", c="4"} 6',
        data='x{a="1", b="3", c="4"} 2\ny{a="1"} 3',
    ),
    _match("what meets nothing is left out", "requests + on(method) nothing"),
    _match(
        "on no label at all everything meets",
        "x / on() group_left sum(x)",
        '{a="1"} 0.25\n{a="2"} 0.75',
        data='x{a="1"} 1\nx{a="2"} 3',
    ),
    _match(
        "on the name itself",
        "x + on(__name__) x",
        "{} 4",
        data="x 2",
    ),
)

_COMPARISONS: Final = (
    _match(
        "a comparison keeps the name and values of the left",
        "x > y",
        'x{a="1"} 3 _ 9',
        data='x{a="1"} 3 2 9\ny{a="1"} 2 3 1',
    ),
    _match(
        "a comparison on some labels keeps those alone",
        "x > on(a) y",
        '{a="1"} 3 _ 9',
        data='x{a="1", b="2"} 3 2 9\ny{a="1"} 2 3 1',
    ),
    _match(
        "a comparison ignoring labels drops those and keeps the name",
        "x > ignoring(b) y",
        'x{a="1"} 3 _ 9',
        data='x{a="1", b="2"} 3 2 9\ny{a="1"} 2 3 1',
    ),
    _match(
        "a comparison as a number drops the name",
        "x > bool y",
        '{a="1"} 1 0 1',
        data='x{a="1"} 3 2 9\ny{a="1"} 2 3 1',
    ),
    _match(
        "one-to-many keeps the value of the left",
        "y < on(a) group_right x",
        'x{a="1", b="2"} 2 _ 1',
        data='x{a="1", b="2"} 3 2 9\ny{a="1"} 2 3 1',
    ),
)

_ERRORS: Final = (
    _match("several on the right", "requests / on(method) errors", error="on the right side"),
    _match(
        "several on the one side of group_left",
        "requests / on(method) group_left errors",
        error="on the right side",
    ),
    _match(
        "several on the one side of group_right",
        "errors / on(method) group_right requests",
        error="on the left side",
    ),
    _match("several on the left", "errors / on(method) requests", error="group_left"),
    _match(
        "pairs with the same labels",
        "x * on(a) group_left(b) y",
        error="same labels",
        data='x{a="1", b="2"} 1\nx{a="1", b="3"} 1\ny{a="1", b="4"} 1',
    ),
)

_TURNS: Final = (
    _match(
        "several may meet the same one after the other",
        "x + on(a) y",
        '{a="1"} 11 22 _ 44',
        data="""
            x{a="1", b="1"} 1 stale _ 4
            x{a="1", b="2"} _ 2 stale
            y{a="1", c="1"} 10 20 30 stale
            y{a="1", c="2"} _ _ _ 40
        """,
    ),
    _match(
        "several where nothing is matched are not refused",
        "x + on(a) y",
        '{a="1"} 3 _',
        data='x{a="1"} 1 stale\ny{a="1", c="1"} 2 2\ny{a="1", c="2"} _ 2',
    ),
)

_SETS: Final = (
    _match(
        "and keeps the left at the steps where the right has its labels",
        "errors and on(method) requests",
        """
            errors{method="get", code="500"} 24 24 _
            errors{method="get", code="404"} 30 _ _
            errors{method="put", code="501"} 3 3 3
        """,
    ),
    _match(
        "unless keeps the rest",
        "errors unless ignoring(code) requests",
        'errors{method="get", code="500"} _ _ 24\nerrors{method="get", code="404"} _ _ 30',
    ),
    _match(
        "or adds from the right what the left has not",
        "requests or on(method) errors",
        """
            requests{method="get"} 600 600 _
            requests{method="del"} 34 34 34
            requests{method="put"} 0 100 100
            errors{method="get", code="500"} _ _ 24
            errors{method="get", code="404"} _ _ 30
        """,
    ),
    _match(
        "or gives the left where both have the same labels",
        "vector(1) or vector(2)",
        "{} 1 1",
        data="",
    ),
    _match("and with nothing is nothing", "errors and nothing"),
    _match("nothing and something is nothing", "nothing and errors"),
    _match(
        "unless nothing leaves all",
        "requests unless nothing",
        _DATA[_DATA.index("requests") :].replace("stale", "_"),
    ),
    _match(
        "on no label: and asks whether there is anything",
        "requests{method='del'} and on() x",
        'requests{method="del"} _ 34 _',
        data=_DATA + "x _ 1 stale",
    ),
    _match(
        "or of one label set by turns is one series",
        "x or on(b) y * 1 or on(b) z * 1",
        'x{a="1"} 1 _ _\n{a="1"} _ 2 3',
        data='x{a="1"} 1 stale\ny{a="1"} _ 2 stale\nz{a="1"} _ _ 3',
    ),
)

CASES: Final = (*_ARITHMETIC, *_COMPARISONS, *_ERRORS, *_TURNS, *_SETS)
