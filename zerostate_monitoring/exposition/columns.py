"""What a Prometheus would hold after scraping the page, without writing and reading its text.

The same producers, families and refusals as on the page; the same sample names as in the text
format. Labels are looked at once for each layout, so an unchanged page of 100,000 series costs
as much as putting its numbers in a row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache, lru_cache, partial
from typing import Final
from weakref import WeakKeyDictionary

import numpy as np

from zerostate_monitoring.exposition.layout import Layout
from zerostate_monitoring.exposition.own import Known
from zerostate_monitoring.exposition.plan import OWN, Plan
from zerostate_monitoring.exposition.planner import Planner
from zerostate_monitoring.exposition.renderings import Rendering
from zerostate_monitoring.frames.exemplar import Labels
from zerostate_monitoring.frames.schema import FamilySchema, Schema
from zerostate_monitoring.storage.parts import named
from zerostate_monitoring.storage.recording import Piece
from zerostate_monitoring.storage.snapshot import Snapshot
from zerostate_monitoring.storage.totals import PROCESS

PRODUCER_UP: Final = "zerostate_monitoring_producer_up"
"""1 for each producer that was present at a column; 0 for a collector that should have been.

In history alone, as Prometheus's own ``up``: the page does not speak of itself so.
"""

_LARGEST: Final = 1e16
_COLLECTOR: Final = "collector:"
_BOUNDS: Final[Mapping[str, str]] = {"histogram": "le", "summary": "quantile"}


class _Source:
    """What stands for series that come together; equal by identity."""

    __slots__ = ("__weakref__", "key")

    def __init__(self, key: object) -> None:
        self.key: Final = key


def _place(item: tuple[str, Rendering]) -> tuple[bool, str]:
    """The page's order: of two series that differ in an empty label alone the first is read."""
    producer, _ = item
    return producer != OWN, producer


class Columns:
    """Makes the columns of one process. Who asks holds a lock."""

    def __init__(self, planner: Planner, known: Callable[[], Known]) -> None:
        self._planner: Final = planner
        self._known: Final = known
        self._refusing: Plan | None = None
        self._accepted: Mapping[str, tuple[int, ...]] = {}
        self._parts: WeakKeyDictionary[Layout, _Source] = WeakKeyDictionary()
        self._ups = _Source(())

    def pieces(self, snapshot: Snapshot) -> Iterator[Piece]:
        """All series of ``snapshot``'s page with their values, and which producers were there."""
        self._planner.bring_to(snapshot)
        self._look_at_refusals()
        for producer, rendering in sorted(self._planner.renderings.items(), key=_place):
            schema = partial(self._schema, snapshot, producer, rendering)
            piece = self._piece(producer, rendering, schema)
            if piece is not None:
                yield piece
        yield self._up(snapshot)

    def _schema(self, snapshot: Snapshot, producer: str, rendering: Rendering) -> Schema:
        if producer == OWN:
            return self._planner.own_schema
        return snapshot.schemas[rendering.packed.digest]

    def _look_at_refusals(self) -> None:
        """Which families of each producer stand, where not all of everybody's do."""
        plan = self._planner.plan
        if plan is self._refusing:
            return
        self._refusing, self._accepted = plan, {}
        if plan.refused:
            accepted: dict[str, list[int]] = {}
            for section in plan.sections:
                for share in section.shares:
                    accepted.setdefault(share.producer, []).append(share.place)
            self._accepted = {name: tuple(sorted(places)) for name, places in accepted.items()}

    def _piece(
        self, producer: str, rendering: Rendering, schema: Callable[[], Schema]
    ) -> Piece | None:
        layout, packed = rendering.layout, rendering.packed
        places = self._accepted.get(producer, ()) if self._refusing_any else None
        if places is None or len(places) == len(layout.families):
            labels = cache(lambda: _labels(schema(), packed.labels, None))
            return Piece(layout, labels, packed.values)
        if not places:
            return None
        families = [layout.families[place] for place in places]
        values = np.concatenate([packed.values[lines.start : lines.end] for lines in families])
        source = self._parts.get(layout)
        if source is None or source.key != places:
            source = self._parts[layout] = _Source(places)
        return Piece(source, cache(lambda: _labels(schema(), packed.labels, places)), values)

    @property
    def _refusing_any(self) -> bool:
        return self._refusing is not None and self._refusing.refused > 0

    def _up(self, snapshot: Snapshot) -> Piece:
        ups = {**dict.fromkeys(self._wanted(snapshot), 0.0), **dict.fromkeys(_present(snapshot), 1)}
        names = tuple(ups)
        if self._ups.key != names:
            self._ups = _Source(names)

        def labels() -> list[Labels]:
            return [named(PRODUCER_UP, [("producer", name)]) for name in names]

        return Piece(self._ups, labels, np.array(list(ups.values()), dtype=np.float64))

    def _wanted(self, snapshot: Snapshot) -> Iterator[str]:
        for name in sorted(self._known()):
            if not snapshot.notes.get(name, {}).get("off"):
                yield _COLLECTOR + name


def _present(snapshot: Snapshot) -> Iterator[str]:
    """Nodes, collectors and processes; totals stand for nobody in particular."""
    yield from sorted(name for name in snapshot.packed if not name.startswith(PROCESS))
    for name, entry in sorted(snapshot.processes.items()):
        about = entry.about
        yield PROCESS + (f"{about['host']}:{about['pid']}" if "host" in about else str(name))


def _labels(schema: Schema, constant: Labels, places: Sequence[int] | None) -> list[Labels]:
    """The series of a schema's families, or of those at ``places``."""
    families = schema.families
    chosen = families if places is None else [families[place] for place in places]
    return [labels for family in chosen for labels in _series(family, constant)]


def _series(family: FamilySchema, constant: Labels) -> Iterator[Labels]:
    bound = _BOUNDS.get(family.type)
    for key in family.samples:
        labels = (*key.labels, *constant)
        if bound and any(name == bound for name, _ in labels):
            labels = tuple((n, _spelt(v) if n == bound else v) for n, v in labels)
        yield named(family.name + key.suffix, labels)


@lru_cache(maxsize=4096)
def _spelt(bound: str) -> str:
    """A bucket's bound or a quantile as Prometheus 3 writes it: ``1`` is ``1.0``."""
    try:
        number = float(bound)
    except ValueError:
        return bound
    return repr(number) if abs(number) < _LARGEST else bound
