"""What the store shows now, summed up per family for the pages of the admin."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any, Final

import numpy as np
from django.http import HttpRequest

from zerostate_monitoring.collectors.base import COLLECTORS
from zerostate_monitoring.conf import conf
from zerostate_monitoring.exceptions import ConfigurationError, FrameError
from zerostate_monitoring.exposition.feeding import refused_processes
from zerostate_monitoring.exposition.own import own_frame, silent
from zerostate_monitoring.exposition.plan import OWN, make_plan
from zerostate_monitoring.frames.exemplar import Labels
from zerostate_monitoring.frames.frame import Frame
from zerostate_monitoring.storage.snapshot import Snapshot
from zerostate_monitoring.storage.store import current_store

ON_THE_PAGE_ALONE: Final = frozenset(
    {"zerostate_monitoring_page_series", "zerostate_monitoring_page_refused_series"}
)
"""Families that count what stands on the page; only making it tells their values."""

IN_HISTORY_ALONE: Final = frozenset({"zerostate_monitoring_producer_up"})
"""Families that are written into each column of history, and stand nowhere else."""

_ATTRIBUTE: Final = "_zerostate_monitoring_live"
_VALUE_SUFFIXES: Final = frozenset({"", "_total"})


@dataclass(slots=True)
class LiveFamily:
    """One family over all producers: series, newest time (unix seconds), sum, extremes.

    Of a histogram or summary, ``total`` adds up the observations.
    """

    type: str
    series: int = 0
    at: float = 0.0
    total: float = 0.0
    largest: float = float("-inf")
    smallest: float = float("inf")
    producers: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class LiveSeries:
    """One series as it stands on the page."""

    name: str
    labels: Labels
    value: float
    at: float
    producer: str


@dataclass(frozen=True, slots=True)
class Live:
    """The store's present state; ``up`` is False where it does not answer.

    ``enabled`` is False where the app is switched off and the store was not asked.
    """

    up: bool = False
    enabled: bool = True
    frames: Mapping[str, Frame] = field(default_factory=dict)
    families: Mapping[str, LiveFamily] = field(default_factory=dict)

    def series_of(self, family: str, most: int) -> list[LiveSeries]:
        """At most ``most`` series of the family (OpenMetrics name)."""
        frames = self.frames.items()
        found = (
            series for producer, frame in frames for series in _series(producer, frame, family)
        )
        return list(islice(found, most))


NOTHING: Final = Live()
"""A store that nobody has looked into."""


def live_for(request: HttpRequest) -> Live:
    """The state that this request shows: one look into the store per request."""
    live: Live | None = getattr(request, _ATTRIBUTE, None)
    if live is None:
        live = look()
        setattr(request, _ATTRIBUTE, live)
    return live


def look() -> Live:
    """Look into the store; one that is away, or an unreadable frame, gives no families."""
    if not conf.ENABLED:
        return Live(enabled=False)
    try:
        snapshot = current_store().snapshot()
        refused = refused_processes(
            snapshot, conf.FEED_ORDER, has_platform=bool(conf.PLATFORM_DATABASE)
        )
        shown = {name: frame for name, frame in snapshot.frames.items() if name not in refused}
        frames = {**shown, OWN: _own(snapshot)}
        return Live(snapshot.up, frames=frames, families=families_in(frames))
    except (ConfigurationError, FrameError):
        return NOTHING


def _own(snapshot: Snapshot) -> Frame:
    """What the page would say of this app, made at this moment."""
    now = time.time()
    known = COLLECTORS.intervals()
    without = silent(snapshot, known, now)
    frame = own_frame(snapshot, known, conf.EXTERNAL_LABELS, make_plan([]), without)
    return replace(frame, at=now)


def families_in(frames: Mapping[str, Frame]) -> dict[str, LiveFamily]:
    """Sum up the frames of all producers per family."""
    families: dict[str, LiveFamily] = {}
    for producer, frame in frames.items():
        start = 0
        for schema in frame.schema.families:
            end = start + len(schema.samples)
            if schema.name not in ON_THE_PAGE_ALONE:
                family = families.setdefault(schema.name, LiveFamily(schema.type))
                _add(family, producer, frame, start, end)
                suffixes = [key.suffix for key in schema.samples]
                _add_values(family, suffixes, frame.values[start:end])
            start = end
    return families


def _add(family: LiveFamily, producer: str, frame: Frame, start: int, end: int) -> None:
    family.series += end - start
    family.at = max(family.at, frame.at)
    family.producers.append(producer)


def _add_values(family: LiveFamily, suffixes: list[str], values: Any) -> None:
    wanted = {"_count"} if family.type in {"histogram", "summary"} else _VALUE_SUFFIXES
    chosen = values[[suffix in wanted for suffix in suffixes]] if suffixes else values
    if len(chosen):
        family.total += float(np.sum(chosen))
        family.largest = max(family.largest, float(np.max(chosen)))
        family.smallest = min(family.smallest, float(np.min(chosen)))


def _series(producer: str, frame: Frame, name: str) -> Iterator[LiveSeries]:
    start = 0
    for schema in frame.schema.families:
        end = start + len(schema.samples)
        if schema.name == name and name not in ON_THE_PAGE_ALONE:
            values = frame.values[start:end].tolist()
            for key, value in zip(schema.samples, values, strict=True):
                labels = tuple(sorted((*key.labels, *frame.labels)))
                yield LiveSeries(name + key.suffix, labels, value, frame.at, producer)
        start = end


def age_of(at: float, now: float | None = None) -> float:
    """Seconds since ``at``; a clock that runs ahead makes 0 of it."""
    return max((time.time() if now is None else now) - at, 0.0)
