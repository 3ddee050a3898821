"""The app's families about itself, made from what the store remembers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from zerostate_monitoring.catalogue import CATALOGUE
from zerostate_monitoring.exceptions import ERROR_KINDS
from zerostate_monitoring.exposition.plan import Plan
from zerostate_monitoring.frames.builder import FrameBuilder
from zerostate_monitoring.frames.frame import Frame
from zerostate_monitoring.storage.head import Head
from zerostate_monitoring.storage.snapshot import Snapshot

_SILENT_INTERVALS: Final = 3

Known = Mapping[str, float]
"""Collectors that this project has, with their intervals in seconds."""

Notes = Mapping[str, Mapping[str, Any]]
"""What the last runs left, by collector."""


def silent(snapshot: Snapshot, known: Known, now: float) -> frozenset[str]:
    """Collectors whose last run is so long ago that only its time is worth telling."""
    return frozenset(
        name
        for name, interval in known.items()
        if now - snapshot.notes.get(name, {}).get("at", now) > _SILENT_INTERVALS * interval
    )


def own_frame(
    snapshot: Snapshot,
    known: Known,
    external_labels: Mapping[str, str],
    plan: Plan,
    without: frozenset[str] = frozenset(),
) -> Frame:
    """Store, page, collectors and sources as families.

    Collectors that never ran stand with a last success of 0; those that are switched off
    or have nothing to read do not stand at all, and of those in ``without`` only last
    success and interval. The frame says nothing of the moment it is made, so that it is
    equal while nothing changed.
    """
    builder = FrameBuilder()
    add = _Adder(builder)
    add("zerostate_monitoring_store_up", float(snapshot.up))
    if snapshot.store_id:
        add("zerostate_monitoring_store_info", 1, store=snapshot.store_id)
    if external_labels:
        add("zerostate_monitoring_external_labels", 1, **external_labels)
    shown = plan.series if snapshot.up else plan.series - plan.cumulative
    add("zerostate_monitoring_page_series", shown)
    add("zerostate_monitoring_page_refused_series", plan.refused)
    if snapshot.up:
        add("zerostate_monitoring_processes", len(snapshot.processes))
        add("zerostate_monitoring_store_entries_skipped", snapshot.skipped)
    notes = {name: snapshot.notes.get(name, {}) for name in sorted(known)}
    running = {name: note for name, note in notes.items() if not note.get("off")}
    _add_collectors(add, running, known, without)
    _add_sources(add, [note for name, note in running.items() if name not in without])
    if snapshot.up:
        _add_counts(add, snapshot, running)
    if snapshot.history.epoch:
        _add_history(add, snapshot.history)
    return builder.build(0.0)


class _Adder:
    """Add samples of catalogued families."""

    def __init__(self, builder: FrameBuilder) -> None:
        self._builder = builder

    def __call__(self, name: str, value: float, **labels: str) -> None:
        definition = CATALOGUE[name]
        kind = definition.kind.value
        self._builder.declare(definition.family, kind, definition.help, definition.om_unit)
        self._builder.add(definition.family, labels, value, suffix=definition.suffix)


_CAPPED: Final = {definition.name: 0 for definition in CATALOGUE if definition.unbounded}
_OF_A_RUN = frozenset({"duration", "samples"})
_COLLECTOR = {
    "last_success": "zerostate_monitoring_collector_last_success_timestamp_seconds",
    "interval": "zerostate_monitoring_collector_interval_seconds",
    "duration": "zerostate_monitoring_collector_duration_seconds",
    "samples": "zerostate_monitoring_collector_samples",
}


def _add_collectors(add: _Adder, notes: Notes, known: Known, without: frozenset[str]) -> None:
    for name, note in notes.items():
        values = {"last_success": 0.0, "interval": known[name], **note}
        for key, family in _COLLECTOR.items():
            if values.get(key) is not None and not (name in without and key in _OF_A_RUN):
                add(family, float(values[key]), collector=name)


def _add_counts(add: _Adder, snapshot: Snapshot, notes: Notes) -> None:
    """Errors by kind and dropped series, from 0 on, so that ``increase`` sees the first one."""
    zeros = {f"{name}|{kind}": 0 for name in notes for kind in ERROR_KINDS}
    for key, count in sorted({**zeros, **snapshot.counts}.items()):
        collector, _, kind = key.partition("|")
        add("zerostate_monitoring_collector_errors_total", count, collector=collector, kind=kind)
    for family, count in sorted({**_CAPPED, **snapshot.dropped}.items()):
        add("zerostate_monitoring_series_dropped_total", count, family=family)


def _add_history(add: _Adder, head: Head) -> None:
    """How much of the page's past there is, and how much of it is missing."""
    add("zerostate_monitoring_history_bytes", head.size)
    add("zerostate_monitoring_history_columns", head.columns)
    add("zerostate_monitoring_history_span_seconds", (head.last - head.first) / 1000)
    add("zerostate_monitoring_history_last_slot_timestamp_seconds", head.last / 1000)
    add("zerostate_monitoring_history_missed_slots_total", head.missed)
    add("zerostate_monitoring_history_blocks_cut_total", head.cut)


def _add_sources(add: _Adder, notes: Iterable[Mapping[str, Any]]) -> None:
    """A source is up if its last reader could read it; absences of its readers add up."""
    for source, readers in sorted(_by_source(notes)):
        ups = [bool(note["source_up"]) for note in readers if note.get("source_up") is not None]
        if ups:
            add("zerostate_monitoring_source_up", float(all(ups)), source=source)
        for key in ("absent", "refused"):
            total = sum(int(note.get(key) or 0) for note in readers)
            add(f"zerostate_monitoring_families_{key}", total, source=source)


def _by_source(
    notes: Iterable[Mapping[str, Any]],
) -> Iterator[tuple[str, list[Mapping[str, Any]]]]:
    readers: dict[str, list[Mapping[str, Any]]] = {}
    for note in notes:
        if note.get("source"):
            readers.setdefault(str(note["source"]), []).append(note)
    yield from readers.items()
