"""One series of this process: what it has counted, and what the store has of it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from zerostate_monitoring.instrumentation import cells
from zerostate_monitoring.instrumentation.cells import Numbers
from zerostate_monitoring.storage.publication import FamilyChanges, Row, TotalFamily

Labels = tuple[str, ...]


@dataclass(slots=True)
class Series:
    """One series of this process.

    ``offset`` is the place of its first number among all of this process. ``carry`` is added
    to what the instrument says: what it said before it was made anew, less what a fork had
    given it. ``sent`` is what the store has; ``tried`` is the most that was ever on its way.
    ``ended`` is what it had counted when another process ended it: it rests until it counts on.
    """

    child: Any
    offset: int
    carry: Numbers
    raw: Numbers
    row: Row | None = None
    sent: Numbers | None = None
    tried: Numbers | None = None
    ended: Numbers | None = None
    exemplars: dict[int, Any] = field(default_factory=dict)

    def read(self) -> Numbers:
        """What the process has counted by now; counts are never less than before.

        A number that is not finite stands still, for a NaN in a total would stay there for
        ever; the others go on. A count that fell began anew.
        """
        found = cells.numbers(self.child)
        raw = tuple(
            new if math.isfinite(new) else old for new, old in zip(found, self.raw, strict=True)
        )
        counts = len(raw) - (cells.type_of(self.child) != "counter")
        if any(new < old for new, old in zip(raw[:counts], self.raw[:counts], strict=True)):
            self.carry = self.total
        self.raw = raw
        return self.total

    @property
    def total(self) -> Numbers:
        """What the process has counted, as it was read last."""
        return tuple(c + r for c, r in zip(self.carry, self.raw, strict=True))

    @property
    def base(self) -> Numbers:
        """What the store may have counted of this series."""
        return self.tried or (0.0,) * len(self.raw)

    @property
    def has_news(self) -> bool:
        """Whether the store lacks something of it."""
        if self.ended is not None:
            return self.total != self.ended
        if self.row is None or self.total != self.sent:
            return True
        return any(self.is_new(place, found) for place, found in cells.exemplars(self.child))

    def is_new(self, place: int, exemplar: Any) -> bool:
        """Whether the store does not have this exemplar."""
        return self.exemplars.get(place) is not exemplar

    def send(self) -> Numbers:
        """What the process has counted, which is on its way from now on."""
        self.tried = self.total
        self.ended = None
        return self.tried

    def move(self, child: Any) -> None:
        """Go on with an instrument that was made anew; what the old one counted stays."""
        self.read()
        self.child, self.carry, self.raw = child, self.total, (0.0,) * len(self.raw)

    def end(self) -> bool:
        """Another process has ended it; whether it rests: nothing was counted since."""
        self.row = None
        return self.ended is None and self.read() == self.sent

    def rest(self, place: int) -> None:
        """Begin anew at another place: of what ended nothing may come back.

        Neither from a store that was emptied, nor from one that forgot this process.
        """
        self.offset, self.sent, self.tried = place, None, None
        self.carry = tuple(-number for number in self.raw)
        self.ended = self.total


@dataclass(slots=True)
class Family:
    """One instrument that counts, and its series.

    ``leaving`` are series that were taken out of the instrument: a thread may have had hold
    of one, so they are looked at a few times more.
    """

    instrument: Any
    total: TotalFamily
    series: dict[Labels, Series] = field(default_factory=dict)
    leaving: dict[Labels, tuple[Series, int]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Sent:
    """A part of the ledger that is on its way: what to remember once it has arrived."""

    series: Series
    offset: int
    total: Numbers
    tried: Numbers | None
    exemplars: dict[int, Any]


@dataclass(frozen=True, slots=True)
class Batch:
    """Changes for one publication."""

    changes: Sequence[FamilyChanges] = ()
    sent: Sequence[Sent] = ()
    cleared: Sequence[tuple[int, int]] = ()
    removals: Sequence[tuple[str, Labels]] = ()

    def common(self, again: Batch) -> Batch:
        """What the store has, whether this one arrived or ``again``, which was sent after it.

        What ended is said until it is acknowledged, so ``again`` has all of that.
        """
        later = {id(item.series): (item.offset, item.total) for item in again.sent}
        sent = [i for i in self.sent if later.get(id(i.series)) == (i.offset, i.total)]
        return replace(self, sent=sent)
