"""What the engine reads and what it gives: series, blocks of samples, results."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import Any, Final, Protocol, TypeVar, cast, runtime_checkable
from weakref import ref

import numpy as np
import numpy.typing as npt

from zerostate_monitoring.frames.exemplar import Labels
from zerostate_monitoring.promql.bursts import uninterrupted
from zerostate_monitoring.promql.nodes import Matcher

Floats = npt.NDArray[np.float64]
Times = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
Places = npt.NDArray[np.intp]

NAME: Final = "__name__"

_T = TypeVar("_T")
_KEPT: Final = 256
_FEWEST_KEPT: Final = 16
_KEPT_LABELS: Final = 4_000_000
"""Most of what is kept has as many label sets as the series."""

STALE_BITS: Final = 0x7FF0000000000002
"""The NaN that says "this series ended here": Prometheus's ``value.StaleNaN``."""


def is_stale(values: Floats) -> Mask:
    """Where stale markers stand. Shape as ``values``."""
    stale: Mask = values.view(np.int64) == STALE_BITS
    return stale


class Series:
    """Label sets in order, and what was once worked out about them.

    A set of series outlives many evaluations: its groups, its matches and its names without
    labels are kept beside it, under the key of the work. Two objects are never compared by
    content; whoever has the same series again hands out the same object.
    """

    __slots__ = ("__weakref__", "_kept", "labels")

    def __init__(self, labels: Iterable[Labels]) -> None:
        self.labels: Final[tuple[Labels, ...]] = tuple(labels)
        """Pairs sorted by name, the metric's name among them as ``__name__``."""
        self._kept: dict[Hashable, object] = {}

    def __len__(self) -> int:
        return len(self.labels)

    def known(self, key: Hashable) -> Any:
        """What is kept for ``key``; ``None`` for nothing."""
        return self._kept.get(key)

    def kept(self, key: Hashable, work: Callable[[], _T]) -> _T:
        """What ``work`` gave for ``key`` the first time.

        What is kept is bounded; when there is too much, all of it is worked out again.
        """
        found = self._kept.get(key)
        if found is None:
            with uninterrupted():
                found = work()
            self._keep(key, found)
        return cast("_T", found)

    def kept_with(self, others: Sequence[Series], key: Hashable, work: Callable[[], _T]) -> _T:
        """As ``kept``, of these series and ``others``; forgotten as soon as one of those is gone.

        So a series of which there is a new object each time leaves nothing behind.
        """
        whole = (key, *map(id, others))
        found = self._kept.get(whole)
        if found is None:
            gone = partial(_forget, self._kept, whole)
            with uninterrupted():
                found = work(), [ref(other, gone) for other in others]
            self._keep(whole, found)
        return cast("tuple[_T, object]", found)[0]

    def _keep(self, key: Hashable, found: object) -> None:
        if len(self._kept) >= min(_KEPT, max(_FEWEST_KEPT, _KEPT_LABELS // (len(self) + 1))):
            self._kept.clear()
        self._kept[key] = found

    def __repr__(self) -> str:
        return f"<Series: {len(self)}>"


def _forget(kept: dict[Hashable, object], key: Hashable, _: object) -> None:
    kept.pop(key, None)


@dataclass(frozen=True, slots=True)
class Block:
    """Series that share their timestamps.

    ``times`` (T) are milliseconds since 1970, ascending, without repetition. ``values`` is
    (T, S). ``present`` (T, S) says where a sample stands; ``None`` means everywhere.
    ``stale`` (T, S) says where a stale marker stands: the series ended there and is not
    present; ``None`` means nowhere. Where neither is true the series has nothing at that time.
    """

    series: Series
    times: Times
    values: Floats
    present: Mask | None = None
    stale: Mask | None = None


class Part:
    """Some series of a larger block, cut out when they are looked at.

    ``columns`` says where the series of the part stand in ``whole``, in order. An engine that
    answers many queries at one instant may work on the whole once instead of on each part.
    Otherwise a part is a block like any other.
    """

    __slots__ = ("__dict__", "columns", "series", "whole")

    def __init__(self, series: Series, whole: Block, columns: slice | Places) -> None:
        self.series: Final = series
        self.whole: Final = whole
        self.columns: Final = columns

    @property
    def times(self) -> Times:
        """As ``Block.times``."""
        return self.whole.times

    @cached_property
    def values(self) -> Floats:
        """As ``Block.values``."""
        return self.whole.values[:, self.columns]

    @cached_property
    def present(self) -> Mask | None:
        """As ``Block.present``."""
        found = self.whole.present
        return None if found is None else _unless_all(found[:, self.columns])

    @cached_property
    def stale(self) -> Mask | None:
        """As ``Block.stale``."""
        found = self.whole.stale
        return None if found is None else _if_any(found[:, self.columns])


def _unless_all(mask: Mask) -> Mask | None:
    return None if mask.all() else mask


def _if_any(mask: Mask) -> Mask | None:
    return mask if mask.any() else None


AnyBlock = Block | Part


class Storage(Protocol):
    """Where the engine's samples come from."""

    def select(self, matchers: Sequence[Matcher], start_ms: int, end_ms: int) -> Sequence[AnyBlock]:
        """All series that meet all ``matchers``, with their samples of start_ms < t ≤ end_ms.

        Samples outside of that span may be given too; the engine leaves them out. No series
        stands twice, neither in a block nor in two. A storage that gives the same
        ``Series`` object for the same series again saves the engine all work on labels.

        A storage that may take long is a ``PatientStorage`` better: it has ``select_within``,
        which is asked instead.
        """


@runtime_checkable
class PatientStorage(Storage, Protocol):
    """A storage that can be told to give up."""

    def select_within(
        self,
        matchers: Sequence[Matcher],
        start_ms: int,
        end_ms: int,
        check: Callable[[], None],
    ) -> Sequence[AnyBlock]:
        """As ``select``; ``check`` is called often, and raises where the time is over.

        ``matchers.meets_all`` does so between label sets. What ``check`` raises is let through,
        and what was done by then is not kept as if it were all.
        """


# -- results -------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Sample:
    """One series of an instant vector. ``value`` belongs to the instant of the query."""

    labels: Labels
    value: float


@dataclass(frozen=True, slots=True)
class Run:
    """One series of a matrix: ``times`` (ms) and ``values`` of one length."""

    labels: Labels
    times: Times
    values: Floats


@dataclass(frozen=True, slots=True)
class Scalar:
    """A number at an instant (ms)."""

    at_ms: int
    value: float


@dataclass(frozen=True, slots=True)
class Text:
    """A string at an instant (ms)."""

    at_ms: int
    value: str


@dataclass(frozen=True, slots=True)
class Vector:
    """Samples at an instant (ms)."""

    at_ms: int
    samples: tuple[Sample, ...]


@dataclass(frozen=True, slots=True)
class Matrix:
    """Series over time."""

    runs: tuple[Run, ...]


@dataclass(frozen=True, slots=True)
class Result:
    """An answer with what Prometheus would say about it."""

    value: Scalar | Text | Vector | Matrix
    warnings: tuple[str, ...] = field(default=())
    infos: tuple[str, ...] = field(default=())
