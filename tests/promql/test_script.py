"""The parts of the comparisons: scripts, answers, invented queries, and what makes them small."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tests.promql import scope
from tests.promql.answers import Answer, difference
from tests.promql.comparing import almost_equal
from tests.promql.dataset import dataset
from tests.promql.generator import Generator
from tests.promql.promqltest import FAILED, OUT, PASSED, Script
from tests.promql.script import Eval, Load, commands, duration
from tests.promql.sequences import STALE, Native, metric, values
from tests.promql.terms import shrunk, term
from tests.promql.vocabulary import OF_NATIVES
from zerostate_monitoring.exceptions import QuerySyntaxError
from zerostate_monitoring.promql.data import Result, Sample, Vector, is_stale
from zerostate_monitoring.promql.query import parse

NAN, INF = math.nan, math.inf


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1 2.5 -3 1e3", [1, 2.5, -3, 1000]),
        ("0x3", [0, 0, 0, 0]),
        ("1+2x3", [1, 3, 5, 7]),
        ("-1-1x2 _ 5", [-1, -2, -3, None, 5]),
        ("_x3 7", [None, None, None, 7]),
        ("Inf -Inf +inf", [INF, -INF, INF]),
        ("{{schema:0 sum:1}}x1 2", [Native("{{schema:0 sum:1}}")] * 2 + [2]),
        ("", []),
    ],
)
def test_values__of_every_notation(text, expected):
    """As the scripts' documentation has them."""
    assert values(text) == expected


def test_values__stale_is_no_other_nan():
    """A marker keeps its bits."""
    pair = np.array(values("stale NaN"), dtype=np.float64)
    assert is_stale(pair).tolist() == [True, False]
    marker, other = pair.tolist()
    assert not almost_equal(marker, other)
    assert almost_equal(other, NAN)
    assert almost_equal(marker, STALE)


@pytest.mark.parametrize(
    ("text", "labels"),
    [
        ("name 1", {"__name__": "name"}),
        ('name{a="x\\n\\"", b=\'é\'} 1', {"__name__": "name", "a": 'x\n"', "b": "é"}),
        ('{"quoted.name", "a.b"="c", empty=""} 1', {"__name__": "quoted.name", "a.b": "c"}),
        ("name {{count:1}}", {"__name__": "name"}),
        ("{} 1", {}),
    ],
)
def test_metric__of_every_form(text, labels):
    """Quoted names, escapes, no labels at all."""
    assert dict(metric(text)[0]) == labels


def test_commands__keep_their_lines():
    """Each case knows where it stands and what is expected of it."""
    text = """
# a comment
load 1m30s
  a{b="c"} 1+1x2

eval instant at 1m a
  expect no_warn
  expect ordered
  a{b="c"} 1

eval range from 0 to 2m step 1m b

eval_fail instant at 0 a +

clear
"""
    load, first, second, third, _ = commands(text)
    assert isinstance(load, Load)
    assert load.step_ms == duration("1m30s") == 90_000
    assert isinstance(first, Eval)
    assert (first.line, first.text, first.end_ms) == (6, "a", 60_000)
    assert set(first.expects) == {"no_warn", "ordered"}
    assert list(first.series.values()) == [(1, [1.0])]
    assert isinstance(second, Eval)
    assert (second.is_range, second.end_ms, second.series) == (True, 120_000, {})
    assert isinstance(third, Eval)
    assert third.wants("fail")


class Fixed:
    """An engine with one answer."""

    def __init__(self, value):
        self.value = value

    def instant(self, query, at_ms):
        return Result(Vector(at_ms, (Sample((("__name__", "a"),), self.value),)))

    def range(self, query, start_ms, end_ms, step_ms):
        raise AssertionError("not asked for")


@pytest.mark.parametrize(
    ("expected", "text", "status"),
    [
        ("a 1", "a", PASSED),
        ("a 1.1", "a", FAILED),
        ("b 1", "a", FAILED),
        ("", "a", FAILED),
        ("expect fail", "a", FAILED),
        ("expect fail", "a +", PASSED),
        ("expect warn", "a", FAILED),
        ("a {{count:1}}", "a", OUT),
        ("a 1", "limitk(1, a)", OUT),
        ("a 1", "native", OUT),
        ("a 1", "nonsense(a)", FAILED),
    ],
)
def test_case__is_judged(expected, text, status):
    """Out of scope are what is refused by name, and what native histograms go into."""
    # With start() in it the case is asked once only, as an instant.
    if text == "a":
        text = "a @ start()"
    script = f"load 1m\n  a 1\n  native {{{{count:1}}}}\n\neval instant at 0 {text}\n  {expected}\n"
    (outcome,) = Script(parse, lambda _: Fixed(1.0)).run(script)
    assert outcome.status == status, outcome


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("a[5m] smoothed", "extended range selectors"),
        ("a + fill(0) b", "fill modifiers"),
        ("info(a)", "info()"),
        ("limitk(1, a)", "limitk"),
        ("histogram_count(a)", "their functions"),
        ('a{b="info("} @ start() + c', None),
        ("a[5m:1m] offset -1m", None),
    ],
)
def test_excluded__names_what_it_is(text, name):
    """Words inside of strings are none."""
    found = scope.excluded(text)
    assert (found is None) if name is None else name in str(found)


def test_difference__of_values_is_measured_by_what_went_in():
    """A sum of large numbers may be off by a small part of them."""
    one, other = (Answer("vector", (((), ((0, value),)),)) for value in (1.0, 1.0 + 1e-9))
    assert difference(one, other, 1.0)
    assert not difference(one, other, 1e4)


def test_queries__are_the_same_for_a_seed():
    """A failure can be had again."""
    one, other = (Generator(7) for _ in "12")
    assert [one.ask() for _ in range(50)] == [other.ask() for _ in range(50)]
    # By their texts: a NaN equals nothing.
    assert str(dataset(3)) == str(dataset(3)) != str(dataset(4))


@pytest.mark.parametrize("computed", [False, True])
def test_queries__are_understood(computed):
    """All but a few comparisons of scalars, which lack a bool where operators meet."""
    made = [Generator(s, computed=computed, without=OF_NATIVES).ask() for s in range(300)]
    assert all(whole.text == ask.text for whole, ask in made)
    refused = []
    for _, ask in made:
        try:
            parse(ask.text)
        except QuerySyntaxError as error:
            refused.append(f"{ask.text}: {error}")
    assert len(refused) < 5, refused


def test_shrunk__finds_the_least_that_fails():
    """What stands around the culprit goes."""
    culprit = term("vector", "bad(", term("selector", "a"), ")")
    whole = term(
        "vector", "sum(", term("vector", "(", term("selector", "b"), " + ", culprit, ")"), ")"
    )
    assert shrunk(whole, lambda one: "bad" in one.text).text == "bad(a)"
