"""Whether an answer is the one that a test script expects."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

import numpy as np

from tests.promql.script import Eval
from zerostate_monitoring.frames.exemplar import Labels
from zerostate_monitoring.promql.data import (
    Matrix,
    Result,
    Run,
    Sample,
    Scalar,
    Text,
    Vector,
    is_stale,
)

EPSILON: Final = 1e-6
_SMALLEST_NORMAL: Final = 2.0**-1022
_LARGEST: Final = float(np.finfo(np.float64).max)


class WrongError(Exception):
    """An answer that is not the expected one."""


def almost_equal(one: float, other: float) -> bool:
    """Whether two values are the same to Prometheus's tests."""
    pair = np.array([one, other])
    stale = is_stale(pair)
    if stale.any():
        return bool(stale.all())
    if one == other or (math.isnan(one) and math.isnan(other)):
        return True
    total, distance = abs(one) + abs(other), abs(one - other)
    if one == 0 or other == 0 or total < _SMALLEST_NORMAL:
        return distance < EPSILON * _SMALLEST_NORMAL
    return distance / min(total, _LARGEST) < EPSILON


def compare(case: Eval, result: Result, where: str) -> None:
    match result.value:
        case Text(value=text):
            right = text == case.string
        case Scalar(value=value):
            right = case.scalar is not None and almost_equal(value, case.scalar)
        case Vector(samples=samples):
            right = _same_vector(case, samples)
        case Matrix(runs=runs):
            right = _same_matrix(case, runs)
    if not right:
        raise WrongError(f"{where}expected {expected(case)}, got {shown(result.value)}")


def _same_vector(case: Eval, samples: Sequence[Sample]) -> bool:
    if case.scalar is not None or case.string is not None:
        return False
    for position, sample in enumerate(samples, 1):
        place, values = case.series.get(sample.labels, (0, []))
        if place == 0 or (case.wants("ordered") and place != position):
            return False
        if not isinstance(values[0], float) or not almost_equal(values[0], sample.value):
            return False
    return {sample.labels for sample in samples} == case.series.keys()


def _same_matrix(case: Eval, runs: Sequence[Run]) -> bool:
    if case.scalar is not None:
        return False
    labels = [run.labels for run in runs]
    if labels != sorted(case.series):
        return False
    return all(_same_run(case, run) for run in runs)


def _same_run(case: Eval, run: Run) -> bool:
    wanted = [
        (case.start_ms + place * case.step_ms, value)
        for place, value in enumerate(case.series[run.labels][1])
        if isinstance(value, float)
    ]
    return [int(time) for time in run.times] == [time for time, _ in wanted] and all(
        almost_equal(float(got), value) for got, (_, value) in zip(run.values, wanted, strict=True)
    )


def expected(case: Eval) -> str:
    """What a case expects, for a message."""
    if case.string is not None:
        return repr(case.string)
    if case.scalar is not None:
        return repr(case.scalar)
    return str({_name(labels): values for labels, (_, values) in case.series.items()})


def shown(value: Scalar | Text | Vector | Matrix) -> str:
    """A result, for a message."""
    match value:
        case Vector(samples=samples):
            return str({_name(sample.labels): sample.value for sample in samples})
        case Matrix(runs=runs):
            return str({_name(run.labels): _points(run) for run in runs})
    return repr(value.value)


def _points(run: Run) -> dict[int, float]:
    return dict(zip(run.times.tolist(), run.values.tolist(), strict=True))


def _name(labels: Labels) -> str:
    return "{" + ",".join(f"{key}={value}" for key, value in labels) + "}"
