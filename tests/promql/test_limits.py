"""No text makes the parser slow, or lets it go too deep."""

from __future__ import annotations

import time

import pytest

from tests.promql.verdicts import attempt, refused
from zerostate_monitoring.promql.levels import MAX_DEPTH


@pytest.mark.parametrize(
    ("before", "middle", "behind"),
    [
        ("(", "a", ")"),
        ("-", "a", ""),
        ("abs(", "a", ")"),
        ("sum by (x) (", "a", ")"),
        ("a ^ ", "a", ""),
        ("", "a", " + a"),
        ("a or (", "a", ")"),
    ],
)
def test_depth__has_a_limit(before, middle, behind):
    """So many levels are taken, whichever they are; more are refused with their place."""
    levels = MAX_DEPTH // 2 if before == "a or (" else MAX_DEPTH
    assert attempt(before * levels + middle + behind * levels) is None
    more = levels + 1
    assert "100 levels" in refused(before * more + middle + behind * more)[0]


@pytest.mark.parametrize("place", ["a[{}]", "a[1m:{}]", "a[{}:1m]", "a offset (1m + {})"])
@pytest.mark.parametrize(
    ("before", "middle", "behind"),
    [
        ("(", "1m", ")"),
        ("-", "step()", ""),
        ("max_of(1, ", "1m", ")"),
        ("1 ^ ", "1m", ""),
        ("", "1m", " + 1m"),
    ],
)
def test_depth__has_a_limit_for_durations(place, before, middle, behind):
    """Their levels are the query's, which has a few around them."""
    fits, over = ((before * n + middle + behind * n) for n in (MAX_DEPTH - 4, MAX_DEPTH + 1))
    assert attempt(place.format(fits)) is None
    assert "100 levels" in refused(place.format(over))[0]
    half = "(" * (MAX_DEPTH // 2)
    inner = place.format(before * MAX_DEPTH + middle + behind * MAX_DEPTH)
    assert "100 levels" in refused(half + inner + ")" * len(half))[0]


def test_depth__counts_rows_inside_of_levels():
    """Rows of operators at each level of parentheses do not add up to a deep tree."""
    text = "a"
    for _ in range(30):
        text = f"({text}{' + a' * 20})"
    assert "100 levels" in refused(text)[0]


@pytest.mark.parametrize(
    "text",
    [
        "(" * 10_000 + "1" + ")" * 10_000,
        "-" * 10_000 + "1",
        "a" * 1_000_000,
        "a" * 1_000_000 + "(1)",
        " " * 1_000_000 + "a",
        "a[" + "-" * 1_900 + "5m]",
        "a[" + "(" * 1_900,
        "a[" + "1 + " * 990 + "5m]",
        "a" + " offset 0" * 900,
        "a + " * 999 + "a",
        "sum(" * 1_999,
        "a" * 1_000_000 + "{__name__='b'}",
        '{a=~"' + "x" * 1_000_000 + '"}',
        '{a=~"' + "(" * 500_000 + '"}',
        "{" + "a='b'," * 499 + "}",
    ],
    ids=lambda text: text[:8],
)
def test_parse_expr__answers_quickly(text):
    """Neither length nor depth makes it slow."""
    started = time.perf_counter()
    error = attempt(text)
    assert time.perf_counter() - started < 2
    assert error is None or len(error.message) < 400


def test_matchers__have_a_limit():
    """So many in one selector, the last of them named; a selector more has its own."""
    most = ",".join(["a='b'"] * 100)
    assert attempt(f"{{{most}}} + {{{most}}}") is None
    text = f"{{{most},c='d'}}"
    message, place = refused(text)
    assert "100 matchers" in message
    assert place == "c='d'"


def test_patterns__have_a_limit():
    """Their place is that of the matcher."""
    long = f'b=~"{"x." * 5001}"'
    message, place = refused(f'{{a="x", {long}}}')
    assert "10,002 characters, of which 10,000" in message
    assert place == long
