"""Questions and answers in one form, whoever answers; and whether two answers are the same."""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from tests.promql.promqltest import Engine
from zerostate_monitoring.exceptions import QueryError
from zerostate_monitoring.frames.exemplar import Labels
from zerostate_monitoring.promql.data import (
    AnyBlock,
    Matrix,
    Result,
    Scalar,
    Storage,
    Text,
    Vector,
)
from zerostate_monitoring.promql.nodes import Matcher

CLOSE: Final = 1e-12
"""Values differ by less than this part of themselves, or of all that went into them."""

Points = tuple[tuple[int, float], ...]
Group = Callable[[Labels], Hashable]
"""The group of a series."""


@dataclass(frozen=True, slots=True)
class Ask:
    """A query and when: a range with ``step_ms``, an instant without."""

    text: str
    start_ms: int
    end_ms: int
    step_ms: int = 0


@dataclass(frozen=True, slots=True)
class Answer:
    """``rows`` in the order of the answer; ``kind`` is Prometheus's word, or ``error``."""

    kind: str
    rows: tuple[tuple[Labels, Points], ...] = ()
    warnings: tuple[str, ...] = ()
    infos: tuple[str, ...] = ()
    error: str = ""


class Weighed:
    """A storage that adds up the sizes of what it gives out."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self.weight = 0.0

    def select(self, matchers: Sequence[Matcher], start_ms: int, end_ms: int) -> Sequence[AnyBlock]:
        """What the storage gives."""
        blocks = self._storage.select(matchers, start_ms, end_ms)
        for block in blocks:
            sizes = np.abs(block.values[np.isfinite(block.values)])
            with np.errstate(over="ignore"):
                self.weight += float(sizes.sum())
        return blocks


def answer(engine: Engine, query: Any, ask: Ask) -> Answer:
    """What our engine says."""
    try:
        if ask.step_ms:
            result = engine.range(query, ask.start_ms, ask.end_ms, ask.step_ms)
        else:
            result = engine.instant(query, ask.start_ms)
    except QueryError as error:
        return Answer("error", error=f"{error.kind}: {error}")
    return _rows(result)


def _rows(result: Result) -> Answer:
    said = (result.warnings, result.infos)
    match result.value:
        case Text(value=text):
            return Answer("string", (((("", text),), ()),), *said)
        case Scalar(at_ms=at, value=value):
            return Answer("scalar", (((), ((at, value),)),), *said)
        case Vector(at_ms=at, samples=samples):
            rows = tuple((one.labels, ((at, one.value),)) for one in samples)
            return Answer("vector", rows, *said)
        case Matrix(runs=runs):
            table = tuple(
                (run.labels, tuple(zip(run.times.tolist(), run.values.tolist(), strict=True)))
                for run in runs
            )
            return Answer("matrix", table, *said)


def _close(one: float, other: float, weight: float, close: float) -> bool:
    if one == other or (math.isnan(one) and math.isnan(other)):
        return True
    if not (math.isfinite(one) and math.isfinite(other)):
        return False
    return abs(one - other) <= close * max(abs(one), abs(other), min(weight, 1e300))


def difference(
    ours: Answer,
    theirs: Answer,
    weight: float,
    *,
    order: Group | None = None,
    close: float = CLOSE,
) -> str:
    """In what two answers differ; empty if they do not.

    ``weight`` is the sum of all sizes that went in. ``order`` asks for the order of the
    values too, within each group; series of equal values may change places.
    """
    if ours.kind != theirs.kind:
        return f"{ours.kind} {ours.error} for {theirs.kind} {theirs.error}"
    if len(ours.rows) != len(theirs.rows):
        return f"{len(ours.rows)} series for {len(theirs.rows)}"
    problem = _series(ours, theirs, weight, close) or _sorted(ours)
    if order is not None:
        problem = problem or _order(ours, theirs, order, weight, close)
    return problem or _said(ours, theirs)


def _sorted(ours: Answer) -> str:
    labels = [labels for labels, _ in ours.rows]
    if ours.kind == "matrix" and labels != sorted(labels):
        return "not in the order of labels"
    return ""


def _order(ours: Answer, theirs: Answer, group: Group, weight: float, close: float) -> str:
    yours = _grouped(theirs, group)
    for key, values in _grouped(ours, group).items():
        for one, other in zip(values, yours[key], strict=True):
            if not _close(one, other, weight, close):
                return f"another order: {one!r} for {other!r}"
    return ""


def _grouped(answer: Answer, group: Group) -> dict[Hashable, list[float]]:
    """The values of each group, in the order of the answer."""
    found: dict[Hashable, list[float]] = {}
    for labels, points in answer.rows:
        found.setdefault(group(labels), []).append(points[0][1])
    return found


def _series(ours: Answer, theirs: Answer, weight: float, close: float) -> str:
    mine = dict(ours.rows)
    if mine.keys() != dict(theirs.rows).keys():
        return f"labels: {sorted(mine.keys() ^ dict(theirs.rows).keys())[:3]}"
    for labels, points in theirs.rows:
        if problem := _points(mine[labels], points, weight, close):
            return f"{dict(labels)}: {problem}"
    return ""


def _said(ours: Answer, theirs: Answer) -> str:
    for kind in ("warnings", "infos"):
        if bool(getattr(ours, kind)) != bool(getattr(theirs, kind)):
            return f"{kind}: {getattr(ours, kind)} for {getattr(theirs, kind)}"
    return ""


def _points(ours: Points, theirs: Points, weight: float, close: float) -> str:
    times, others = [at for at, _ in ours], [at for at, _ in theirs]
    if times != others:
        strange = sorted(set(times) ^ set(others))
        return f"times: {len(times)} for {len(others)}, such as {strange[:3]}"
    for (at, value), (_, other) in zip(ours, theirs, strict=True):
        if not _close(value, other, weight, close):
            return f"at {at}: {value!r} for {other!r}"
    return ""
