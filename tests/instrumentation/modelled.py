"""A process beside a plain account of what it counted, and of what the store took of it."""

from __future__ import annotations

from collections import Counter as Tally
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from prometheus_client import Counter

from tests.instrumentation.processes import FakeProcess
from zerostate_monitoring.exceptions import StoreError
from zerostate_monitoring.instrumentation import cells
from zerostate_monitoring.storage.publication import Publication, Receipt

_lives = count()


@dataclass
class Account:
    """What the store must show: totals by series, and series that must stay away."""

    totals: dict[str, int] = field(default_factory=dict)
    away: set[str] = field(default_factory=set)
    processes: list[Modelled] = field(default_factory=list)

    def removed(self, key: str) -> None:
        """A removal arrived: the series is gone, unless somebody has counted on."""
        self.totals.pop(key, None)
        living = [process for process in self.processes if not process.ended]
        if not any(process.has_news(key) or key in process.untold for process in living):
            self.away.add(key)


@dataclass
class Told:
    """A publication as it was sent: for each series its life, and what the process had counted."""

    publication: Publication
    options: dict[str, Any]
    counted: dict[str, tuple[int, int]]


class Modelled:
    """A process with one counter, whose publications may lose their way.

    A series has a new life each time it begins in this process; ``counted``, ``stored`` and
    ``tried`` (the most that was ever on its way) are by life. ``untold`` are series that a
    parent had not told: a child shows them at 0.
    """

    def __init__(self, account: Account, most: int, parent: Modelled | None = None) -> None:
        self.account = account
        self.process = FakeProcess(most)
        self.lives: dict[str, int] = {}
        self.untold: set[str] = set()
        self.counted, self.stored, self.tried = Tally[int](), Tally[int](), Tally[int]()
        self.told: list[Told] = []
        self.lost: list[Told] = []
        self.is_known = self.ended = False
        self._publish, self._register = self.process.door.publish, self.process.door.register
        self._way = "clear"
        self.make()
        if parent is not None:
            self._inherit(parent)
        self.process.door.register = self._registering  # type: ignore[method-assign]
        self.process.door.publish = self._publishing  # type: ignore[method-assign]

    def make(self) -> None:
        """Make the instrument, with the series that there are."""
        self.process.ledger.scan()
        cells.withdraw(self.process.registry, lambda collector: True)
        self.counter = Counter("hits", "Test.", ["k"], registry=self.process.registry)
        for key in self.lives:
            self.counter.labels(key)

    def _inherit(self, parent: Modelled) -> None:
        for labels, series in cells.children(parent.counter).items():
            self.counter.labels(*labels).inc(cells.numbers(series)[0])
        self.lives = {key: next(_lives) for key in parent.lives}
        cells.forked([self.process.registry])
        self.process.ledger.forked(parent.process.ledger)
        families = parent.process.ledger._families
        known = families["hits"].series if families else {}
        told = {key for (key,), s in known.items() if s.row is not None or s.ended is not None}
        self.untold = self.lives.keys() - told

    # -- what a process does -------------------------------------------------

    def inc(self, key: str, by: int) -> None:
        self.lives.setdefault(key, next(_lives))
        self.counter.labels(key).inc(by)
        self.counted[self.lives[key]] += by
        self.account.away.discard(key)

    def remove(self, key: str) -> None:
        if key in self.lives:
            self.counter.remove(key)
            self.process.ledger.end("hits", (key,))
            del self.lives[key]

    def clear(self) -> None:
        self.counter.clear()
        self.process.ledger.scan()
        self.lives.clear()

    def has_news(self, key: str) -> bool:
        """Whether something was counted that the store has not."""
        life = self.lives.get(key)
        return life is not None and self.counted[life] != self.stored[life]

    def tell(self, way: str = "clear", *, closing: bool = False) -> None:
        """Publish; where the ``way`` is not clear, the first publication or its answer is lost."""
        self._way = way
        try:
            self.process.tell(closing=closing)
        except StoreError:
            assert way != "clear"
        finally:
            self._way = "clear"

    def forgotten(self, *, wholly: bool) -> None:
        """The store does not know this process any more; of what it tells all is new, at first."""
        self.told, self.lost = [], []
        if wholly and not self.is_known:
            self.stored.clear()

    # -- what becomes of it --------------------------------------------------

    def deliver(self, told: Told) -> Receipt:
        """Bring a publication to the store, and account for what it took."""
        receipt = self._publish(told.publication, **told.options)
        if receipt.outcome == "ok":
            for _, (key,) in told.publication.removals:
                self.account.removed(key)
            for key, (life, counted) in told.counted.items():
                if not told.publication.base:
                    self.account.totals[key] += counted - self.stored[life]
                self.stored[life] = counted
        return receipt

    def _registering(self, family: Any, series: Any) -> Any:
        for (key,) in series:
            assert key not in self.account.away, f"{key} came back, and nobody had counted it"
            self.account.totals.setdefault(key, 0)
        return self._register(family, series)

    def _publishing(self, publication: Publication, **options: Any) -> Receipt:
        told = Told(publication, options, self._sent(publication))
        before = self.tried.copy()
        self.tried.update({life: n - self.tried[life] for life, n in told.counted.values()})
        self.told.append(told)
        if self._way == "request lost":
            self.lost.append(told)
            raise StoreError(self._way)
        receipt = self.deliver(told)
        if self._way == "answer lost":
            raise StoreError(self._way)
        if receipt.outcome in {"unknown", "moved"}:
            self.tried = before
        self.is_known |= receipt.outcome in {"ok", "old"}
        return receipt

    def _sent(self, publication: Publication) -> dict[str, tuple[int, int]]:
        family = self.process.ledger._families.get("hits")
        places = {s.offset: labels for labels, s in family.series.items()} if family else {}
        changes = [change for family in publication.totals for change in family.changes]
        lives = {places[c.offset][0]: self.lives[places[c.offset][0]] for c in changes}
        known = self.tried if publication.base else self.counted
        return {key: (life, known[life]) for key, life in lives.items()}
