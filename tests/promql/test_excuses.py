"""What excuses a difference from Prometheus, and what does not; each excuse can fail."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import pytest

from tests.promql.answers import Answer, Ask, answer, difference
from tests.promql.excuses import (
    DATES,
    LENGTHS,
    OVERFLOW,
    ROUNDING,
    TIES,
    TWICE,
    UNSEEN_TIES,
    excuse,
)
from tests.promql.given import Given
from tests.promql.older import zero_first
from zerostate_monitoring.promql import Engine, MemoryStorage, parse
from zerostate_monitoring.promql.lengths import TOO_SHORT

NOTHING = MemoryStorage([])


def rows(**values: float) -> Answer:
    """An instant vector at 0, by job."""
    return Answer(
        "vector", tuple(((("job", job),), ((0, value),)) for job, value in values.items())
    )


Pair = tuple[Answer, Answer]
Answers = Mapping[str, Pair | Answer]
NONE = rows(), rows()


@dataclass
class Written:
    """Answers by text: ours, theirs, or one for both."""

    answers: Answers

    def both(self, ask):
        found = self.answers[ask.text]
        return (found, found) if isinstance(found, Answer) else found

    def differs(self, ask, theirs):
        return difference(self.both(ask)[0], theirs, 0.0)

    def redone(self, ask, given, theirs):
        ours = answer(Engine(Given(NOTHING, given, ask)), parse(ask.text), ask)
        return difference(ours, theirs, 0.0)


def reason(text: str, inside: Answers, whole: Pair = NONE, *, step_ms: int = 0) -> str:
    """The excuse for a query with answers ``whole`` to it, and others to what stands inside."""
    return excuse(Ask(text, 0, 0, step_ms), Written({"x": rows(), **inside, text: whole}))


def test_ties__are_those_of_series_that_were_there():
    """Another of two equal values is right, another value or series is not."""
    inside = rows(a=1.0, b=1.0, c=2.0)
    assert reason("bottomk(1, x)", {"x": inside}, (rows(a=1.0), rows(b=1.0))) == TIES
    assert reason("bottomk(1, x)", {"x": inside}, (rows(c=2.0), rows(a=1.0))) == ""
    assert reason("bottomk(1, x)", {"x": inside}, (rows(d=1.0), rows(a=1.0))) == ""
    rounded = rows(a=1.0 + 1e-15)
    assert reason("bottomk(1, x)", {"x": inside}, (rows(b=1.0), rounded)) == TIES


def test_ties__inside_need_equal_values():
    """In a subquery at an instant they are looked for, in one of a range they cannot be."""
    text, inner = "max_over_time(topk(1, x)[5m:1m])", "(x)[5m:1m]"
    assert reason(text, {inner: rows(a=1.0, b=1.0)}) == TIES
    assert reason(text, {inner: rows(a=1.0, b=2.0), "topk(1, x)[5m:1m]": rows()}) == ""
    assert reason(text, {}, step_ms=1) == UNSEEN_TIES


def test_dates__excuse_the_points_without_a_time_alone():
    """Whatever stands beside them must be the same."""
    inside = rows(a=math.nan, b=0.0)
    assert reason("year(x)", {"x": inside}, (rows(a=1.0, b=1970.0), rows(a=2.0, b=1970.0))) == DATES
    assert reason("year(x)", {"x": inside}, (rows(a=1.0, b=1971.0), rows(a=2.0, b=1970.0))) == ""


def test_overflow__excuses_what_is_nearly_infinite_alone():
    """An infinity of theirs for a very large number of ours."""
    assert reason("cosh(x)", {}, (rows(a=1e308), rows(a=math.inf))) == OVERFLOW
    assert reason("exp(x)", {}, (rows(a=1e308), rows(a=math.inf))) == OVERFLOW
    assert reason("cosh(x)", {}, (rows(a=1e300), rows(a=math.inf))) == ""
    assert reason("cosh(x)", {}, (rows(a=1e308, b=1.0), rows(a=math.inf, b=2.0))) == ""


def test_lengths__excuse_our_refusal_alone():
    """Of a range below a millisecond; another error is none."""
    refused = Answer("error", error=f"bad_data: {TOO_SHORT}")
    assert reason("rate(x[0.0001 + 0])", {}, (refused, rows())) == LENGTHS
    assert reason("rate(x[0.0001 + 0])", {}, (Answer("error", error="else"), rows())) == ""


def test_twice__is_of_one_text():
    """A selector is no sum, and another text is another."""
    assert reason("stdvar(x) > stdvar(x)", {}) == TWICE
    assert reason("x > x", {}) == ""
    assert reason("sum(x) > sum(y)", {"sum(x)": rows(), "sum(y)": rows()}) == ""


ROUNDED = rows(a=3.0 - 1e-15), rows(a=3.0)


@pytest.mark.parametrize(
    ("inner", "whole", "expected"),
    [
        (ROUNDED, (rows(a=2.0), rows(a=3.0)), ROUNDING),
        # Not what the operation makes of theirs.
        (ROUNDED, (rows(a=2.0), rows(a=4.0)), ""),
        # More than rounding, and none at all.
        ((rows(a=2.9), rows(a=3.0)), (rows(a=2.0), rows(a=3.0)), ""),
        (rows(a=3.0), (rows(a=2.0), rows(a=3.0)), ""),
    ],
)
def test_rounding__is_what_the_operation_makes_of_theirs(inner, whole, expected):
    """The operation is done again over their operands."""
    assert reason("floor(x + 1)", {"x + 1": inner}, whole) == expected


def test_rounding__stands_in_for_subqueries():
    """Their samples at their own times; here the last one is no change."""
    inner, labels = "(x + 1)[5m:1m]", (("job", "a"),)
    mine = Answer("matrix", ((labels, ((-60_000, 3.0), (0, 3.0 - 1e-15))),))
    yours = Answer("matrix", ((labels, ((-60_000, 3.0), (0, 3.0))),))
    whole = rows(a=1.0), rows(a=0.0)
    assert reason(f"changes({inner})", {inner: (mine, yours)}, whole) == ROUNDING


def test_rounding__stands_in_for_scalars():
    """A number inside is theirs, too."""
    mine, yours = (Answer("scalar", (((), ((0, value),)),)) for value in (3.0 - 1e-15, 3.0))
    whole = Answer("vector", mine.rows), Answer("vector", yours.rows)
    assert reason("vector(9 / 3)", {"9 / 3": (mine, yours)}, whole) == ROUNDING


def test_zero_first__differs_between_half_a_distance_and_the_threshold():
    """Samples at 40 and 50 s of a minute: zero 8 s before the first is past half of 10 s."""
    series = [((("__name__", "a_total"),), [40_000, 50_000], [8.0, 18.0])]
    engine, query = Engine(MemoryStorage(series)), parse("increase(a_total[1m])")
    # To the end it is 10 s, which is near.
    assert engine.instant(query, 60_000).value.samples[0].value == pytest.approx(25.0)
    with zero_first():
        assert engine.instant(query, 60_000).value.samples[0].value == pytest.approx(28.0)
