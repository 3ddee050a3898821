"""prometheus_client's instruments with bounded series."""

from __future__ import annotations

import threading
import time
from typing import Any, Final, Self

import prometheus_client

from zerostate_monitoring.storage.publication import OTHER

DROPPED: Final[dict[str, int]] = {}
"""How many series were folded into others and are not reported yet, by page name."""

_lock = threading.Lock()


class Capped:
    """An instrument whose series are bounded; what overflows goes into ``other``.

    The children are of the same class, with no series of their own.
    """

    _most = 0
    _unbounded: tuple[str, ...] = ()
    _page_name = ""
    _folds: dict[tuple[object, ...], tuple[str, ...]]

    def bound(self, most: int, unbounded: tuple[str, ...], page_name: str) -> None:
        """Allow ``most`` series; what overflows has ``other`` for its unbounded labels."""
        self._most, self._unbounded, self._page_name = most, unbounded, page_name
        self._folds = {}

    def labels(self, *values: object, **named: object) -> Self:
        """The child for these label values, or that of ``other`` where there are too many."""
        try:
            known: dict[tuple[object, ...], Self] = self._metrics  # type: ignore[attr-defined]
            if not named:
                if values in known:
                    return known[values]
                if len(known) >= self._most and self._folds.get(values) in known:
                    return known[self._folds[values]]
        except (AttributeError, KeyError, TypeError):
            # No parent, a series that went meanwhile, or values that are no keys: as text.
            pass
        return self._slowly(values, named)

    def _slowly(self, values: tuple[object, ...], named: dict[str, object]) -> Self:
        known = getattr(self, "_metrics", {})
        names: tuple[str, ...] = self._labelnames  # type: ignore[attr-defined]
        is_named = not values and set(named) == set(names)
        key = tuple(str(named[n]) for n in names) if is_named else tuple(map(str, values))
        is_whole = len(key) == len(names) and (is_named or not named)
        if is_whole and key not in known and len(known) >= self._most:
            return super().labels(*self._folded(key, known))  # type: ignore[misc, no-any-return]
        return super().labels(*values, **named)  # type: ignore[misc, no-any-return]

    def _folded(self, key: tuple[str, ...], known: dict[Any, Any]) -> tuple[str, ...]:
        """The labels that ``key`` is counted under; told once as long as it is remembered."""
        before = self._folds.get(key)
        if before is not None and before in known:
            return before
        names: tuple[str, ...] = self._labelnames  # type: ignore[attr-defined]
        fold = self._unbounded or names
        folded = tuple(OTHER if n in fold else v for n, v in zip(names, key, strict=True))
        if folded not in known and len(known) >= 2 * self._most:
            # The labels that were to be few are not.
            folded = (OTHER,) * len(names)
        if len(self._folds) >= self._most:
            self._folds.clear()
        if key != folded:
            with _lock:
                DROPPED[self._page_name] = DROPPED.get(self._page_name, 0) + 1
        self._folds[key] = folded
        return folded


class Counter(Capped, prometheus_client.Counter):
    """A counter of all processes."""


class Gauge(Capped, prometheus_client.Gauge):
    """A gauge of each process, merged as its ``multiprocess_mode`` says."""

    _set_at = 0.0

    def set(self, value: float) -> None:
        """Set it, and remember when: the newest wins over the processes."""
        super().set(value)
        self._set_at = time.time()


class Histogram(Capped, prometheus_client.Histogram):
    """A histogram of all processes."""


class Summary(Capped, prometheus_client.Summary):
    """Count and sum of all processes."""


def reported(dropped: dict[str, int]) -> None:
    """These counts of folded series are told."""
    with _lock:
        for name, number in dropped.items():
            DROPPED[name] = DROPPED.get(name, 0) - number
            if not DROPPED[name]:
                del DROPPED[name]


def forked() -> None:
    """A child must not wait for a lock that only a thread of its parent could release."""
    global _lock  # noqa: PLW0603
    _lock = threading.Lock()
    DROPPED.clear()
