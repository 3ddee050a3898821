"""However much there is to do, a query ends when its time is over, and within its memory."""

from __future__ import annotations

import time
from contextlib import suppress

import numpy as np
import pytest

from zerostate_monitoring.exceptions import QueryLimitError, QueryTimeoutError
from zerostate_monitoring.promql.data import Block, Series
from zerostate_monitoring.promql.deadline import check_time, in_time, watched
from zerostate_monitoring.promql.engine import Engine
from zerostate_monitoring.promql.query import parse
from zerostate_monitoring.promql.steps import Limits

TIMES = np.arange(480) * 15_000
END = 480 * 15_000 - 1


class Storage:
    """Series whose values cancel each other, as ``x`` and as buckets."""

    def __init__(self, size):
        buckets = [
            (("__name__", "x"), ("le", str(n % 10)), ("peer", str(n // 10))) for n in range(size)
        ]
        values = np.random.default_rng(1).standard_normal((len(TIMES), size))
        self.block = Block(Series(buckets), TIMES, values)

    def select(self, matchers, start_ms, end_ms):
        return [self.block]


STORAGE = Storage(300)


@pytest.mark.parametrize(
    "query",
    [
        "max_over_time(x[2h])",
        "rate(x[2h])",
        "quantile_over_time(0.9, x[2h])",
        "deriv(x[2h])",
        "histogram_quantile(0.9, x > 0)",
        "avg_over_time(sin(vector(time()))[20000s:1s] @ end())",
        "sum by (le, peer) (label_replace(x, 'all', '', '', '') - x or x)",
    ],
)
def test_range__ends_in_its_time(query):
    """Each of them takes long in one place."""
    engine = Engine(STORAGE, limits=Limits(seconds=0.1))
    before = time.monotonic()
    with suppress(QueryTimeoutError):
        engine.range(parse(query), 0, END, END // 8_000)
    assert time.monotonic() - before < 3


def test_instant__ends_in_its_time():
    """Sums that cancel are made term by term."""
    engine = Engine(STORAGE, limits=Limits(seconds=0.1))
    before = time.monotonic()
    with pytest.raises(QueryTimeoutError):
        engine.instant(parse("sum_over_time(sin(vector(time()))[3000000s:1s])"), END)
    assert time.monotonic() - before < 3


def test_many__a_query_without_time_costs_no_other():
    """Its error stands in its place, also where the work is done for all of them."""
    slow = parse("sum_over_time(sin(vector(time()))[3000000s:1s])")
    engine = Engine(STORAGE, limits=Limits(seconds=0.1))
    first, second = engine.many([slow, parse("count(x)")], END)
    assert isinstance(first, QueryTimeoutError)
    assert second.value.samples[0].value == 300


def test_count_values__is_refused_before_it_takes_memory():
    """Each value is a series at all steps."""
    engine = Engine(STORAGE, limits=Limits(samples=5_000_000))
    before = time.monotonic()
    with pytest.raises(QueryLimitError):
        engine.range(parse("count_values('v', x)"), 0, END, 15_000)
    assert time.monotonic() - before < 1


def test_matching__of_what_a_comparison_left_takes_no_more_than_it_is():
    """A series that stands nowhere meets nobody."""
    engine = Engine(Storage(3_000), limits=Limits(samples=100_000))
    [answer] = engine.many([parse("x + on() group_left() (x == scalar(max(x)))")], END)
    assert len(answer.value.samples) == 3_000


def test_in_time__asks_now_and_then():
    """Inside of what is watched; outside nothing is asked."""
    asked = []
    with watched(lambda: asked.append(1)):
        assert list(in_time(range(2_500))) == list(range(2_500))
        check_time()
    check_time()
    assert len(asked) == 4
