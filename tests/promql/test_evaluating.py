"""What holds for all expressions over all series."""

from __future__ import annotations

import math

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.promql.cases.case import assert_same, table
from tests.promql.expressions import EXPRESSIONS, SAMPLES, STEP, OneByOne, OneGrid, series
from zerostate_monitoring.exceptions import QueryError
from zerostate_monitoring.frames.exemplar import Labels
from zerostate_monitoring.promql.data import Scalar
from zerostate_monitoring.promql.engine import Engine
from zerostate_monitoring.promql.memory import MemoryStorage
from zerostate_monitoring.promql.nodes import ValueType
from zerostate_monitoring.promql.query import parse

QUERIES = [parse(text) for text in EXPRESSIONS]
END = SAMPLES * STEP
CLOSE = 1e-9
"""Sums in another order, and the times of other origins, differ in their last digits."""

few = settings(
    max_examples=5,
    suppress_health_check=list(HealthCheck),
    deadline=None,
    # A whole set of series takes long to make small; the message names the query.
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)
times = st.integers(0, END).map(lambda at: at // 1000 * 1000)
DEPENDS = ("hour", "time()", "day_of", "@")
"""What is said of times themselves, or fixed to one."""


@given(series(), st.sampled_from([10_000, 37_000, 60_000]), times)
@few
def test_range__is_the_instant_at_each_step(found, step, start):
    """But for what names the start and the end of the query."""
    engine = Engine(MemoryStorage(found))
    for query in QUERIES:
        if "start()" in query.text or "end()" in query.text:
            continue
        whole = table(engine.range(query, start, start + 6 * step, step))
        steps: dict[Labels, dict[int, float]] = {}
        for number in range(7):
            at = start + number * step
            for labels, points in table(engine.instant(query, at)).items():
                steps.setdefault(labels, {}).update(points)
        try:
            assert_same(whole, steps, CLOSE)
        except AssertionError as error:
            raise AssertionError(query.text) from error


@given(series(), times)
@few
def test_storage__how_samples_are_laid_out_changes_nothing(found, start):
    """Shared blocks, one for each series, one grid with masks of which parts are given."""
    engines = [Engine(make(found)) for make in (MemoryStorage, OneByOne, OneGrid)]
    for query in QUERIES:
        wide, single, parts = (
            table(engine.range(query, start, start + 200_000, 20_000)) for engine in engines
        )
        assert_same(wide, single, CLOSE)
        assert_same(wide, parts, CLOSE)


@given(series(), times)
@few
def test_many__is_each_by_itself(found, at):
    """Also where all queries read parts of one block; twice, as what is kept must be right."""
    for make in (MemoryStorage, OneGrid):
        engine = Engine(make(found))
        together = engine.many([*QUERIES, *QUERIES], at)
        for query, one in zip([*QUERIES, *QUERIES], together, strict=True):
            assert not isinstance(one, QueryError)
            alone = engine.instant(query, at)
            assert_same(table(one), table(alone), CLOSE)
            assert (one.warnings, one.infos) == (alone.warnings, alone.infos)


@given(series(), times, st.sampled_from([60_000, 86_400_000, 1_699_999_980_000]))
@few
def test_range__moves_with_the_samples(found, start, shift):
    """Later samples give the same values later, where nothing names a time.

    The times of subqueries stay where they were: shifts are multiples of their steps.
    """
    later = [(labels, [at + shift for at in ats], values) for labels, ats, values in found]
    engines = Engine(MemoryStorage(found)), Engine(MemoryStorage(later))
    for query in QUERIES:
        if any(word in query.text for word in DEPENDS):
            continue
        here = engines[0].range(query, start, start + 100_000, 20_000)
        there = engines[1].range(query, start + shift, start + shift + 100_000, 20_000)
        moved = {
            labels: {at - shift: _unmoved(query.text, value, shift) for at, value in points.items()}
            for labels, points in table(there).items()
        }
        assert_same(moved, table(here), 1e-6)


def _unmoved(text: str, value: float, shift: int) -> float:
    return value - shift / 1000 if text.startswith("timestamp") else value


@given(series(), times)
@few
def test_fixed_expressions__are_the_same_at_all_steps(found, start):
    """Worked out once or at each step: a fixed expression does not know the step."""
    engine = Engine(MemoryStorage(found))
    for vector in QUERIES:
        if vector.type is not ValueType.VECTOR:
            continue
        query = parse(f"sum(last_over_time(({vector.text})[1s:1s] @ 200))")
        runs = engine.range(query, start, start + 50_000, 10_000).value.runs
        assert all(len({repr(value) for value in run.values.tolist()}) == 1 for run in runs)
        assert all(len(run.times) == 6 for run in runs)


@pytest.mark.parametrize("text", ["(1 + 2) * 3", "+pi() - pi() + 9", "scalar(vector(9))", "-(-9)"])
def test_scalar__is_worked_out(text):
    """Signs, parentheses, operators and functions of numbers."""
    assert Engine(MemoryStorage([])).instant(parse(text), 5).value == Scalar(5, 9.0)


def test_vector__of_no_series_at_all():
    """Nothing is stored: nothing is found, and nothing breaks."""
    engine = Engine(MemoryStorage([]))
    for query in QUERIES:
        for points in table(engine.range(query, 0, 60_000, 20_000)).values():
            assert all(math.isnan(value) or value >= 0 for value in points.values())
