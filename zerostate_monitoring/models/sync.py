"""Bring the rows of metrics and collectors up to what the code declares.

Runs after ``migrate``. Adds, updates and marks as withdrawn; deletes nothing that an
operator's note or an alert may hang on, and leaves the operator's fields as they are.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from zerostate_monitoring.catalogue.definition import Definition
from zerostate_monitoring.models.collector import Collector
from zerostate_monitoring.models.metric import Metric

FIELDS: Final = ("kind", "layer", "unit", "help", "labels", "feeds", "combine", "measure")
"""The catalogue's fields of a metric; the others are the operator's or the app's."""

_BATCH: Final = 200


@dataclass(frozen=True, slots=True)
class Synced:
    """How many rows a sync has touched."""

    added: int = 0
    updated: int = 0
    withdrawn: int = 0


def sync_metrics(
    definitions: Iterable[Definition], now: datetime, *, using: str = "default"
) -> Synced:
    """Make the metric rows say what the definitions say; at most four queries per 200 rows."""
    rows = {row.name: row for row in Metric.objects.using(using).all()}
    wanted = {definition.name: fields_of(definition) for definition in definitions}
    added = [Metric(name=name, **f) for name, f in wanted.items() if name not in rows]
    changed = [rows[n] for n, f in wanted.items() if n in rows and _differs(rows[n], f)]
    for row in changed:
        _apply(row, wanted[row.name])
    gone = [row.pk for name, row in rows.items() if name not in wanted and not row.withdrawn_at]
    objects = Metric.objects.using(using)
    objects.bulk_create(added, batch_size=_BATCH, ignore_conflicts=True)
    objects.bulk_update(changed, [*FIELDS, "withdrawn_at"], batch_size=_BATCH)
    if gone:
        objects.filter(pk__in=gone).update(withdrawn_at=now)
    return Synced(len(added), len(changed), len(gone))


def fields_of(definition: Definition) -> dict[str, Any]:
    """The catalogue's fields of the row of ``definition``."""
    return {
        "kind": definition.kind.value,
        "layer": definition.layer.value,
        "unit": definition.unit,
        "help": definition.help,
        "labels": list(definition.labels),
        "feeds": [feed.value for feed in definition.feeds],
        "combine": definition.combine.value,
        "measure": definition.measure.value,
    }


def sync_collectors(
    collectors: Mapping[str, tuple[str, float]], *, using: str = "default"
) -> Synced:
    """Make a row for every collector: name to its source and its interval in seconds.

    The interval of a known one is brought up to date by its next run.
    """
    objects = Collector.objects.using(using)
    known = set(objects.values_list("name", flat=True))
    added = [
        Collector(name=name, source=source, interval_seconds=interval)
        for name, (source, interval) in collectors.items()
        if name not in known
    ]
    objects.bulk_create(added, ignore_conflicts=True)
    return Synced(added=len(added))


def _differs(row: Metric, fields: Mapping[str, Any]) -> bool:
    return row.withdrawn_at is not None or any(getattr(row, n) != v for n, v in fields.items())


def _apply(row: Metric, fields: Mapping[str, Any]) -> None:
    row.withdrawn_at = None
    for name, value in fields.items():
        setattr(row, name, value)
