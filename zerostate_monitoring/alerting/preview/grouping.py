"""What one receiver hears of a group of alerts, by the delivery's own decisions. Pure.

When a group is flushed, when what fires is told again, and what is never told: that is asked of
``alerting.delivery``. A message leaves when its group is flushed, and is taken at the first try.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum
from typing import Final

from zerostate_monitoring.alerting.delivery.deciding import is_repeat_due, next_flush
from zerostate_monitoring.alerting.delivery.places import Place, flush_time
from zerostate_monitoring.alerting.routing.values import Routed

_EPOCH: Final = datetime(1970, 1, 1)  # noqa: DTZ001 - only distances count


@dataclass(frozen=True, slots=True, eq=False)
class Noise:
    """When an alert fires and when it ends, in ms; ``None``: not yet. Each is one of its own."""

    fired_ms: int
    ended_ms: int | None

    def fires(self, at_ms: int) -> bool:
        """Whether it fires then."""
        return self.fired_ms <= at_ms and (self.ended_ms is None or at_ms < self.ended_ms)


@dataclass(slots=True)
class Heard:
    """How many messages there were, and when each alert was first told to fire, in ms."""

    messages: int = 0
    told: dict[Noise, int] = field(default_factory=dict)


class _Due(Enum):
    FIRED = "fired"
    RESOLVED = "resolved"
    NEVER_TOLD = "never told"


def hear(
    noise: Iterable[Noise], route: Routed, end_ms: int, *, resolved: bool, at_once: bool = False
) -> Heard:
    """What tells of ``noise`` until ``end_ms``; ``resolved`` ones, too, or not.

    ``at_once`` is for receivers that are told because nobody has answered: they do not wait.
    """
    group = _Group(route, resolved=resolved, at_once=at_once)
    for at_ms, begins, ends in _changes(noise, end_ms):
        group.flush_before(at_ms)
        for one in ends:
            group.end(one, at_ms)
        for one in begins:
            group.fire(one, at_ms)
    group.flush_before(end_ms + 1)
    return group.heard


def _changes(noise: Iterable[Noise], end_ms: int) -> Iterable[tuple[int, list[Noise], list[Noise]]]:
    found: dict[int, tuple[list[Noise], list[Noise]]] = {}
    for one in noise:
        found.setdefault(one.fired_ms, ([], []))[0].append(one)
        if one.ended_ms is not None:
            found.setdefault(one.ended_ms, ([], []))[1].append(one)
    return [(at_ms, *found[at_ms]) for at_ms in sorted(found) if at_ms <= end_ms]


class _Group:
    """One group, from its first alert on."""

    def __init__(self, route: Routed, *, resolved: bool, at_once: bool) -> None:
        self.heard = Heard()
        self._place = _place(route)
        self._resolved = resolved
        self._at_once = at_once
        self._due: dict[Noise, _Due] = {}
        self._known: set[Noise] = set()
        self._flush_at: datetime | None = None
        self._flushed_at: datetime | None = None
        self._told_at: datetime | None = None

    def fire(self, one: Noise, at_ms: int) -> None:
        """It is to be told that an alert fires."""
        self._due[one] = _Due.FIRED
        self._flush(at_ms, at_once=self._at_once)

    def end(self, one: Noise, at_ms: int) -> None:
        """It is to be told that it has ended, to whom that is told at all."""
        if self._resolved:
            self._due[one] = _Due.RESOLVED if one in self._known else _Due.NEVER_TOLD
            self._flush(at_ms)

    def flush_before(self, end_ms: int) -> None:
        """All flushes that come before ``end_ms``."""
        while self._flush_at is not None and _ms(self._flush_at) < end_ms:
            self._tell(self._flush_at)

    def _flush(self, at_ms: int, *, at_once: bool = False) -> None:
        self._flush_at = flush_time(
            self._place,
            _at(at_ms),
            flush_at=self._flush_at,
            flushed_at=self._flushed_at,
            at_once=at_once,
        )

    def _tell(self, now: datetime) -> None:
        at_ms = _ms(now)
        again = {one for one in self._known if one.fires(at_ms)}
        firing = [one for one, due in self._due.items() if due is _Due.FIRED and one.fires(at_ms)]
        told = bool(firing) or _Due.RESOLVED in self._due.values()
        if told or (again and is_repeat_due(self._told_at, self._place, now)):
            self.heard.messages += 1
            self._told_at = now
        for one in firing:
            self.heard.told[one] = at_ms
        self._due.clear()
        self._known = again.union(firing)
        self._flushed_at = now
        self._flush_at = next_flush(
            self._place, now, told_at=self._told_at, is_left=False, is_firing=bool(self._known)
        )


def _place(route: Routed) -> Place:
    return Place(
        key="",
        route_id=route.pk,
        receiver_id=0,
        labels=(),
        wait=timedelta(seconds=route.group_wait_seconds),
        interval=timedelta(seconds=route.group_interval_seconds),
        repeat=timedelta(seconds=route.repeat_interval_seconds),
    )


def escalated(told: Mapping[Noise, int], after_ms: int, end_ms: int) -> list[Noise]:
    """What the next receiver hears: alerts that fire so long after the one before was told."""
    found = []
    for one, told_ms in told.items():
        begins = told_ms + after_ms
        if begins <= end_ms and one.fires(begins):
            found.append(Noise(begins, one.ended_ms))
    return found


def _at(ms: int) -> datetime:
    return _EPOCH + timedelta(milliseconds=ms)


def _ms(at: datetime) -> int:
    return (at - _EPOCH) // timedelta(milliseconds=1)
