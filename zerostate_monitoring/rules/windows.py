"""When maintenance windows are open. Pure.

Weekly windows are read off the clock on the wall of their zone. A start that the clock skips is
the first instant after the gap; one that it shows twice is the first of the two. A window ends
when the clock shows its end, by the same rule; if all of it is skipped, it lasts its length
from the first instant after the gap. One over midnight belongs to the weekday on which it begins.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from zerostate_monitoring.exceptions import RuleError

_DAY: Final = timedelta(days=1)
_SECOND: Final = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Span:
    """From one instant up to another, which is no longer part of it."""

    starts_at: datetime
    ends_at: datetime
    remark: str = ""
    """What is unusual about it."""

    def holds(self, now: datetime) -> bool:
        """Whether ``now`` lies in it."""
        return self.starts_at <= now < self.ends_at


@dataclass(frozen=True, slots=True)
class Weekly:
    """Each of ``weekdays`` (0 is Monday) from ``start`` until ``end`` of that day or the next."""

    zone: ZoneInfo
    weekdays: Collection[int]
    start: time
    end: time

    def open_at(self, now: datetime) -> Span | None:
        """The span in which ``now`` lies."""
        day = now.astimezone(self.zone).date()
        days = (day + n * _DAY for n in range(-3, 2))
        return next((s for s in map(self._on, days) if s is not None and s.holds(now)), None)

    def after(self, now: datetime, count: int) -> list[Span]:
        """The next ``count`` spans that have not ended at ``now``."""
        first = now.astimezone(self.zone).date() - 3 * _DAY
        spans = (self._on(first + n * _DAY) for n in range(7 * count + 14))
        return list(islice((s for s in spans if s is not None and s.ends_at > now), count))

    def between(self, start: datetime, end: datetime) -> list[Span]:
        """The spans of which a part lies between two instants."""
        first = start.astimezone(self.zone).date() - 3 * _DAY
        days = (end.astimezone(self.zone).date() - first).days + 1
        spans = (self._on(first + n * _DAY) for n in range(days))
        return [s for s in spans if s is not None and s.starts_at < end and s.ends_at > start]

    def _on(self, day: date) -> Span | None:
        """What begins on ``day``."""
        if day.weekday() not in self.weekdays:
            return None
        over_midnight = self.end <= self.start
        start = datetime.combine(day, self.start)
        end = datetime.combine(day + _DAY if over_midnight else day, self.end)
        starts_at, ends_at = instant(start, self.zone), instant(end, self.zone)
        if ends_at <= starts_at:
            ends_at = starts_at + (end - start)
        return Span(starts_at, ends_at, " ".join(self._remarks(start, end)))

    def _remarks(self, *walls: datetime) -> Iterator[str]:
        for wall in walls:
            if not exists(wall, self.zone):
                shown = instant(wall, self.zone).astimezone(self.zone)
                yield f"{self.zone.key} has no {wall:%H:%M} on this day: {shown:%H:%M} instead."
            elif wall.replace(tzinfo=self.zone).utcoffset() != _offset(wall, self.zone, fold=1):
                yield f"{self.zone.key} has {wall:%H:%M} twice on this day: the first."


@dataclass(frozen=True, slots=True)
class Once:
    """One span."""

    span: Span

    def open_at(self, now: datetime) -> Span | None:
        """The span in which ``now`` lies."""
        return self.span if self.span.holds(now) else None

    def after(self, now: datetime, count: int) -> list[Span]:
        """The span, if it has not ended at ``now``."""
        return [self.span][:count] if self.span.ends_at > now else []

    def between(self, start: datetime, end: datetime) -> list[Span]:
        """The span, if a part of it lies between two instants."""
        span = self.span
        return [span] if span.starts_at < end and span.ends_at > start else []


Schedule = Once | Weekly


def zone_of(name: str) -> ZoneInfo:
    """The time zone ``name``.

    Raises:
        RuleError: there is none of that name here.
    """
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise RuleError(f"{name!r} is no time zone; write one such as Europe/Berlin.") from error


def instant(wall: datetime, zone: ZoneInfo) -> datetime:
    """The first instant at which the clock of ``zone`` shows ``wall`` or, skipping it, more."""
    at = wall.replace(tzinfo=zone, fold=0).astimezone(UTC)
    if exists(wall, zone):
        return at
    # In a gap: the offset changes between these two, at a whole second.
    at = at.replace(microsecond=0)
    early = wall.replace(tzinfo=zone, fold=1, microsecond=0).astimezone(UTC)
    after = _offset(wall, zone, fold=1)
    while at - early > _SECOND:
        middle = early + (at - early) // _SECOND // 2 * _SECOND
        if middle.astimezone(zone).utcoffset() == after:
            at = middle
        else:
            early = middle
    return at


def exists(wall: datetime, zone: ZoneInfo) -> bool:
    """Whether the clock of ``zone`` ever shows ``wall``."""
    aware = wall.replace(tzinfo=zone, fold=0)
    return aware.astimezone(UTC).astimezone(zone).replace(tzinfo=None, fold=0) == wall


def _offset(wall: datetime, zone: ZoneInfo, *, fold: int) -> timedelta | None:
    return wall.replace(tzinfo=zone, fold=fold).utcoffset()
