"""Operators between two vectors: which series meets which, and what the pair is called."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from zerostate_monitoring.exceptions import QueryError
from zerostate_monitoring.frames.exemplar import Labels
from zerostate_monitoring.promql import label_sets
from zerostate_monitoring.promql.data import NAME, Mask, Series
from zerostate_monitoring.promql.deadline import in_time
from zerostate_monitoring.promql.grids import Grid, beside, counts, empty, merged
from zerostate_monitoring.promql.label_sets import Groups, Index
from zerostate_monitoring.promql.nodes import Binary, Card, Matching
from zerostate_monitoring.promql.operators import ARITHMETIC, COMPARISONS, compute
from zerostate_monitoring.promql.steps import Budget


def signatures(left: Series, right: Series, matching: Matching) -> tuple[Groups, Groups]:
    """Both sides in groups that meet each other; the groups have the same numbers."""

    def work() -> tuple[Groups, Groups]:
        keys = [_signature(own, matching) for own in (*left.labels, *right.labels)]
        both = label_sets.groups_of(keys)
        return (
            Groups(both.series, both.index[: len(left)]),
            Groups(both.series, both.index[len(left) :]),
        )

    return left.kept_with((right,), ("signatures", matching.on, matching.labels), work)


def _signature(own: Labels, matching: Matching) -> Labels:
    if matching.on:
        return label_sets.keeping(own, matching.labels)
    return label_sets.without(own, {*matching.labels, NAME})


# -- and, or, unless -----------------------------------------------------------


def set_operation(node: Binary, left: Grid, right: Grid) -> Grid:
    """Samples of the left, and with ``or`` of the right, by what the other side has.

    Raises:
        QueryError: the result would hold one label set twice.
    """
    of_left, of_right = signatures(left.series, right.series, node.matching or Matching())
    if node.op == "or":
        rest = right.where(~_has(left, of_left)[:, of_right.index])
        return merged(beside([left, rest], len(left.values)))
    met = _has(right, of_right)[:, of_left.index]
    return left.where(met if node.op == "and" else ~met)


def _has(grid: Grid, groups: Groups) -> Mask:
    """Whether each group has a sample at each step (N, G)."""
    size = len(groups.series)
    if grid.present is None:
        found = np.bincount(groups.index, minlength=size) > 0
        return np.broadcast_to(found, (len(grid.values), size))
    result = np.zeros((len(grid.values), size), np.bool_)
    rows, columns = np.nonzero(grid.present)
    result[rows, groups.index[columns]] = True
    return result


# -- arithmetic and comparisons ------------------------------------------------


@dataclass(frozen=True)
class _Pairs:
    """Series that meet: ``many[p]`` and ``one[p]`` make the p-th pair."""

    many: Index
    one: Index
    series: Series
    """The label sets of the results."""
    meetings: Groups
    """Pairs of which only one may have a result at a time."""

    @cached_property
    def may_collide(self) -> bool:
        """Whether two pairs could want the same place."""
        return len(self.meetings.series) < len(self.many)


def vector_operation(node: Binary, left: Grid, right: Grid, budget: Budget) -> Grid:
    """Each sample with that of the other side which has the same labels to match.

    Raises:
        QueryError: several meet where one was to, or results have the same labels.
        QueryLimitError: more meet than the budget allows.
    """
    matching = node.matching or Matching()
    swapped = matching.card is Card.ONE_TO_MANY
    many, one = (right, left) if swapped else (left, right)
    many, one = _without_the_absent(many, one, matching)
    if not len(many.series) or not len(one.series):
        return empty(len(left.values))
    _, of_one = signatures(many.series, one.series, matching)
    _refuse_repeated(node.op, matching, many, one, of_one)
    budget.foresee(len(left.values) * _number_of_pairs(many.series, one.series, matching))
    drops = node.op in ARITHMETIC or node.returns_bool
    pairs = _pairs(many.series, one.series, matching, drops_name=drops)
    present = _both(many, one, pairs)
    if pairs.may_collide:
        _refuse_collisions(matching, present, pairs)
    taken = (many.values[:, pairs.many], one.values[:, pairs.one])
    x, y = reversed(taken) if swapped else taken
    if drops:
        return merged(Grid(pairs.series, compute(node.op, x, y), present))
    return merged(Grid(pairs.series, x, present).where(COMPARISONS[node.op](x, y)))


def _number_of_pairs(many: Series, one: Series, matching: Matching) -> int:
    def work() -> int:
        of_many, of_one = signatures(many, one, matching)
        return int((of_many.sizes * of_one.sizes).sum())

    return many.kept_with((one,), ("number of pairs", matching), work)


def _without_the_absent(many: Grid, one: Grid, matching: Matching) -> tuple[Grid, Grid]:
    """Both sides; where each series of one meets many of the other, those that stand nowhere go.

    What a comparison left of a vector still has a place for all that was there before.
    """
    if many.present is None and one.present is None:
        return many, one
    if _number_of_pairs(many.series, one.series, matching) <= len(many.series) + len(one.series):
        return many, one
    return _standing(many), _standing(one)


def _standing(grid: Grid) -> Grid:
    alive = grid.mask.any(axis=0)
    return grid if alive.all() else grid.columns(np.flatnonzero(alive))


def _both(many: Grid, one: Grid, pairs: _Pairs) -> Mask | None:
    masks = []
    if many.present is not None:
        masks.append(many.present[:, pairs.many])
    if one.present is not None:
        masks.append(one.present[:, pairs.one])
    if not masks:
        return None
    return masks[0] if len(masks) == 1 else masks[0] & masks[1]


def _met(of_many: Groups, of_one: Groups) -> list[tuple[int, int, int]]:
    """The places of all pairs, with their groups."""
    members: dict[int, list[int]] = {}
    for place, group in enumerate(of_one.index.tolist()):
        members.setdefault(group, []).append(place)
    return [
        (i, j, group)
        for i, group in in_time(enumerate(of_many.index.tolist()))
        for j in members.get(group, ())
    ]


def _pairs(many: Series, one: Series, matching: Matching, *, drops_name: bool) -> _Pairs:
    def work() -> _Pairs:
        found = _met(*signatures(many, one, matching))
        results = [
            _result(many.labels[i], one.labels[j], matching, drops_name=drops_name)
            for i, j, _ in in_time(found)
        ]
        one_to_one = matching.card is Card.ONE_TO_ONE
        places = [
            (group, () if one_to_one else result)
            for (_, _, group), result in zip(found, results, strict=True)
        ]
        keys, index = label_sets.numbered(places)
        meetings = Groups(Series([()] * len(keys)), index)
        return _Pairs(
            np.array([i for i, _, _ in found], np.intp),
            np.array([j for _, j, _ in found], np.intp),
            Series(results),
            meetings,
        )

    return many.kept_with((one,), ("pairs", matching, drops_name), work)


def _result(many: Labels, one: Labels, matching: Matching, *, drops_name: bool) -> Labels:
    """The labels of a pair's result."""
    own = label_sets.metric_dropped(many) if drops_name else many
    if matching.card is Card.ONE_TO_ONE:
        if matching.on:
            own = label_sets.keeping(own, matching.labels)
        else:
            own = label_sets.without(own, matching.labels)
    for name in matching.include:
        own = label_sets.with_label(own, name, label_sets.value_of(one, name))
    return own


def _refuse_repeated(op: str, matching: Matching, many: Grid, one: Grid, groups: Groups) -> None:
    """On the one side, no two samples at one step may be found by the same labels."""
    if (groups.sizes <= 1).all():
        return
    twice = counts(one, groups) > 1
    if not twice.any():
        return
    # Where the other side is empty nothing is matched, so nothing is wrong.
    wanted = np.asarray(many.mask.any(axis=1))[:, None] & twice
    if not wanted.any():
        return
    step, group = (int(place[0]) for place in np.nonzero(wanted))
    members = np.flatnonzero((groups.index == group) & one.mask[step])
    side = "left" if matching.card is Card.ONE_TO_MANY else "right"
    raise QueryError(
        f"several series on the {side} side of {op!r} match the group "
        f"{written(groups.series.labels[group])}: "
        f"{_listed([one.series.labels[i] for i in members[:2].tolist()])}; "
        "there may be only one: match by more labels, or aggregate that side first"
    )


def _refuse_collisions(matching: Matching, present: Mask | None, pairs: _Pairs) -> None:
    """Each result may be made by one pair only."""
    shape = (1 if present is None else len(present), len(pairs.many))
    grid = Grid(pairs.series, np.empty(shape), present)
    if not (counts(grid, pairs.meetings) > 1).any():
        return
    if matching.card is Card.ONE_TO_ONE:
        raise QueryError(
            "several series of the left side match one of the right: if that is meant, say "
            "so with group_left or group_right"
        )
    raise QueryError(
        "several series match with the same labels in the result: the labels that are "
        "grouped by must tell them apart"
    )


def written(labels: Labels) -> str:
    """A label set as it is written in a query."""
    pairs = ", ".join(f'{name}="{value}"' for name, value in labels if name != NAME)
    return f"{label_sets.value_of(labels, NAME)}{{{pairs}}}"


def _listed(found: Sequence[Labels]) -> str:
    return " and ".join(sorted(written(labels) for labels in found))
