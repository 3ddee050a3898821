"""What evaluation records: results of recording rules, ``ALERTS`` and ``ALERTS_FOR_STATE``.

Beside the timeline, which is of the page: a group of rules is evaluated at instants of its own,
and what it gives belongs to exactly these. Whatever a group gave at the slot before and does not
give at this one ends at this one, as in Prometheus.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Final
from weakref import WeakKeyDictionary

from django.db import Error as DatabaseError

from zerostate_monitoring.conf import conf
from zerostate_monitoring.exceptions import FrameError, StoreError
from zerostate_monitoring.frames.exemplar import Labels
from zerostate_monitoring.promql.data import AnyBlock
from zerostate_monitoring.promql.nodes import Matcher
from zerostate_monitoring.storage import kept
from zerostate_monitoring.storage.entries import Column
from zerostate_monitoring.storage.lanes import RUN_MS, Lane
from zerostate_monitoring.storage.parts import name_of
from zerostate_monitoring.storage.records import (
    ANYHOW,
    Addition,
    Place,
    Records,
    Room,
    Told,
    Written,
    by_group,
)
from zerostate_monitoring.storage.selecting import Check, Condition, Conditions, unhurried
from zerostate_monitoring.storage.store import Store
from zerostate_monitoring.storage.uniting import united

logger = logging.getLogger(__name__)

ALERTS: Final = "ALERTS"
FOR_STATE: Final = "ALERTS_FOR_STATE"

_SHARE: Final = 4
"""Of the bytes that history may take, what is recorded may take as much again as one part of so
many: a column of the page is larger than what rules make of it."""
_TRIES: Final = 3
_END_INTERVALS: Final = 2
_INTERVAL_MS: Final = 60_000
_ANY_TOKEN: Final = -1

Samples = Sequence[tuple[Labels, float]]


class Recorded:
    """What one process holds of what is recorded. Threads take turns."""

    def __init__(self, records: Records) -> None:
        self._records: Final = records
        self._lock: Final = threading.RLock()
        self._conditions: Final = Conditions()
        self._forget()

    def _forget(self) -> None:
        self.told = Told()
        self._place = Place()
        self._lanes: dict[str, Lane] = {}

    # -- bringing it up to date --------------------------------------------------

    def refresh(self, version: str | None = None) -> None:
        """Fetch what is new; nothing is asked if what is held is of ``version``.

        Raises:
            StoreError: the store does not answer.
        """
        with self._lock:
            if version is None or version != self.told.version:
                try:
                    while self._read_on():
                        pass
                except StoreError:
                    # Nothing was read, so what is held is what it was.
                    raise
                except BaseException:
                    # What was read may stand here in half, and would be read again.
                    self._forget()
                    raise

    def _read_on(self) -> bool:
        """Read some entries; whether there are more."""
        told, place, continued, entries = self._records.read(self._place)
        if not continued:
            self._forget()
        for group, columns in by_group(entries):
            lane = self._lanes.setdefault(group, Lane())
            for column in columns:
                self._take(group, lane, column)
        self.told, self._place = told, place
        if not continued or entries:
            self._turn()
        return bool(entries) and place.seen < told.count

    def _take(self, group: str, lane: Lane, column: object) -> None:
        if not isinstance(column, Column):
            lane.lose()
            return
        try:
            lane.take(column, self._records.known(column.digests))
        except FrameError as error:
            logger.warning("recorded_not_readable", extra={"group": group, "error": str(error)})
            lane.lose()

    def _turn(self) -> None:
        """Let go of what the store no longer holds."""
        for lane in self._lanes.values():
            # Slots of one group may lie a little before those of others.
            lane.forget_before(self.told.first - RUN_MS)
        self._lanes = {group: lane for group, lane in self._lanes.items() if lane.runs}
        runs = [run for lane in self._lanes.values() for run in lane.runs]
        self._records.forget_parts({part.digest for run in runs for part in run.parts.values()})

    # -- what a query asks for ----------------------------------------------------

    @property
    def names(self) -> Collection[str]:
        """The names of all series that it holds."""
        with self._lock:
            return {name for lane in self._lanes.values() for name in lane.names}

    def select(self, matchers: Sequence[Matcher], start_ms: int, end_ms: int) -> Sequence[AnyBlock]:
        """All series that meet ``matchers`` with samples of start_ms < t ≤ end_ms; see Storage."""
        return self.select_within(matchers, start_ms, end_ms, unhurried)

    def select_within(
        self, matchers: Sequence[Matcher], start_ms: int, end_ms: int, check: Check
    ) -> Sequence[AnyBlock]:
        """``select`` for one whose time ends: then ``check`` raises, and so does this."""
        with self._lock:
            check()
            condition, _ = self._conditions.of(tuple(matchers))
            found: dict[str, list[AnyBlock]] = {}
            for name, lane in self._chosen(condition, check):
                block = lane.sheet(name).select(condition, (start_ms, end_ms), check)
                if block is not None:
                    found.setdefault(name, []).append(block)
            return [block for blocks in found.values() for block in united(blocks)]

    def begins(self, matchers: Sequence[Matcher]) -> int | None:
        """The first slot (ms) of series of the names that ``matchers`` choose; None for none.

        Alerts begin with all that is recorded: none of them is a reason for no series.
        """
        with self._lock:
            condition, _ = self._conditions.of(tuple(matchers))
            if condition.name in {ALERTS, FOR_STATE}:
                return self.told.first or None
            chosen = self._chosen(condition, unhurried)
            return min((int(lane.sheet(name).times[0]) for name, lane in chosen), default=None)

    def _chosen(self, condition: Condition, check: Check) -> Iterator[tuple[str, Lane]]:
        for lane in self._lanes.values():
            if condition.name is None:
                yield from ((name, lane) for name in condition.named(lane.names, check))
            elif condition.name in lane.names:
                yield condition.name, lane

    def newest(self) -> Iterator[tuple[Labels, float, int]]:
        """The samples of each group's newest slot, and the slot (ms)."""
        with self._lock:
            for lane in self._lanes.values():
                yield from ((labels, value, lane.last) for labels, value in lane.newest())

    # -- writing -----------------------------------------------------------------

    def write(
        self,
        group_key: str,
        slot_ms: int,
        token: int,
        samples: Mapping[Labels, float],
        silent: Collection[str],
        room: Room,
    ) -> bool:
        """Append what a group's evaluation gave; see the function of this name."""
        with self._lock:
            for attempt in range(_TRIES):
                # What cannot be read, though it is there, is rested on by nothing.
                blind = attempt == _TRIES - 1
                lane = Lane() if blind else self._lanes.get(group_key) or Lane()
                column, parts = lane.next(slot_ms, samples, silent)
                mark = ANYHOW if blind else lane.mark
                done = self._records.append(Addition(group_key, token, column, mark, parts), room)
                if done in {Written.OK, Written.OLD}:
                    return done is Written.OK
                if done is Written.FUTURE:
                    self._forget()
                self.refresh()
            return False

    def end_others(self, living: Collection[str], now_ms: int, room: Room) -> list[str]:
        """End the series of groups that are no more, two intervals after their last slot."""
        self.refresh()
        with self._lock:
            gone = [group for group in self._lanes if group not in living]
            ended = []
            for group in gone:
                lane = self._lanes[group]
                slot = lane.last + _END_INTERVALS * lane.interval(_INTERVAL_MS)
                is_over = now_ms >= slot and any(True for _ in lane.newest())
                if is_over and self.write(group, slot, _ANY_TOKEN, {}, (), room):
                    ended.append(group)
            return ended


# A forked child has a store of its own, and so a place of its own in what is recorded.
_held: Final[WeakKeyDictionary[Store, Recorded]] = WeakKeyDictionary()


def recorded(store: Store) -> Recorded:
    """What this process holds of what is recorded in a store."""
    found = _held.get(store)
    return found or _held.setdefault(store, Recorded(store.records()))


def room() -> Room:
    """How much is kept, as the settings are now.

    What rests on the beginning of a run is kept a run longer, so that all of it can be read.
    """
    return Room(int(conf.HISTORY * 1000) + RUN_MS, max(1, conf.HISTORY_MAX_BYTES // _SHARE))


def write(
    store: Store,
    group_key: str,
    slot_ms: int,
    token: int,
    samples: Samples,
    *,
    silent: Collection[str] = (),
    kept_ms: int = 0,
) -> bool:
    """Record what the evaluation of a group gave at a slot; False if slot or token are old.

    A token that is old for ten minutes is one of a database that was restored: it is taken.

    ``samples`` are all series of the group, with their names, sorted (see ``parts.named``): what
    the group gave at its slot before and does not give now ends now. Rules in error give nothing,
    and nothing of theirs ends: ``silent`` are their names. What is marked to be kept is kept, if
    the slot is one of the long tier's; ``kept_ms`` where the group is evaluated for instants that
    may be none of these, for it looks back by an offset. Nothing is done where no history is kept.

    Raises:
        StoreError: the store does not answer, or is full: the slot is a gap.
    """
    if conf.HISTORY <= 0:
        return True
    given = dict(samples)
    done = recorded(store).write(group_key, slot_ms, token, given, silent, room())
    kept_ms = kept_ms or slot_ms
    if done and given and kept.is_due(kept_ms):
        _keep(kept_ms, given)
    return done


def _keep(slot_ms: int, samples: Mapping[Labels, float]) -> None:
    """Keep what is marked; without it the long tier has a gap."""
    try:
        marked = kept.marked_names()
        chosen = [(labels, value) for labels, value in samples.items() if name_of(labels) in marked]
        if chosen:
            kept.keep(slot_ms, chosen)
    except DatabaseError as error:
        details = {"kind": type(error).__name__, "error": str(error), "slot": slot_ms}
        logger.warning("history_not_kept", extra=details)
