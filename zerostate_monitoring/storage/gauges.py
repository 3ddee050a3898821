"""The present values of all processes, merged as each family's mode says."""

from __future__ import annotations

import logging
import struct
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
import orjson

from zerostate_monitoring.frames.frame import PackedFrame, Values
from zerostate_monitoring.frames.schema import FamilySchema, SampleKey, Schema
from zerostate_monitoring.storage.keys import Keys
from zerostate_monitoring.storage.publication import FORMAT, GaugeFamily
from zerostate_monitoring.storage.totals import PROCESS, Get

logger = logging.getLogger(__name__)

# format, version, expiry (ms), values, digest; then JSON of what the process is. publish.lua.
_ENTRY: Final = struct.Struct("<BQQI16s")
_FORMAT: Final = 1


class ProcessEntry(NamedTuple):
    """A live process: its gauges, and what it says of itself."""

    version: int
    expires_ms: int
    size: int
    digest: bytes
    about: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _Fetched:
    version: int
    digest: bytes
    values: Values


@dataclass(frozen=True, slots=True)
class Merged:
    """One family over all processes."""

    schema: Schema
    packed: PackedFrame
    producers: tuple[str, ...]


class _Part(NamedTuple):
    """A family as one process has it."""

    producer: str
    family: GaugeFamily
    values: Values
    times: Values


Key = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class _Plan:
    """Where the values of the parts go; made anew when other processes or series come."""

    made_for: tuple[tuple[str, int], ...]
    schema: Schema
    index: npt.NDArray[np.intp]


class Gauges:
    """Keep what was fetched of the processes' gauges; one per reader, under its lock."""

    def __init__(self, keys: Keys, get: Get) -> None:
        self._keys: Final = keys
        self._get: Final = get
        self._fetched: dict[str, _Fetched] = {}
        self._documents: dict[bytes, tuple[GaugeFamily, ...]] = {}
        self._plans: dict[Key, _Plan] = {}
        self._merged: dict[str, Merged] = {}
        self._clocks = (0, 0.0)
        self.processes: dict[str, ProcessEntry] = {}
        self.skipped = 0

    def forget(self) -> None:
        """Another store has other processes."""
        self._fetched, self._documents, self._plans, self._merged = {}, {}, {}, {}

    def items(self) -> Iterator[tuple[str, Merged]]:
        """The merged families, each as a producer of its own."""
        yield from self._merged.items()

    def refresh(self, entries: Mapping[bytes, bytes], now_ms: int) -> bool:
        """Bring what is held to the live ``entries``; whether any value may have changed."""
        self._clocks = (now_ms, time.monotonic())
        before = {name: (e.version, e.digest) for name, e in self.processes.items()}
        self.processes = dict(self._live(entries, now_ms))
        after = {name: (e.version, e.digest) for name, e in self.processes.items()}
        if before == after:
            return False
        self._fetch()
        self._merge(now_ms)
        return True

    def expires_ms(self) -> dict[str, int]:
        """When each merged family ends, by the store's clock: with the last of its processes."""
        return {
            name: max(self.processes[producer].expires_ms for producer in merged.producers)
            for name, merged in self._merged.items()
        }

    def deadlines(self) -> dict[str, float]:
        """The same by this process's monotonic clock, in seconds."""
        now_ms, now = self._clocks
        return {name: now + (ms - now_ms) / 1000 for name, ms in self.expires_ms().items()}

    def _live(
        self, entries: Mapping[bytes, bytes], now_ms: int
    ) -> Iterator[tuple[str, ProcessEntry]]:
        self.skipped = 0
        for name, packed in entries.items():
            try:
                entry = _entry(packed)
            except (ValueError, struct.error) as error:
                self.skipped += 1
                details = {"producer": name.decode("utf-8", "replace"), "error": str(error)}
                logger.warning("process_skipped", extra=details)
                continue
            if entry.expires_ms > now_ms:
                yield name.decode(), entry

    def _fetch(self) -> None:
        with_gauges = {name: entry for name, entry in self.processes.items() if entry.size}
        stale = [n for n, e in with_gauges.items() if not self._has(n, e)]
        kept = {n: f for n, f in self._fetched.items() if n in with_gauges and n not in stale}
        answers = self._get([self._keys.gauges(name) for name in stale])
        for name, numbers in zip(stale, answers, strict=True):
            if numbers and numbers[0] == FORMAT:
                # The digest beside the values, not the entry's: that may be older by now.
                values = np.frombuffer(numbers[17:], dtype="<f8")
                kept[name] = _Fetched(with_gauges[name].version, numbers[1:17], values)
        self._fetched = kept
        self._fetch_documents({fetched.digest for fetched in kept.values()})

    def _has(self, name: str, entry: ProcessEntry) -> bool:
        held = self._fetched.get(name)
        return held is not None and held.version == entry.version

    def _fetch_documents(self, digests: set[bytes]) -> None:
        missing = sorted(digests - self._documents.keys())
        answers = self._get([self._keys.gauges_document(digest) for digest in missing])
        documents = {d: f for d, f in self._documents.items() if d in digests}
        for digest, document in zip(missing, answers, strict=True):
            try:
                documents[digest] = read_document(document or b"")
            except (ValueError, TypeError, IndexError) as error:
                self.skipped += 1
                logger.warning("gauges_skipped", extra={"error": str(error)})
        self._documents = documents

    # -- merging ---------------------------------------------------------------

    def _merge(self, now_ms: int) -> None:
        parts: dict[Key, list[_Part]] = {}
        for name, fetched in sorted(self._fetched.items()):
            for part in _parts(name, fetched, self._documents.get(fetched.digest, ())):
                key = (part.family.name, part.family.type, part.family.mode)
                parts.setdefault(key, []).append(part)
        self._plans = {key: self._planned(key, found) for key, found in parts.items()}
        self._merged = {
            PROCESS + "~".join(key): self._of(self._plans[key], key, found, now_ms)
            for key, found in parts.items()
        }

    def _planned(self, key: Key, parts: Sequence[_Part]) -> _Plan:
        made_for = tuple((part.producer, id(part.family)) for part in parts)
        plan = self._plans.get(key)
        if plan is not None and plan.made_for == made_for:
            return plan
        places: dict[SampleKey, int] = {}
        index = [
            places.setdefault(sample, len(places))
            for part in parts
            for sample in self._samples(part)
        ]
        first = parts[0].family
        schema = Schema(
            [FamilySchema(first.name, first.type, first.help, first.unit, tuple(places))]
        )
        return _Plan(made_for, schema, np.array(index, dtype=np.intp))

    def _samples(self, part: _Part) -> Iterator[SampleKey]:
        about = self.processes[part.producer].about
        own = [(name, about.get(name, "")) for name in ("host", "pid")]
        own = own if part.family.mode == "all" else []
        for suffix, labels in part.family.samples:
            names = {name for name, _ in labels}
            extra = [pair for pair in own if pair[0] not in names]
            yield SampleKey(suffix, tuple(sorted((*labels, *extra))))

    def _of(self, plan: _Plan, key: Key, parts: Sequence[_Part], now_ms: int) -> Merged:
        values = np.concatenate([part.values for part in parts])
        times = np.concatenate([part.times for part in parts])
        merged = merge(key[2], plan.index, plan.schema.size, values, times)
        packed = PackedFrame(plan.schema.digest, merged, now_ms / 1000, (), {})
        return Merged(plan.schema, packed, tuple(part.producer for part in parts))


def merge(
    mode: str, index: npt.NDArray[np.intp], size: int, values: Values, times: Values
) -> Values:
    """Bring values to ``size`` series: the i-th belongs to series ``index[i]``."""
    if mode == "sum":
        sums: Values = np.bincount(index, weights=values, minlength=size).astype(np.float64)
        return sums
    if mode == "mostrecent":
        order = np.argsort(times, kind="stable")
        index, values = index[order], values[order]
    merged = np.full(size, {"min": np.inf, "max": -np.inf}.get(mode, 0.0))
    if mode == "min":
        np.minimum.at(merged, index, values)
    elif mode == "max":
        np.maximum.at(merged, index, values)
    else:
        merged[index] = values
    return merged


def _parts(name: str, fetched: _Fetched, families: Sequence[GaugeFamily]) -> Iterator[_Part]:
    size = sum(len(family.samples) for family in families)
    timed = sum(len(f.samples) for f in families if f.mode == "mostrecent")
    if len(fetched.values) != size + timed:
        return
    at, time_at = 0, size
    for family in families:
        count = len(family.samples)
        values = fetched.values[at : at + count]
        times = np.zeros(count)
        if family.mode == "mostrecent":
            times = fetched.values[time_at : time_at + count]
            time_at += count
        at += count
        yield _Part(name, family, values, times)


def _entry(packed: bytes) -> ProcessEntry:
    form, version, expires_ms, size, digest = _ENTRY.unpack_from(packed)
    if form != _FORMAT:
        raise ValueError(f"process of unknown format {form}")
    return ProcessEntry(version, expires_ms, size, digest, orjson.loads(packed[_ENTRY.size :]))


def read_document(document: bytes) -> tuple[GaugeFamily, ...]:
    """The families of ``publication.Gauges.document``.

    Raises:
        ValueError: it is of another format, or damaged.
    """
    if not document or document[0] != FORMAT:
        raise ValueError(f"gauges of unknown format {document[:1]!r}")
    return tuple(_family(item) for item in orjson.loads(document[1:]))


def _family(item: list[Any]) -> GaugeFamily:
    name, kind, text, unit, mode, samples = item
    pairs = tuple([(s[0], tuple(zip(s[1::2], s[2::2], strict=True))) for s in samples])
    return GaugeFamily(name, kind, text, unit, mode, pairs)
