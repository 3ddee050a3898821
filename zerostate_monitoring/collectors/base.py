"""What a collector is, and the registry of all of them in this process."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final, TypeVar

from zerostate_monitoring.catalogue.definition import Feed
from zerostate_monitoring.collectors.feeders import NODES_TOGETHER
from zerostate_monitoring.collectors.items import Collect
from zerostate_monitoring.exceptions import ConfigurationError
from zerostate_monitoring.schedule import NODES, TICK_SECONDS

Interval = float | Callable[[], float]
Idle = Callable[[], str]
C = TypeVar("C", bound=Collect)


def never_idle() -> str:
    """There is always something to read."""
    return ""


_NAME: Final = re.compile(r"[a-z][a-z0-9_-]{0,99}\Z")


@dataclass(frozen=True, slots=True)
class CollectorDefinition:
    """One registered collector.

    ``interval`` is in seconds, or a function that gives them (a setting read late); a
    collector without a beat entry of its own runs every ``TICK_SECONDS`` at most.
    ``source`` is what it reads, such as ``platform``; ``feed`` the kind of producer it
    is for catalogued families. ``place`` says where it was registered. ``idle`` looks at
    settings alone and says why there is nothing to read; empty if there is. ``families``
    are the catalogued ones that it gives, where that is known beforehand.
    """

    name: str
    interval: Interval
    source: str
    feed: Feed | None
    collect: Collect = field(compare=False)
    place: str
    idle: Idle = never_idle
    families: frozenset[str] = frozenset()

    @property
    def interval_seconds(self) -> float:
        """The interval as it is now."""
        return float(self.interval() if callable(self.interval) else self.interval)

    def checked_interval(self) -> float:
        """The interval as it is now, fit to run by.

        Raises:
            ConfigurationError: its function fails, or gives no positive number.
        """
        try:
            seconds = self.interval_seconds
        except Exception as error:
            raise ConfigurationError(f"{self.place}: its interval raised {error!r}") from error
        if not 0 < seconds < math.inf:
            raise ConfigurationError(f"{self.place}: its interval is {seconds:g} seconds")
        return seconds

    @property
    def producer(self) -> str:
        """The name under which its frame stands in the store."""
        return f"collector:{self.name}"

    @property
    def feeder(self) -> str:
        """As whom it feeds catalogued families: what nodes say together is the nodes'."""
        return NODES_TOGETHER if self.name == NODES else self.producer


class CollectorRegistry(Mapping[str, CollectorDefinition]):
    """Collectors by name, in the order of their registration."""

    def __init__(self) -> None:
        self._definitions: Final[dict[str, CollectorDefinition]] = {}

    def add(self, definition: CollectorDefinition) -> None:
        """Register ``definition``; the same place may register again (a reload).

        Raises:
            ConfigurationError: the name cannot be a label value, the interval is shorter
                than a tick, or another place has registered the name.
        """
        name, place = definition.name, definition.place
        if not _NAME.match(name):
            message = (
                f"{place}: {name!r} is no collector name; use a-z, 0-9, _ and -, from a letter"
            )
            raise ConfigurationError(message)
        if not callable(definition.interval) and not definition.interval >= TICK_SECONDS:
            message = f"{place}: the interval must be at least {TICK_SECONDS:g} seconds"
            raise ConfigurationError(f"{message}; due collectors are looked for that often")
        known = self._definitions.get(name)
        if known is not None and known.place != place:
            message = f"collector {name!r} is registered by {known.place} and by {place}"
            raise ConfigurationError(message)
        self._definitions[name] = definition

    def discard(self, name: str) -> None:
        """Forget the collector ``name`` if it is known."""
        self._definitions.pop(name, None)

    def find(self, name: str) -> CollectorDefinition:
        """The collector ``name``.

        Raises:
            ConfigurationError: nobody has registered it; the message lists who has.
        """
        if name not in self._definitions:
            known = ", ".join(sorted(self._definitions)) or "none"
            raise ConfigurationError(f"no collector is called {name!r}; known: {known}")
        return self._definitions[name]

    def intervals(self) -> dict[str, float]:
        """Collectors that have something to read, with their intervals in seconds.

        One whose interval cannot be had is left out; its run tells why.
        """
        found: dict[str, float] = {}
        for name, definition in self._definitions.items():
            with suppress(ConfigurationError):
                if not definition.idle():
                    found[name] = definition.checked_interval()
        return found

    def __getitem__(self, name: str) -> CollectorDefinition:
        return self._definitions[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._definitions)

    def __len__(self) -> int:
        return len(self._definitions)


COLLECTORS: Final = CollectorRegistry()


def collector(
    name: str,
    *,
    interval: Interval,
    source: str = "",
    feed: Feed | None = None,
    idle: Idle = never_idle,
    families: Collection[str] = (),
    registry: CollectorRegistry = COLLECTORS,
) -> Callable[[C], C]:
    """Register the decorated function as the collector ``name``; the function stays as it is.

    Args:
        name: label value and row name: a-z, 0-9, ``_`` and ``-``, from a letter.
        interval: seconds between runs, 5 at least, or a function that gives them.
        source: what it reads; empty for a project's own.
        feed: which kind of producer it is for catalogued families; None when it gives
            only families of its own.
        idle: says why there is nothing to read, from settings alone; empty if there is.
            An idle collector is not run, and is not missed on the page.
        families: the catalogued families that it gives, if they are known beforehand:
            while it is disabled another kind of producer may give them.
        registry: where to; the process-wide one unless a test says otherwise.

    Raises:
        ConfigurationError: see ``CollectorRegistry.add``.
    """

    def register(collect: C) -> C:
        place = f"{collect.__module__}.{getattr(collect, '__qualname__', repr(collect))}"
        given = frozenset(families)
        made = CollectorDefinition(name, interval, source, feed, collect, place, idle, given)
        registry.add(made)
        return collect

    return register
