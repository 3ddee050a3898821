"""The present values of this process: gauges, infos and state sets."""

from __future__ import annotations

import logging
import os
import socket
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from prometheus_client import CollectorRegistry, GCCollector, Metric, ProcessCollector

from zerostate_monitoring.instrumentation import cells
from zerostate_monitoring.instrumentation.ledger import keep
from zerostate_monitoring.storage.publication import GaugeFamily, Gauges, Removal

logger = logging.getLogger(__name__)

Sample = tuple[str, tuple[tuple[str, str], ...]]
Samples = list[tuple[Sample, float, float]]
"""Suffix and labels, value, and the time at which it was set (0 if it never was)."""


def about() -> dict[str, str]:
    """What this process is, for people and for labels."""
    return {"host": socket.gethostname(), "pid": str(os.getpid())}


Key = tuple[str, tuple[str, ...]]


@dataclass(slots=True)
class _Seen:
    """What was last seen of a series, and when it changed; ``hidden`` once others ended it."""

    values: tuple[float, ...]
    at: float
    hidden: bool = False


class Present:
    """Reads the gauges of some registries.

    A forked child inherits its parent's values, which are not its own: those series are left
    out that the child has not touched. Sums begin at 0 in a child; see ``cells.forked``.

    Args:
        registries: gives the registries to read.
        with_process: whether memory and processor time of the process belong to it.
        release: takes a series that others ended out of this process; whether it did.
    """

    def __init__(
        self,
        registries: Callable[[], Sequence[CollectorRegistry]],
        with_process: Callable[[], bool],
        release: Callable[[str, tuple[str, ...]], bool] = keep,
    ) -> None:
        self._registries: Final = registries
        self._with_process: Final = with_process
        self._release: Final = release
        self._seen: dict[Key, _Seen] = {}
        self._inherited: dict[Key, tuple[float, ...]] = {}

    def read(self, now: float) -> Gauges:
        """All values at ``now`` (unix seconds)."""
        families, values, times = [], [], []
        last, self._seen = self._seen, {}
        for family, samples in self._families(now, last):
            families.append(family)
            values += [value for _, value, _ in samples]
            times += [at for _, _, at in samples if family.mode == "mostrecent"]
        return Gauges(tuple(families), tuple(values), tuple(times))

    def _families(
        self, now: float, last: Mapping[Key, _Seen]
    ) -> Iterator[tuple[GaugeFamily, Samples]]:
        seen: set[str] = set()
        for instrument in self._instruments():
            name = cells.name_of(instrument)
            if name not in seen:
                seen.add(name)
                samples = self._samples(instrument, now, last)
                if samples:
                    yield _family(instrument, samples), samples
        if self._with_process():
            yield from process_families()

    def _instruments(self) -> Iterator[Any]:
        for registry in self._registries():
            for instrument in cells.instruments(registry):
                if cells.type_of(instrument) in cells.GAUGES:
                    yield instrument

    def _samples(self, instrument: Any, now: float, last: Mapping[Key, _Seen]) -> Samples:
        found: Samples = []
        names = cells.label_names(instrument)
        for labels, child in cells.children(instrument).items():
            read = _read(instrument, child)
            key = (cells.name_of(instrument), labels)
            values = tuple(value for _, _, value in read)
            self._seen[key] = seen = self._look(last.get(key), key, values, child, now)
            if seen.hidden or (values == self._inherited.get(key) and not seen.at):
                continue
            pairs = tuple(zip(names, labels, strict=True))
            for suffix, own, value in read:
                found.append(((suffix, tuple(sorted((*pairs, *own.items())))), value, seen.at))
        return found

    def _look(
        self, last: _Seen | None, key: Key, values: tuple[float, ...], child: Any, now: float
    ) -> _Seen:
        """When a series got its values: as it says, else when that was seen first."""
        set_at = cells.set_at(child)
        if last is None:
            # A series that nobody has set says 0, or its first state, and must not win over
            # one that was set.
            moved = values != cells.unset(child) and key not in self._inherited
            return _Seen(values, set_at or (now if moved else 0.0))
        if values != last.values or set_at > last.at:
            return _Seen(values, set_at if set_at > last.at else now)
        return last

    def forked(self) -> None:
        """Take what is there for the parent's."""
        for instrument in self._instruments():
            for labels, child in cells.children(instrument).items():
                key = (cells.name_of(instrument), labels)
                if cells.gauge_mode(instrument) == "sum":
                    continue
                values = tuple(value for _, _, value in _read(instrument, child))
                self._inherited[key] = values
                self._seen[key] = _Seen(values, 0.0)
                cells.forget_set_at(child)

    def forget(self, removals: Iterable[Removal]) -> None:
        """Other processes ended series: hide those that have not moved since."""
        for _, name, labels in removals:
            seen = self._seen.get((name, labels))
            if seen is not None and labels:
                seen.hidden = True
                self._release(name, labels)


def _family(instrument: Any, samples: Samples) -> GaugeFamily:
    name, kind, text, unit, *_ = cells.described(instrument)
    mode = cells.gauge_mode(instrument)
    return GaugeFamily(name, kind, text, unit, mode, tuple(sample for sample, _, _ in samples))


def _read(instrument: Any, child: Any) -> list[tuple[str, Mapping[str, str], float]]:
    """The samples of a series; none where a function of the project's own does not give them."""
    try:
        return [
            (suffix, {str(k): str(v) for k, v in own.items()}, value)
            for suffix, own, value in cells.gauge_samples(child)
        ]
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
