"""Families of the catalogue, ready to record: a dictionary from label values to a cell.

``cells[a, b](amount)`` is the whole of a record function's work: one look-up, one locked
addition. The first look-up of a series makes it, and wakes the publisher.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from zerostate_monitoring.catalogue import CATALOGUE
from zerostate_monitoring.catalogue.definition import Kind
from zerostate_monitoring.instrumentation import cells, publisher
from zerostate_monitoring.instrumentation.cells import Cell
from zerostate_monitoring.instrumentation.registry import instrument
from zerostate_monitoring.tracing import when_begun

Key = str | tuple[str, ...]
"""A label value, or a tuple of several; the empty tuple where there are no labels."""


class Cells(dict[Key, Cell]):
    """The series of one family, each with what records into it.

    Made at import, and empty: the instrument is made with the first series.
    """

    __slots__ = ("_make", "name")

    def __init__(self, name: str, make: Callable[[Any], Cell]) -> None:
        super().__init__()
        self.name: Final = name
        self._make: Final = make
        _every.append(self)

    def __missing__(self, key: Key) -> Cell:
        publisher.wake()
        labels = (key,) if isinstance(key, str) else tuple(map(str, key))
        made = instrument(CATALOGUE[self.name])
        child = made.labels(*labels) if labels else made
        cell = self._make(child)
        if cells.label_values(child) == labels:
            self[key] = cell
            if not cells.holds(made, labels, child):
                # Another thread has ended the series meanwhile.
                self.pop(key, None)
        return cell

    def end(self, *labels: str) -> None:
        """Remove a series, here and from the totals: its channel, guild or peer is gone."""
        publisher.wake()
        self.release(labels)
        publisher.ended(self.name, labels)

    def release(self, labels: tuple[str, ...]) -> None:
        """Take a series out of this process; the next event makes a new one."""
        self.pop(labels[0] if len(labels) == 1 else labels, None)
        cells.drop(instrument(CATALOGUE[self.name]), labels)


_every: Final[list[Cells]] = []


def counts(name: str) -> Cells:
    """The counter ``name``: cells add."""
    return _checked(name, Kind.COUNTER, cells.counter)


def levels(name: str) -> Cells:
    """The gauge ``name``: cells set."""
    return _checked(name, Kind.GAUGE, cells.setter)


def moves(name: str) -> Cells:
    """The gauge ``name``: cells add, also what is negative."""
    return _checked(name, Kind.GAUGE, cells.adder)


def distributions(name: str) -> Cells:
    """The histogram ``name``: cells observe."""
    return _checked(name, Kind.HISTOGRAM, cells.observer)


def _checked(name: str, kind: Kind, make: Callable[[Any], Cell]) -> Cells:
    if CATALOGUE[name].kind is not kind:
        raise TypeError(f"{name} is no {kind.value}")
    return Cells(name, make)


def forget_cells() -> None:
    """Let the next event of each series go the long way, which wakes the publisher."""
    for family in _every:
        family.clear()


def _release(name: str, labels: tuple[str, ...]) -> bool:
    """Release a series of the catalogue that another process has ended."""
    mine = [family for family in _every if CATALOGUE[family.name].family == name]
    for family in mine:
        family.release(labels)
    return bool(mine)


publisher.after_fork(forget_cells)
# Cells that name traces cost more: there are none before the first span.
when_begun(forget_cells)
publisher.on_release(_release)
