"""Labels set anew, and vectors put in order."""

from __future__ import annotations

from typing import Final

from tests.promql.cases.case import Case

_DATA: Final = """
    x{src="source-value-10", dst="original"} 0
    x{src="source-value-20", dst="original"} 1
"""


def _replaced(says: str, arguments: str, expected: str, data: str = _DATA, error: str = "") -> Case:
    query = f"label_replace(x, {arguments})"
    return Case(says=says, query=query, expected=expected, data=data, error=error)


def _of_one(says: str, arguments: str, labels: str) -> Case:
    expected = f"{labels} 1"
    return _replaced(says, arguments, expected, 'x{src="ab-cd", dst="old"} 1')


def _both(dst: str, other: str = "") -> str:
    return f"""
        x{{src="source-value-10"{dst.replace("$", "10")}}} 0
        x{{src="source-value-20"{(other or dst).replace("$", "20")}}} 1
    """


_REPLACE: Final = (
    _replaced(
        "label_replace takes groups by number",
        '"dst", "to-$1", "src", "source-value-(.*)"',
        _both(', dst="to-$"'),
    ),
    _replaced(
        "label_replace must match the whole value",
        '"dst", "new", "src", "value-(.*)"',
        _both(', dst="original"'),
    ),
    _replaced("label_replace to nothing takes the label away", '"dst", "", "dst", ".*"', _both("")),
    _replaced(
        "label_replace of a label that is not there matches the empty value",
        '"new", "x", "missing", ""',
        _both(', dst="original", new="x"'),
    ),
    _replaced(
        "label_replace without a match changes nothing",
        '"dst", "new", "src", "no"',
        _both(', dst="original"'),
    ),
    _replaced(
        "label_replace may not make label sets equal",
        '"src", "", "", ""',
        "",
        error="vector cannot contain metrics with the same labelset",
    ),
    _of_one(
        "groups have names", '"dst", "$two", "src", "(.*)-(?P<two>.*)"', 'x{src="ab-cd", dst="cd"}'
    ),
    _of_one(
        "names may stand in braces", '"dst", "${1}2", "src", "(.*)-.*"', 'x{src="ab-cd", dst="ab2"}'
    ),
    _of_one(
        "a name goes as far as it can",
        '"dst", "<$1x>", "src", "(.*)-.*"',
        'x{src="ab-cd", dst="<>"}',
    ),
    _of_one(
        "a group that is not there is empty",
        '"dst", "<$7>", "src", ".*"',
        'x{src="ab-cd", dst="<>"}',
    ),
    _of_one(
        "a group that took no part is empty",
        '"dst", "<$1>", "src", "(z)?.*"',
        'x{src="ab-cd", dst="<>"}',
    ),
    _of_one(
        "the whole match is group 0", '"dst", "$0!", "src", ".*"', 'x{src="ab-cd", dst="ab-cd!"}'
    ),
    _of_one(
        "a number with a leading zero is a name",
        '"dst", "<$01>", "src", "(.*)"',
        'x{src="ab-cd", dst="<>"}',
    ),
    _of_one(
        "a number of another script is a name",
        '"dst", "<$١>", "src", "(.*)"',
        'x{src="ab-cd", dst="<>"}',
    ),
    _of_one(
        "a number of many digits is a name",
        f'"dst", "<$1{"0" * 5000}>", "src", "(.*)"',
        'x{src="ab-cd", dst="<>"}',
    ),
    _of_one("two dollars are one", '"dst", "$$1", "src", ".*"', 'x{src="ab-cd", dst="$1"}'),
    _of_one("a dollar alone is a dollar", '"dst", "$ $", "src", ".*"', 'x{src="ab-cd", dst="$ $"}'),
    _of_one(
        "open braces are characters", '"dst", "${1", "src", "(.*)"', 'x{src="ab-cd", dst="${1"}'
    ),
    _of_one(
        "the name may be replaced", '"__name__", "y", "src", ".*"', 'y{src="ab-cd", dst="old"}'
    ),
    _of_one(
        "labels may be in UTF-8", '"a.b", "c", "src", ".*"', 'x{src="ab-cd", dst="old", "a.b"="c"}'
    ),
    _replaced(
        "the dot takes newlines",
        '"src", "$1", "src", "a(.*)b"',
        r'x{src="\n"} 1',
        r'x{src="a\nb"} 1',
    ),
    _replaced(
        "single bytes are no pattern",
        '"src", "$1", "src", "(\\\\C)"',
        "",
        error="invalid escape sequence",
    ),
    _replaced(
        "a pattern may be too large",
        '"src", "$1", "src", "((a{1,100}){1,100}){1,100}"',
        "",
        error="cannot be used: invalid repetition size",
    ),
    _replaced(
        "a pattern that others search for long",
        '"src", "$1", "src", "((x+x+)+)"',
        'x{src="xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxy"} 1',
        'x{src="xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxy"} 1',
    ),
    _replaced(
        "a pattern that is none", '"a", "b", "src", "("', "", error="cannot be used: missing )"
    ),
    _replaced("a label without a name", '"", "b", "src", ".*"', "", error="label"),
)

_JOINED: Final = 'x{a="1", b="2", c="3"} 5'


def _joined(says: str, arguments: str, expected: str, error: str = "", data: str = _JOINED) -> Case:
    query = f"label_join(x, {arguments})"
    return Case(says=says, query=query, expected=expected, data=data, error=error)


_JOIN: Final = (
    _joined(
        "label_join puts a separator between values",
        '"new", "-", "a", "c", "b"',
        'x{a="1", b="2", c="3", new="1-3-2"} 5',
    ),
    _joined(
        "label_join takes a label that is not there for empty",
        '"new", "-", "a", "z", "b"',
        'x{a="1", b="2", c="3", new="1--2"} 5',
    ),
    _joined("label_join of no labels takes the target away", '"a", "-"', 'x{b="2", c="3"} 5'),
    _joined(
        "label_join may join a label to itself", '"a", "", "a", "a"', 'x{a="11", b="2", c="3"} 5'
    ),
    _joined(
        "label_join may not make label sets equal",
        '"a", "-"',
        "",
        "vector cannot contain metrics with the same labelset",
        'x{a="1"} 1\nx{a="2"} 1',
    ),
    _joined("label_join into a label without a name", '"", "-", "a"', "", "label"),
    _joined("label_join of a label without a name", '"a", "-", ""', "", "label"),
)

_UNSORTED: Final = 'x{n="1"} 3\nx{n="2"} NaN\nx{n="3"} -Inf\nx{n="4"} 7\nx{n="5"} 5'

_SORT: Final = (
    Case(
        says="sort is ascending, NaN last",
        query="sort(x)",
        data=_UNSORTED,
        expected='x{n="3"} -Inf\nx{n="1"} 3\nx{n="5"} 5\nx{n="4"} 7\nx{n="2"} NaN',
        ordered=True,
    ),
    Case(
        says="sort_desc is descending, NaN last",
        query="sort_desc(x)",
        data=_UNSORTED,
        expected='x{n="4"} 7\nx{n="5"} 5\nx{n="1"} 3\nx{n="3"} -Inf\nx{n="2"} NaN',
        ordered=True,
    ),
)

CASES: Final = (*_REPLACE, *_JOIN, *_SORT)
