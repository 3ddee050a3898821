"""What holds alerts back, from the database: one query, however many rows there are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from zerostate_monitoring.alerting.suppression.deciding import Loaded, Suppressions
from zerostate_monitoring.alerting.suppression.defining import defined
from zerostate_monitoring.alerting.suppression.faults import Faults
from zerostate_monitoring.alerting.suppression.inhibiting import Source
from zerostate_monitoring.alerting.suppression.reasons import labels_of
from zerostate_monitoring.models import Alert, MaintenanceWindow
from zerostate_monitoring.rules.windows import Span


def load(now: datetime) -> Suppressions:
    """What holds alerts back at ``now``."""
    faults, said = Faults(), defined(now)
    loaded = Loaded(
        now=now,
        silences=said.silences,
        windows=list(open_windows(said.windows, now, faults)),
        inhibitions=said.inhibitions,
        firing=list(sources(said.firing, faults)),
        observing=said.observing,
    )
    return Suppressions(loaded, faults)


def open_windows(
    windows: Iterable[MaintenanceWindow], now: datetime, faults: Faults
) -> Iterator[tuple[MaintenanceWindow, datetime]]:
    """Those of ``windows`` that are open at ``now``, and until when."""
    for row in windows:
        span = faults.attempt("window", row.pk, row.name, _open, row, now)
        if span is not None:
            yield row, span.ends_at


def sources(firing: Iterable[Alert], faults: Faults) -> Iterator[Source]:
    """Alerts that fire, as sources of inhibitions."""
    for row in firing:
        labels = faults.attempt("alert", row.pk, row.rule_name, labels_of, row)
        if labels is not None:
            yield Source(row.pk, row.rule_name, labels)


def _open(row: MaintenanceWindow, now: datetime) -> Span | None:
    return row.schedule().open_at(now)
