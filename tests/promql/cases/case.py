"""A query with its data and its answer, written as Prometheus's test scripts write series."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import pytest

from tests.promql import sequences
from zerostate_monitoring.exceptions import QueryError
from zerostate_monitoring.frames.exemplar import Labels
from zerostate_monitoring.promql.data import Matrix, Result, Scalar, Vector
from zerostate_monitoring.promql.engine import Engine
from zerostate_monitoring.promql.memory import MemoryStorage
from zerostate_monitoring.promql.query import parse

STEP_MS: Final = 60_000

Points = Mapping[int, float]
Table = Mapping[Labels, Points]


@dataclass(frozen=True, kw_only=True)
class Case:
    """What a query gives at some steps, one minute apart, of which ``at`` is the first (s).

    ``data`` are series with a value for every ``every`` seconds from 0 on. ``expected`` are
    series with one value for each step; ``{}`` stands for a scalar too. ``error``,
    ``warning`` and ``info`` are parts of what is said; empty where nothing is.
    """

    says: str
    query: str
    expected: str = ""
    data: str = ""
    at: float = 0
    every: float = 60
    error: str = ""
    warning: str = ""
    info: str = ""
    ordered: bool = False

    @property
    def at_ms(self) -> int:
        """The first step."""
        return round(self.at * 1000)


def rows(text: str) -> list[tuple[Labels, list[sequences.Value]]]:
    """Series line by line."""
    return [sequences.series(line.strip()) for line in text.strip().splitlines()]


def storage(text: str, every: float = 60) -> MemoryStorage:
    """Series in memory; the first value of each stands at 0."""
    given = []
    for labels, values in rows(text):
        found = [
            (round(place * every * 1000), value)
            for place, value in enumerate(values)
            if isinstance(value, float)
        ]
        given.append((labels, [at for at, _ in found], [value for _, value in found]))
    return MemoryStorage(given)


def table(result: Result | QueryError) -> dict[Labels, dict[int, float]]:
    """Every sample of an answer."""
    assert isinstance(result, Result)
    match result.value:
        case Scalar(at_ms=at, value=value):
            return {(): {at: value}}
        case Vector(at_ms=at, samples=samples):
            assert len({sample.labels for sample in samples}) == len(samples)
            return {sample.labels: {at: sample.value} for sample in samples}
        case Matrix(runs=runs):
            assert len({run.labels for run in runs}) == len(runs)
            return {
                run.labels: dict(zip(run.times.tolist(), run.values.tolist(), strict=True))
                for run in runs
            }
    raise AssertionError(f"no numbers: {result.value}")


def is_same(ours: float, other: float, close: float = 1e-12) -> bool:
    """Whether two values are equal but for rounding; NaN is NaN."""
    if math.isnan(ours) or math.isnan(other):
        return math.isnan(ours) and math.isnan(other)
    return math.isclose(ours, other, rel_tol=close, abs_tol=1e-300)


def assert_same(ours: Table, other: Table, close: float = 1e-12) -> None:
    """The same series have the same samples."""
    assert {labels: list(points) for labels, points in ours.items()} == {
        labels: list(points) for labels, points in other.items()
    }
    for labels, points in ours.items():
        for at, value in points.items():
            wanted = other[labels][at]
            assert is_same(value, wanted, close), f"{labels} at {at}: {value!r} for {wanted!r}"


def check(case: Case) -> None:
    """The answer is as expected, at each step by itself and at all of them together."""
    engine = Engine(storage(case.data, case.every))
    query = parse(case.query)
    if case.error:
        with pytest.raises(QueryError) as caught:
            engine.instant(query, case.at_ms)
        assert case.error in str(caught.value)
        return
    wanted = _wanted(case)
    steps = max((len(values) for _, values in rows(case.expected)), default=1)
    for number in range(steps):
        at = case.at_ms + number * STEP_MS
        result = engine.instant(query, at)
        _check_remarks(case, result, is_one_of_many=steps > 1)
        alone = {own: {at: points[at]} for own, points in wanted.items() if at in points}
        assert_same(table(result), alone)
        if case.ordered:
            assert list(table(result)) == list(alone)
    result = engine.range(query, case.at_ms, case.at_ms + (steps - 1) * STEP_MS, STEP_MS)
    if not (case.ordered and steps > 1):
        _check_remarks(case, result)
    assert_same(table(result), wanted)


def _wanted(case: Case) -> dict[Labels, dict[int, float]]:
    found = {
        labels: {
            case.at_ms + place * STEP_MS: value
            for place, value in enumerate(values)
            if isinstance(value, float)
        }
        for labels, values in rows(case.expected)
    }
    return {labels: points for labels, points in found.items() if points}


def _check_remarks(case: Case, result: Result, *, is_one_of_many: bool = False) -> None:
    """What was to be said is said, and nothing else; at some steps there may be no reason."""
    for wanted, said in ((case.warning, result.warnings), (case.info, result.infos)):
        if not wanted:
            assert said == ()
        elif said or not is_one_of_many:
            assert [wanted in one for one in said] == [True] * len(said) != []


def given(cases: tuple[Case, ...]) -> pytest.MarkDecorator:
    """One test for each case."""
    assert len({case.says for case in cases}) == len(cases)
    return pytest.mark.parametrize("case", cases, ids=lambda case: case.says)
