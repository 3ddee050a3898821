"""Work on label sets: what depends on the series alone, and is done once for them."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import numpy.typing as npt

from zerostate_monitoring.frames.exemplar import Labels
from zerostate_monitoring.promql.data import NAME, Series

Index = npt.NDArray[np.intp]

# What a metric is called and what its values are; an operation makes something else of them.
_METADATA: Final = frozenset({NAME, "__type__", "__unit__"})


def value_of(labels: Labels, name: str) -> str:
    """The value of a label; empty if it is missing."""
    for own, value in labels:
        if own == name:
            return value
    return ""


def keeping(labels: Labels, names: Collection[str]) -> Labels:
    """Only the labels in ``names``."""
    return tuple([pair for pair in labels if pair[0] in names])


def without(labels: Labels, names: Collection[str]) -> Labels:
    """All labels but those in ``names``."""
    return tuple([pair for pair in labels if pair[0] not in names])


def with_label(labels: Labels, name: str, value: str) -> Labels:
    """The labels with one set anew; an empty value takes it away."""
    others = [pair for pair in labels if pair[0] != name]
    return tuple(sorted([*others, (name, value)])) if value else tuple(others)


def metric_dropped(labels: Labels) -> Labels:
    """The labels without what names the metric."""
    return without(labels, _METADATA)


@dataclass(frozen=True)
class Groups:
    """Series in groups. ``index[i]`` is the group of the i-th series (S)."""

    series: Series
    """One label set for each group (G)."""
    index: Index

    @cached_property
    def order(self) -> Index:
        """The series, group by group, in their order inside each (S)."""
        return np.argsort(self.index, kind="stable")

    @cached_property
    def is_ordered(self) -> bool:
        """Whether the series stand group by group already."""
        return bool((self.index[1:] >= self.index[:-1]).all())

    @cached_property
    def sizes(self) -> Index:
        """Number of series of each group (G)."""
        return np.bincount(self.index, minlength=len(self.series)).astype(np.intp)

    @cached_property
    def starts(self) -> Index:
        """Where each group begins in ``order`` (G)."""
        return np.concatenate(([0], np.cumsum(self.sizes)[:-1])).astype(np.intp)

    @cached_property
    def has_members(self) -> bool:
        """Whether there are groups, and none of them is empty."""
        return len(self.sizes) > 0 and bool(self.sizes.all())

    @property
    def is_single(self) -> bool:
        """Whether each group is one series, in the same order."""
        return len(self.series) == len(self.index) and self.is_ordered


def numbered(keys: Iterable[Hashable]) -> tuple[list[Hashable], Index]:
    """Distinct keys in order of their first appearance, and the number of each."""
    found: dict[Hashable, int] = {}
    index = [found.setdefault(key, len(found)) for key in keys]
    return list(found), np.array(index, np.intp)


def groups_of(labels: Iterable[Labels]) -> Groups:
    """Equal label sets in one group each."""
    found: dict[Labels, int] = {}
    index = [found.setdefault(own, len(found)) for own in labels]
    return Groups(Series(found), np.array(index, np.intp))


def grouped(series: Series, names: tuple[str, ...], *, leaving_out: bool) -> Groups:
    """Groups by the labels ``names``, or by all others but the metric's name."""

    def work() -> Groups:
        if leaving_out:
            gone = {*names, NAME}
            return groups_of([without(own, gone) for own in series.labels])
        if not names:
            return Groups(Series([()] if len(series) else []), np.zeros(len(series), np.intp))
        return groups_of([keeping(own, names) for own in series.labels])

    return series.kept(("grouped", names, leaving_out), work)


def unnamed(series: Series) -> Series:
    """The series without their metrics' names; equal ones may stand among them."""
    return series.kept("unnamed", lambda: Series([metric_dropped(own) for own in series.labels]))


def repeated(series: Series) -> Groups | None:
    """Groups of equal label sets; ``None`` if all differ, as they nearly always do."""

    def work() -> tuple[Groups | None]:
        if len(set(series.labels)) == len(series.labels):
            return (None,)
        return (groups_of(series.labels),)

    return series.kept("repeated", work)[0]


def joined(parts: Sequence[Series]) -> Series:
    """All series of all parts, one after the other."""
    if len(parts) == 1:
        return parts[0]
    first, *others = parts

    def work() -> Series:
        return Series([own for part in parts for own in part.labels])

    return first.kept_with(others, "joined", work)


def picked(series: Series, index: Index) -> Series:
    """Some of the series, in another order."""
    labels = series.labels
    return Series([labels[i] for i in index.tolist()])
