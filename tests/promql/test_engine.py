"""The engine: kinds of answers, limits, errors, remarks, and many queries at once."""

from __future__ import annotations

import math

import pytest

from tests.promql.cases.case import storage
from zerostate_monitoring.exceptions import (
    QueryError,
    QueryLimitError,
    QuerySyntaxError,
    QueryTimeoutError,
)
from zerostate_monitoring.promql import engine as engine_module
from zerostate_monitoring.promql.data import Matrix, Result, Scalar, Text, Vector
from zerostate_monitoring.promql.engine import Engine
from zerostate_monitoring.promql.query import parse
from zerostate_monitoring.promql.steps import Budget, Limits

DATA = 'x{a="2"} 1 2 3\nx{a="1"} 4 5 6\nc_total 1 2 3'
MINUTE = 60_000


def engine(limits=None, **options):
    """An engine over a few series."""
    return Engine(storage(DATA), limits=Limits(**(limits or {})), **options)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("1", Scalar),
        ("scalar(x)", Scalar),
        ("'a'", Text),
        ("x", Vector),
        ("x[5m]", Matrix),
        ("x[5m:1m]", Matrix),
    ],
)
def test_instant__gives_what_the_query_is(text, kind):
    """A number, a text, a vector, or the samples of a range themselves."""
    assert type(engine().instant(parse(text), MINUTE).value) is kind


def test_instant__a_string_is_its_text():
    """Also in parentheses."""
    assert engine().instant(parse("('a')"), 7).value == Text(7, "a")


def test_instant__a_range_has_its_own_times():
    """Samples of a selector, open at the left, in the order of labels; steps of a subquery."""
    runs = engine().instant(parse("x[2m]"), 2 * MINUTE).value.runs
    assert [dict(run.labels)["a"] for run in runs] == ["1", "2"]
    assert (runs[0].times.tolist(), runs[0].values.tolist()) == ([MINUTE, 2 * MINUTE], [5, 6])
    (run,) = engine().instant(parse("c_total[1m:20s] offset 10s"), 90_000).value.runs
    assert run.times.tolist() == [40_000, 60_000, 80_000]


@pytest.mark.parametrize("at", ["@ 60", "@ start()", "@ end()"])
@pytest.mark.parametrize("offset", ["", " offset -1s", " offset 1s"])
def test_instant__what_is_tied_to_a_time_is_of_that_time(at, offset):
    """However the subquery lies in which it stands; Prometheus shifts it by that one's offset."""
    text = f"last_over_time((c_total {at})[2m:1m]{offset})"
    (found,) = engine().instant(parse(text), MINUTE).value.samples
    assert found.value == 2


def test_instant__a_range_leaves_out_what_is_not_there():
    """Gaps and markers are no samples; a series without any is none."""
    gaps = Engine(storage("x 1 _ stale 4\ny 1"))
    (run,) = gaps.instant(parse('{__name__=~"x|y"}[3m]'), 3 * MINUTE).value.runs
    assert (run.times.tolist(), run.values.tolist()) == ([3 * MINUTE], [4])


def test_range__of_a_number_is_one_series_without_labels():
    """With a value at each step, the last no later than the end."""
    (run,) = engine().range(parse("time()"), 0, 2 * MINUTE + 1, MINUTE).value.runs
    assert (run.labels, run.values.tolist()) == ((), [0, 60, 120])


def test_range__is_in_the_order_of_labels():
    """Whatever order the storage has."""
    runs = engine().range(parse("x"), 0, MINUTE, MINUTE).value.runs
    assert [dict(run.labels)["a"] for run in runs] == ["1", "2"]


@pytest.mark.parametrize(
    ("text", "start", "end", "step"),
    [("x", 0, 1, 0), ("x", 0, 1, -1), ("x", 1, 0, 1), ("x[5m]", 0, 1, 1), ("'a'", 0, 1, 1)],
)
def test_range__refuses_what_is_none(text, start, end, step):
    """A step that is none, an end before the start, a query that cannot be ranged over."""
    with pytest.raises(QuerySyntaxError):
        engine().range(parse(text), start, end, step)


def test_look_back__is_the_engines():
    """How old a sample may be is told to the engine."""
    short = engine(lookback_ms=1000)
    assert len(short.instant(parse("c_total"), 2 * MINUTE + 999).value.samples) == 1
    assert short.instant(parse("c_total"), 2 * MINUTE + 1000).value == Vector(121_000, ())


def test_subquery_step__is_the_engines():
    """Where a subquery names none."""
    often = engine(subquery_step_ms=10_000)
    (sample,) = often.instant(parse("count_over_time(c_total[1m:])"), MINUTE).value.samples
    assert sample.value == 6


# -- limits --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("limits", "text"),
    [
        ({"samples": 5}, "x[5m]"),
        ({"samples": 5}, "sum(x + x)"),
        ({"samples": 100}, "count_over_time(c_total[101s:1s])"),
        ({"samples": 100}, "count_over_time(vector(1)[100y:1ms])"),
        ({"samples": 100}, "sum_over_time(sum_over_time(c_total[5m:1m])[50m:1m])"),
        ({"series": 1}, "x"),
    ],
)
def test_limits__of_samples_and_series(limits, text):
    """What is read and what is made counts; what would be too much is not made first."""
    with pytest.raises(QueryLimitError, match=r"would hold more than|may be read"):
        engine(limits).instant(parse(text), 2 * MINUTE)
    assert engine().instant(parse("x"), 0)


def test_limits__count_the_cells_of_a_range_before_they_are_made():
    """Series times steps."""
    few = engine({"samples": 1000})
    few.range(parse("x"), 0, 400 * 1000, 1000)
    with pytest.raises(QueryLimitError, match="larger step"):
        few.range(parse("x"), 0, 600 * 1000, 1000)


def test_limits__what_lies_elsewhere_counts_nothing():
    """Series without samples in the range that is read are not in it."""
    assert engine({"samples": 1, "series": 1}).instant(parse("x"), 10**9).value.samples == ()


def test_limits__of_pairs():
    """So many series by turns meet so many others that no more can be said."""
    lines = [
        f'{name}{{k="{n}"}} ' + " ".join("1" if n == t else "stale" for t in range(20))
        for name in "xy"
        for n in range(20)
    ]
    few = Engine(storage("\n".join(lines)), limits=Limits(samples=7999))
    with pytest.raises(QueryLimitError):
        few.range(parse("x + on() y"), 0, 19 * MINUTE, MINUTE)
    enough = Engine(storage("\n".join(lines)))
    (run,) = enough.range(parse("x + on() y"), 0, 19 * MINUTE, MINUTE).value.runs
    assert run.values.tolist() == [2] * 20


def test_limits__of_steps():
    """The first step counts."""
    few = engine({"steps": 3})
    assert few.range(parse("x"), 0, 299, 100)
    with pytest.raises(QueryLimitError, match="more than 3 steps"):
        few.range(parse("x"), 0, 300, 100)


def test_limits__take_as_many_points_as_prometheus():
    """11,000, and the one at the start."""
    (run,) = engine().range(parse("time()"), 0, 11_000, 1).value.runs
    assert len(run.times) == 11_001
    with pytest.raises(QueryLimitError):
        engine().range(parse("time()"), 0, 11_001, 1)


def test_limits__of_time(monkeypatch):
    """Each part of a query looks at the clock; the message says how long was allowed."""
    clock = iter(range(1000))
    monkeypatch.setattr(
        engine_module, "Budget", lambda limits: Budget(limits, now=lambda: next(clock))
    )
    assert engine({"seconds": 3}).instant(parse("x"), 0)
    with pytest.raises(QueryTimeoutError, match="longer than 3 seconds") as caught:
        engine({"seconds": 3}).instant(parse("((((x))))"), 0)
    assert caught.value.kind == "timeout"


def test_limits__an_answer_that_came_too_late_is_none(monkeypatch):
    """Though nothing looked at the clock while it was made."""
    clock = iter(range(1000))
    monkeypatch.setattr(
        engine_module, "Budget", lambda limits: Budget(limits, now=lambda: next(clock))
    )
    with pytest.raises(QueryTimeoutError):
        engine({"seconds": 1}).instant(parse("x"), 0)


# -- remarks -------------------------------------------------------------------


def test_remarks__name_their_place():
    """Line and column of the argument, both from 1; each thing is said once, at its last place."""
    text = "1 +\n  # a comment\n  quantile(2, x) + rate(x[5m])\n  + quantile(2, x) + quantile(3, x)"
    result = engine().instant(parse(text), 2 * MINUTE)
    assert [one[one.rindex("(") :] for one in result.warnings] == ["(4:14)", "(4:31)"]
    (info,) = result.infos
    assert info.startswith('PromQL info: "x" may be no counter')
    assert info.endswith("(3:25)")


def test_remarks__count_bytes():
    """As the places of errors do."""
    (info,) = engine().instant(parse('count({"é"}) + rate(x[5m])'), 2 * MINUTE).infos
    assert info.endswith("(1:22)")


@pytest.mark.parametrize(
    ("q", "told"),
    [
        ("time() / 600 + 1.02", ["2.02"]),
        ("-time() / 600", ["-1"]),
        ("time() / 6 - 20", ["80", "-20"]),
        ("(time() - 300) / (time() - 300)", ["NaN"]),
        ("time() / 600", []),
    ],
)
def test_remarks__of_quantiles_that_are_none(q, told):
    """The largest if it is above 1, the smallest if it is below 0, or NaN alone."""
    result = engine().range(parse(f"quantile({q}, x)"), 0, 10 * MINUTE, MINUTE)
    assert [one.split("not at ")[1].split()[0] for one in result.warnings] == told


def test_remarks__of_a_range_are_said_once():
    """Not at each step: of many numbers, the largest and the smallest."""
    result = engine().range(parse("quantile(time() / 6 - 20, x)"), 0, 10 * MINUTE, MINUTE)
    assert ["at 80 " in result.warnings[0], "at -20 " in result.warnings[1]] == [True, True]
    assert len(result.warnings) == 2
    result = engine().range(parse("quantile(1 + time(), x)"), 0, 100 * MINUTE, MINUTE)
    assert [one[-14:] for one in result.warnings] == ["at 6001 (1:10)"]
    result = engine().range(parse("quantile(time() / time(), x)"), 0, 100 * MINUTE, MINUTE)
    assert [one[-13:] for one in result.warnings] == ["at NaN (1:10)"]
    (warning,) = engine().instant(parse("quantile(2e6 ^ 99, x)"), 0).warnings
    assert "at +Inf " in warning


def test_remarks__there_are_none_without_a_reason():
    """Empty, not missing."""
    assert engine().instant(parse("sum(rate(c_total[5m]))"), MINUTE).warnings == ()


# -- many queries --------------------------------------------------------------

TEXTS = (
    "sum(x)",
    "sum( x )",
    "rate(x[5m])",
    "1 + rate(  x[5m])",
    "rate(x[5m]) + rate(x[5m])",
    "quantile(2, x) or quantile(3, x)",
    "x",
    "'a'",
    "scalar(sum(x))",
    "x[5m]",
    "sum(sum_over_time(x[5m:1m]))",
)


def test_many__each_is_as_it_is_alone():
    """Answers and remarks with their places, however the queries are written."""
    ours = engine()
    found = ours.many([parse(text) for text in TEXTS], 2 * MINUTE)
    for text, one in zip(TEXTS, found, strict=True):
        alone = ours.instant(parse(text), 2 * MINUTE)
        assert isinstance(one, Result)
        assert repr(one) == repr(alone)


def test_many__one_error_costs_no_other_anything():
    """It stands in the place of its answer."""
    texts = ["sum(x)", "x * on() x", "topk(NaN, x)", "sum(x)"]
    first, second, third, last = engine().many([parse(text) for text in texts], 0)
    assert (type(first), type(last)) == (Result, Result)
    assert isinstance(second, QueryError)
    assert isinstance(third, QueryError)


def test_many__limits_are_those_of_each():
    """What one takes is not taken from the others."""
    few = engine({"samples": 8})
    found = few.many([parse(f"x + {n}") for n in range(5)], 0)
    assert [type(one) for one in found] == [Result] * 5


def test_infinity__is_a_value():
    """No floating point warning reaches anybody."""
    (sample,) = engine().instant(parse("sum(x) / 0"), 0).value.samples
    assert math.isinf(sample.value)
