"""A small schema for tests of the lint."""

from __future__ import annotations

from typing import Final

from zerostate_monitoring.catalogue.definition import Definition, Feed, Kind, Layer
from zerostate_monitoring.rules.schema import ALERTS, Joined, of_definitions


def definition(name, kind, **fields):
    """A family that instruments feed."""
    return Definition(
        name=name, kind=kind, help="x", layer=Layer.P2P, feeds=(Feed.INSTRUMENT,), **fields
    )


DEFINITIONS: Final = (
    definition(
        "tasks_total",
        Kind.COUNTER,
        labels=("status", "queue"),
        values={"status": ("completed", "failed")},
    ),
    definition("queue_depth", Kind.GAUGE, labels=("queue",)),
    definition("success_ratio", Kind.GAUGE, unit="ratio"),
    definition("node_info", Kind.GAUGE, labels=("version",), open_labels=True),
    definition("duration_seconds", Kind.HISTOGRAM, labels=("queue",), buckets=(0.1, 1.0, 10.0)),
    definition("size_bytes", Kind.SUMMARY, labels=("queue",)),
    Definition(
        name="peers",
        kind=Kind.GAUGE,
        help="x",
        layer=Layer.P2P,
        feeds=(Feed.NODE,),
        labels=("role",),
    ),
)
SCHEMA: Final = Joined(
    of_definitions(DEFINITIONS, interval_s={Feed.INSTRUMENT: 15, Feed.NODE: 30}), ALERTS
)
