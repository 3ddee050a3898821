"""The present values of this process: gauges, infos and state sets."""

from __future__ import annotations

import logging
import os
import socket
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from prometheus_client import CollectorRegistry, GCCollector, Metric, ProcessCollector

from zerostate_monitoring.instrumentation import cells
from zerostate_monitoring.storage.publication import GaugeFamily, Gauges, Removal

logger = logging.getLogger(__name__)

Sample = tuple[str, tuple[tuple[str, str], ...]]
Samples = list[tuple[Sample, float, float]]
"""Suffix and labels, value, and the time at which it was set (0 if it never was)."""


def about() -> dict[str, str]:
    """What this process is, for people and for labels."""
    return {"host": socket.gethostname(), "pid": str(os.getpid())}


@dataclass(slots=True)
class _Seen:
    """What was last seen of a series, and when it changed."""

    values: tuple[float, ...]
    at: float


@dataclass(slots=True)
class Present:
    """Reads the gauges of some registries.

    A forked child inherits its parent's values, which are not its own: a sum has what came
    on top of them, all others only those series that the child has touched.
    """

    registries: Callable[[], Sequence[CollectorRegistry]]
    with_process: Callable[[], bool]
    _seen: dict[tuple[str, tuple[str, ...]], _Seen] = field(default_factory=dict)
    _inherited: dict[tuple[str, tuple[str, ...]], tuple[float, ...]] = field(default_factory=dict)

    def read(self, now: float) -> Gauges:
        """All values at ``now`` (unix seconds)."""
        families, values, times = [], [], []
        for family, samples in self._families(now):
            families.append(family)
            values += [value for _, value, _ in samples]
            times += [at for _, _, at in samples if family.mode == "mostrecent"]
        return Gauges(tuple(families), tuple(values), tuple(times))

    def _families(self, now: float) -> Iterator[tuple[GaugeFamily, Samples]]:
        seen: set[str] = set()
        for registry in self.registries():
            for instrument in cells.instruments(registry):
                name = cells.name_of(instrument)
                if cells.type_of(instrument) in cells.GAUGES and name not in seen:
                    seen.add(name)
                    samples = self._samples(instrument, now)
                    if samples:
                        yield _family(instrument, samples), samples
        if self.with_process():
            yield from process_families()

    def _samples(self, instrument: Any, now: float) -> Samples:
        found: Samples = []
        names = cells.label_names(instrument)
        for labels, child in cells.children(instrument).items():
            read = _read(instrument, child)
            key = (cells.name_of(instrument), labels)
            values = tuple(value for _, _, value in read)
            at = self._at(key, values, cells.set_at(child), now)
            less = self._less(key, cells.gauge_mode(instrument), values, at)
            if less is None:
                continue
            pairs = tuple(zip(names, labels, strict=True))
            for (suffix, own, value), inherited in zip(read, less, strict=True):
                sample = (suffix, tuple(sorted((*pairs, *own.items()))))
                found.append((sample, value - inherited, at))
        return found

    def _less(
        self, key: tuple[str, tuple[str, ...]], mode: str, values: tuple[float, ...], at: float
    ) -> tuple[float, ...] | None:
        """What of the values is the parent's; None where nothing is this process's own."""
        base = self._inherited.get(key)
        if base is None or len(base) != len(values):
            return (0.0,) * len(values)
        if mode == "sum":
            return base
        return (0.0,) * len(values) if values != base or at else None

    def _at(
        self, key: tuple[str, tuple[str, ...]], values: tuple[float, ...], set_at: float, now: float
    ) -> float:
        """When a series got its values: as it says, else when that was seen first."""
        seen = self._seen.get(key)
        if seen is None:
            # A series that nobody has set says 0, and must not win over one that was.
            at = set_at or (now if any(values) and key not in self._inherited else 0.0)
            self._seen[key] = _Seen(values, at)
            return at
        if values != seen.values or set_at > seen.at:
            seen.values, seen.at = values, set_at if set_at > seen.at else now
        return seen.at

    def forked(self) -> None:
        """Take what is there for the parent's."""
        self._seen, self._inherited = {}, {}
        for registry in self.registries():
            for instrument in cells.instruments(registry):
                if cells.type_of(instrument) == "gauge":
                    self._inherit(instrument)

    def _inherit(self, instrument: Any) -> None:
        for labels, child in cells.children(instrument).items():
            key = (cells.name_of(instrument), labels)
            self._inherited[key] = cells.inherited(child)
            self._seen[key] = _Seen(self._inherited[key], 0.0)
            cells.forget_set_at(child)

    def forget(self, removals: Iterable[Removal]) -> None:
        """Other processes ended series: drop the gauges that have not moved since."""
        wanted: dict[str, list[tuple[str, ...]]] = {}
        for name, labels in removals:
            wanted.setdefault(name, []).append(labels)
        for registry in self.registries() if wanted else ():
            for instrument in cells.instruments(registry):
                if cells.type_of(instrument) == "gauge" and cells.label_names(instrument):
                    for labels in wanted.get(cells.name_of(instrument), ()):
                        self._drop(instrument, labels)

    def _drop(self, instrument: Any, labels: tuple[str, ...]) -> None:
        child = cells.children(instrument).get(labels)
        key = (cells.name_of(instrument), labels)
        seen = self._seen.get(key)
        if child is None or seen is None:
            return
        values = tuple(value for _, _, value in cells.gauge_samples(child))
        if values == seen.values and cells.set_at(child) <= seen.at:
            cells.drop(instrument, labels)
            del self._seen[key]


def _family(instrument: Any, samples: Samples) -> GaugeFamily:
    name, kind, text, unit, *_ = cells.described(instrument)
    mode = cells.gauge_mode(instrument)
    return GaugeFamily(name, kind, text, unit, mode, tuple(sample for sample, _, _ in samples))


def _read(instrument: Any, child: Any) -> list[tuple[str, Mapping[str, str], float]]:
    """The samples of a series; none where a function of the project's own does not give them."""
    try:
        return cells.gauge_samples(child)
    except Exception as error:  # noqa: BLE001 - what it raises is its own affair
        details = {"family": cells.name_of(instrument), "error": str(error)}
        logger.warning("gauge_not_read", extra=details)
        return []


_PROCESS: Final = ProcessCollector(registry=None)
_GARBAGE: Final = GCCollector(registry=CollectorRegistry(auto_describe=False))


def process_families() -> Iterator[tuple[GaugeFamily, Samples]]:
    """Memory, processor time, open files and garbage of this process, by prometheus_client."""
    families: list[Metric] = [*_PROCESS.collect(), *_GARBAGE.collect()]
    for family in families:
        samples: Samples = []
        for sample in family.samples:
            suffix = sample.name.removeprefix(family.name)
            samples.append(((suffix, tuple(sorted(sample.labels.items()))), sample.value, 0.0))
        keys = tuple(sample for sample, _, _ in samples)
        texts = (family.name, family.type, family.documentation, family.unit)
        yield GaugeFamily(*texts, "all", keys), samples
