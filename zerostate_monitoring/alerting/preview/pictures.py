"""A preview as rows and bars of a picture."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from zerostate_monitoring.alerting.preview.values import Incident, Preview
from zerostate_monitoring.charts.timeline import Bar, Row
from zerostate_monitoring.frames.exemplar import Labels

_OF_THE_RULE: Final = frozenset({"alertname", "severity", "layer", "fault"})


def rows_of(found: Preview) -> list[Row]:
    """A row for each alert, those that fired first; the labels that tell them apart."""
    rows: dict[Labels, list[Incident]] = {}
    for one in (*found.fired, *(one for one in found.incidents if one.fired_ms is None)):
        rows.setdefault(one.labels, []).append(one)
    shared = set.intersection(*map(set, rows)) if len(rows) > 1 else set()
    return [Row(_label(labels, shared), _bars(own, found.end_ms)) for labels, own in rows.items()]


def bars(found: Preview) -> tuple[Bar, ...]:
    """When it would have waited, and when fired, of all alerts together."""
    return _bars(list(found.incidents), found.end_ms)


def _label(labels: Labels, shared: set[tuple[str, str]]) -> str:
    own = [pair for pair in labels if pair not in shared and pair[0] not in _OF_THE_RULE]
    return ", ".join(f"{name}={value}" for name, value in own) or dict(labels)["alertname"]


def _bars(incidents: list[Incident], end_ms: int) -> tuple[Bar, ...]:
    ordered = sorted(incidents, key=lambda one: one.pending_ms)
    return tuple(bar for one in ordered for bar in _of(one, end_ms))


def _of(one: Incident, end_ms: int) -> Iterator[Bar]:
    ended = end_ms if one.ended_ms is None else one.ended_ms
    fired = ended if one.fired_ms is None else one.fired_ms
    if one.pending_ms < fired:
        yield Bar(one.pending_ms, fired, "pending")
    if one.fired_ms is not None:
        yield Bar(one.fired_ms, ended, "firing")
