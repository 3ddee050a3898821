"""What this process has counted and what the store has of it: pure but for the reading.

A ledger belongs to one process and one thread. ``scan`` reads the instruments and gives
what changed; the publisher sends it, and tells the ledger what became of it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Final

from prometheus_client import CollectorRegistry

from zerostate_monitoring.catalogue import CATALOGUE
from zerostate_monitoring.instrumentation import cells
from zerostate_monitoring.instrumentation.places import Places
from zerostate_monitoring.instrumentation.series import Batch, Family, Labels, Sent, Series
from zerostate_monitoring.storage.publication import (
    Change,
    FamilyChanges,
    Removal,
    Row,
    TotalFamily,
)

logger = logging.getLogger(__name__)

MOST_ENDED: Final = 500
"""Most series that one publication ends."""
_MOST_WAITING: Final = 100_000
_LOOKS: Final = 3

Changed = list[tuple[Family, Labels]]


def keep(name: str, labels: Labels) -> bool:
    """Take no series out of its instrument."""
    return False


class Ledger:
    """All counting instruments of some registries.

    Args:
        registries: gives the registries to read; of two instruments with one name the
            first counts.
        most: the largest number of series of a family that the catalogue does not bound.
        release: takes a series that others ended out of this process, if nobody holds it;
            whether it did.
    """

    def __init__(
        self,
        registries: Callable[[], Sequence[CollectorRegistry]],
        most: Callable[[], int],
        release: Callable[[str, Labels], bool] = keep,
    ) -> None:
        self._registries: Final = registries
        self._most: Final = most
        self._release: Final = release
        self._families: dict[str, Family] = {}
        self._present: set[str] = set()
        self._twice: set[str] = set()
        self._places: Final = Places()
        self._removals: dict[tuple[str, Labels], None] = {}

    @property
    def family_ids(self) -> list[str]:
        """The families that this process declares, and of which the store has series."""
        present = [f for name, f in self._families.items() if name in self._present]
        return [f.total.id for f in present if any(s.row is not None for s in f.series.values())]

    @property
    def has_counted(self) -> bool:
        """Whether this process has anything to tell; as of the last scan."""
        every = [s for family in self._families.values() for s in family.series.values()]
        return any(any(series.total) for series in every)

    # -- reading -------------------------------------------------------------

    def scan(self) -> Changed:
        """Read all instruments; the series of which the store does not have all."""
        found = dict(self._instruments())
        self._present = set(found)
        changed: Changed = []
        for name, instrument in found.items():
            try:
                family = self._family(name, instrument)
                changed += [(family, labels) for labels in self._scan_family(family)]
            except Exception as error:  # noqa: BLE001 - one instrument must not cost the others
                logger.warning("instrument_not_read", extra={"family": name, "error": str(error)})
        return changed

    def _instruments(self) -> Iterator[tuple[str, Any]]:
        seen: set[str] = set()
        for registry in self._registries():
            for instrument in cells.instruments(registry):
                name = cells.name_of(instrument)
                if cells.type_of(instrument) not in cells.TOTALS:
                    continue
                if name not in seen:
                    seen.add(name)
                    yield name, instrument
                elif name not in self._twice:
                    self._twice.add(name)
                    logger.warning("instrument_declared_twice", extra={"family": name})

    def _family(self, name: str, instrument: Any) -> Family:
        family = self._families.get(name)
        if family is not None and family.instrument is instrument:
            return family
        total = total_family(instrument, self._most())
        if family is not None and family.total.id == total.id:
            # Declared anew, as tests and reloads do: what was counted stays counted.
            family.instrument, family.total = instrument, total
            return family
        if family is not None:
            for series in family.series.values():
                self._places.give_back(series.offset, family.total.width)
        self._families[name] = made = Family(instrument, total)
        return made

    def _scan_family(self, family: Family) -> Iterator[Labels]:
        children = cells.children(family.instrument)
        for labels in family.series.keys() - children.keys():
            if labels not in family.leaving:
                self._end(family, labels)
        for labels, child in children.items():
            series = family.series.get(labels)
            if series is None:
                series = family.series[labels] = self._begun(child, family.total.width)
            elif series.child is not child:
                series.move(child)
                family.leaving.pop(labels, None)
            series.read()
            if series.has_news:
                yield labels
        yield from self._look_after(family)

    def _look_after(self, family: Family) -> Iterator[Labels]:
        """Read series a few times more that were taken out of their instrument."""
        for labels, (series, looks) in list(family.leaving.items()):
            series.read()
            if series.has_news:
                yield labels
            elif looks:
                family.leaving[labels] = (series, looks - 1)
            else:
                del family.leaving[labels]
                del family.series[labels]
                self._places.give_back(series.offset, family.total.width)

    def _begun(self, child: Any, width: int) -> Series:
        nothing = (0.0,) * width
        return Series(child, self._places.take(width), nothing, nothing)

    # -- ending --------------------------------------------------------------

    def end(self, name: str, labels: Labels) -> None:
        """Remove a series from the totals; its child is gone from the instrument already."""
        definition = CATALOGUE.find(name)
        known = definition.family if definition else name
        family = self._families.get(known)
        if family is not None and labels in family.series:
            self._end(family, labels)
        else:
            self._remove(known, labels)

    def _end(self, family: Family, labels: Labels) -> None:
        family.leaving.pop(labels, None)
        self._places.give_back(family.series.pop(labels).offset, family.total.width)
        self._remove(family.total.name, labels)

    def _remove(self, name: str, labels: Labels) -> None:
        if len(self._removals) < _MOST_WAITING:
            self._removals[name, labels] = None

    def forget(self, removals: Iterable[Removal]) -> None:
        """Other processes ended series: let those rest that have not moved here since."""
        for _, name, labels in removals:
            family = self._families.get(name)
            series = family.series.get(labels) if family else None
            if family is None or series is None:
                continue
            if series.end():
                series.rest(self._places.swapped(series.offset, family.total.width))
            if series.ended is not None and self._release(name, labels):
                family.leaving[labels] = (series, _LOOKS)

    # -- sending -------------------------------------------------------------

    def ends(self) -> Iterator[Batch]:
        """Publications of what ended, for before anything else is said of the same series."""
        while self._removals or self._places.to_clear:
            removals = list(self._removals)[:MOST_ENDED]
            ended: dict[str, list[Labels]] = {}
            for name, labels in removals:
                ended.setdefault(name, []).append(labels)
            known = [(self._families[n].total, e) for n, e in ended.items() if n in self._families]
            changes = [FamilyChanges(total, (), labels) for total, labels in known]
            yield Batch(changes, cleared=self._places.to_clear, removals=removals)

    def unplaced(self, changed: Changed) -> dict[str, list[Labels]]:
        """The changed series that have no row yet, by family."""
        found: dict[str, list[Labels]] = {}
        for family, labels in changed:
            series = family.series.get(labels)
            if series is not None and series.row is None:
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

    def batch(self, part: Changed, *, base: bool = False) -> Batch:
        """A publication of these series.

        For a store that knows nothing of this process, ``base`` gives what it may have known:
        everything that ever was on its way.
        """
        grouped: dict[str, list[Change]] = {}
        sent = []
        for family, labels in part:
            series = family.series.get(labels)
            if series is None or series.row is None:
                continue
            fresh = dict(cells.exemplars(series.child))
            moments = {p: cells.moment(e) for p, e in fresh.items() if series.is_new(p, e)}
            tried = series.tried
            total = series.base if base else series.send()
            change = Change(series.offset, series.row, total, moments)
            grouped.setdefault(family.total.name, []).append(change)
            sent.append(Sent(series, series.offset, total, tried, fresh))
        changes = [FamilyChanges(self._families[name].total, c) for name, c in grouped.items()]
        return Batch(changes, sent)

    def arrived(self, batch: Batch) -> None:
        """The store has it."""
        for item in batch.sent:
            item.series.sent, item.series.exemplars = item.total, item.exemplars
        self._places.cleared(len(batch.cleared))
        for removal in batch.removals:
            self._removals.pop(removal, None)

    def refused(self, batch: Batch) -> None:
        """The store said that it did not take it; so it was never on its way."""
        for item in batch.sent:
            item.series.tried = item.tried

    def tell_all(self) -> None:
        """The store lacks a part of what it had acknowledged: say everything again."""
        self._places.distrust()
        for family in self._families.values():
            for series in family.series.values():
                if series.ended is None:
                    series.sent = None

    def moved(self, places: Iterable[tuple[str, int]]) -> None:
        """The store has other tenants in the rows of these series (family and offset)."""
        wanted = set(places)
        for family in self._families.values():
            for series in family.series.values():
                if (family.total.id, series.offset) in wanted:
                    series.row = None

    def misplaced(self, family_ids: Iterable[str] | None = None) -> None:
        """The store has no rows for these families, or for any."""
        wanted = None if family_ids is None else set(family_ids)
        for family in self._families.values():
            if wanted is None or family.total.id in wanted:
                for series in family.series.values():
                    series.row = None

    def forked(self, parent: Ledger) -> None:
        """Begin in a child of ``parent``'s process: what the parent told is not told again."""
        for name, instrument in dict(self._instruments()).items():
            family = self._family(name, instrument)
            known = parent._families.get(name)
            for labels, child in cells.children(instrument).items():
                series = self._begun(child, family.total.width)
                series.raw = cells.inherited(child)
                series.carry = tuple(-number for number in series.raw)
                before = known.series.get(labels) if known else None
                if before is not None and (before.row is not None or before.ended is not None):
                    series.ended = series.total
                family.series[labels] = series


def total_family(instrument: Any, most: int) -> TotalFamily:
    """The family of an instrument, bounded as the catalogue or its declaration says."""
    declared, unbounded = cells.bounds_of(instrument)
    return TotalFamily(*cells.described(instrument), unbounded, declared or most)
