"""What this process has counted and what the store has of it: pure but for the reading.

A ledger belongs to one process and one thread. ``scan`` reads the instruments and gives
what changed; the publisher sends it, and tells the ledger what became of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, Final

from prometheus_client import CollectorRegistry

from zerostate_monitoring.catalogue import CATALOGUE
from zerostate_monitoring.instrumentation import cells
from zerostate_monitoring.instrumentation.series import Batch, Family, Labels, Sent, Series
from zerostate_monitoring.storage.publication import (
    Change,
    FamilyChanges,
    Removal,
    Row,
    TotalFamily,
)


class Ledger:
    """All counting instruments of some registries.

    Args:
        registries: gives the registries to read; of two instruments with one name the
            first counts.
        most: the largest number of series of a family that the catalogue does not bound.
    """

    def __init__(
        self, registries: Callable[[], Sequence[CollectorRegistry]], most: Callable[[], int]
    ) -> None:
        self._registries: Final = registries
        self._most: Final = most
        self._families: dict[str, Family] = {}
        self._next = 0
        self._free: dict[int, list[int]] = {}
        self._cleared: list[tuple[int, int]] = []
        self._removals: list[tuple[str, Labels]] = []

    @property
    def family_ids(self) -> list[str]:
        """The families that this process declares."""
        return [family.total.id for family in self._families.values()]

    # -- reading -------------------------------------------------------------

    def scan(self) -> list[tuple[Family, Labels]]:
        """Read all instruments; the series of which the store does not have all."""
        found = dict(self._instruments())
        for name in self._families.keys() - found.keys():
            self._drop(name)
        changed = []
        for name, instrument in found.items():
            family = self._family(name, instrument)
            changed += [(family, labels) for labels in self._scan_family(family)]
        return changed

    def _instruments(self) -> Iterator[tuple[str, Any]]:
        seen: set[str] = set()
        for registry in self._registries():
            for instrument in cells.instruments(registry):
                name = cells.name_of(instrument)
                if cells.type_of(instrument) in cells.TOTALS and name not in seen:
                    seen.add(name)
                    yield name, instrument

    def _family(self, name: str, instrument: Any) -> Family:
        family = self._families.get(name)
        if family is None or family.instrument is not instrument:
            before = family.series if family else {}
            family = Family(instrument, total_family(instrument, self._most()))
            # Declared anew, as tests and reloads do: what was counted stays counted.
            if before and family.total.id == self._families[name].total.id:
                family.series = before
            self._families[name] = family
        return family

    def _drop(self, name: str) -> None:
        """An instrument was unregistered: its totals stay until nobody declares it."""
        for series in self._families.pop(name).series.values():
            self._give_back(series)

    def _scan_family(self, family: Family) -> Iterator[Labels]:
        children = cells.children(family.instrument)
        for labels in family.series.keys() - children.keys():
            self._end(family, labels)
        for labels, child in children.items():
            series = family.series.get(labels)
            if series is None:
                series = family.series[labels] = self._begun(child, family.total.width)
            elif series.child is not child:
                series.child, series.carry = child, series.total
                series.raw = (0.0,) * family.total.width
            series.read()
            if series.has_news:
                yield labels

    def _begun(self, child: Any, width: int) -> Series:
        offset = (self._free.get(width) or [-1]).pop()
        if offset < 0:
            offset, self._next = self._next, self._next + width
        nothing = (0.0,) * width
        return Series(child, offset, nothing, nothing)

    # -- ending --------------------------------------------------------------

    def end(self, name: str, labels: Labels) -> None:
        """Remove a series from the totals; its child is gone from the instrument already."""
        definition = CATALOGUE.find(name)
        family = self._families.get(definition.family if definition else name)
        if family is not None and labels in family.series:
            self._end(family, labels)
        else:
            self._removals.append((definition.family if definition else name, labels))

    def _end(self, family: Family, labels: Labels) -> None:
        self._give_back(family.series.pop(labels))
        self._removals.append((family.total.name, labels))

    def _give_back(self, series: Series) -> None:
        self._cleared.append((series.offset, len(series.raw)))

    def forget(self, removals: Iterable[Removal]) -> None:
        """Other processes ended series: drop those that have not moved here since."""
        for name, labels in removals:
            family = self._families.get(name)
            series = family.series.get(labels) if family else None
            if family is None or series is None:
                continue
            if series.read() == series.sent and family.total.labels:
                del family.series[labels]
                self._give_back(series)
                cells.drop(family.instrument, labels)
            else:
                series.row = None

    # -- sending -------------------------------------------------------------

    def unplaced(self, changed: Iterable[tuple[Family, Labels]]) -> dict[str, list[Labels]]:
        """The changed series that have no row yet, by family."""
        found: dict[str, list[Labels]] = {}
        for family, labels in changed:
            if family.series[labels].row is None:
                found.setdefault(family.total.name, []).append(labels)
        return found

    def total_of(self, name: str) -> TotalFamily:
        """The family as the store knows it."""
        return self._families[name].total

    def place(self, name: str, labels: Sequence[Labels], rows: Sequence[Row]) -> None:
        """Note the rows of series."""
        family = self._families[name]
        for key, row in zip(labels, rows, strict=True):
            family.series[key].row = row

    def batches(
        self, changed: Sequence[tuple[Family, Labels]], size: int, *, base: bool = False
    ) -> Iterator[Batch]:
        """Parts of at most ``size`` series; the first carries what ended, if anything did.

        For a store that knows nothing of this process, ``base`` gives what it may have known:
        everything that ever was on its way.
        """
        left = iter(changed)
        part = list(islice(left, size))
        first = True
        while part or first:
            ends = (list(self._cleared), list(self._removals)) if first else ([], [])
            yield self._batch(part, *ends, base=base)
            first, part = False, list(islice(left, size))

    def _batch(
        self,
        part: Sequence[tuple[Family, Labels]],
        cleared: Sequence[tuple[int, int]],
        removals: Sequence[tuple[str, Labels]],
        *,
        base: bool,
    ) -> Batch:
        grouped: dict[str, list[Change]] = {}
        sent = []
        for family, labels in part:
            series = family.series[labels]
            if series.row is None:
                continue
            fresh = dict(cells.exemplars(series.child))
            moments = {p: cells.moment(e) for p, e in fresh.items() if series.is_new(p, e)}
            tried = series.tried
            total = series.base if base else series.send()
            change = Change(series.offset, series.row, total, moments)
            grouped.setdefault(family.total.name, []).append(change)
            sent.append(Sent(family, labels, total, tried, fresh))
        ended: dict[str, list[Labels]] = {}
        for name, labels in removals:
            ended.setdefault(name, []).append(labels)
        changes = [
            FamilyChanges(self._families[name].total, grouped.get(name, ()), ended.get(name, ()))
            for name in {**grouped, **ended}
            if name in self._families
        ]
        return Batch(changes, sent, cleared, removals)

    def arrived(self, batch: Batch) -> None:
        """The store has it."""
        for item in batch.sent:
            series = item.family.series.get(item.labels)
            if series is not None:
                series.sent, series.exemplars = item.total, item.exemplars
        for offset, width in batch.cleared:
            self._free.setdefault(width, []).append(offset)
        self._cleared = self._cleared[len(batch.cleared) :]
        self._removals = self._removals[len(batch.removals) :]

    def refused(self, batch: Batch) -> None:
        """The store said that it did not take it; so it was never on its way."""
        for item in batch.sent:
            series = item.family.series.get(item.labels)
            if series is not None:
                series.tried = item.tried

    def tell_all(self) -> None:
        """The store lacks a part of what it had acknowledged: say everything again."""
        for family in self._families.values():
            for series in family.series.values():
                series.sent = None

    def misplaced(self, family_ids: Iterable[str] | None = None) -> None:
        """The store has other rows for these families, or for all."""
        wanted = None if family_ids is None else set(family_ids)
        for family in self._families.values():
            if wanted is None or family.total.id in wanted:
                for series in family.series.values():
                    series.row = None

    def forked(self) -> None:
        """Begin anew in a child: what it inherited is the parent's to tell."""
        self._next, self._free, self._cleared, self._removals = 0, {}, [], []
        families = dict(self._instruments())
        self._families = {}
        for name, instrument in families.items():
            family = self._family(name, instrument)
            for labels, child in cells.children(instrument).items():
                series = self._begun(child, family.total.width)
                series.raw = cells.inherited(child)
                series.carry = tuple(-number for number in series.raw)
                family.series[labels] = series


def total_family(instrument: Any, most: int) -> TotalFamily:
    """The family of an instrument, bounded as the catalogue or its declaration says."""
    declared, unbounded = cells.bounds_of(instrument)
    return TotalFamily(*cells.described(instrument), unbounded, declared or most)
