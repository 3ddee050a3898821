"""What holds alerts back now and will, who has taken some on, and what was changed last."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from typing import Final

from django.db.models import Count, Max, Q

from zerostate_monitoring.catalogue import CATALOGUE
from zerostate_monitoring.collectors.items import Item
from zerostate_monitoring.exceptions import RuleError
from zerostate_monitoring.models import Alert, MaintenanceWindow, RuleVersion, Silence
from zerostate_monitoring.models.words import AlertState

_PREFIX: Final = "zerostate_monitoring_"
_SILENCE, _WINDOW = "silence", "window"
_ACTIVE, _PENDING = "active", "pending"


def holding(now: datetime) -> Iterator[Item]:
    """The families; a query on an index or a small table each."""
    yield from _acknowledged(now)
    found = _silences(now) + _windows(now)
    family = CATALOGUE[_PREFIX + "silences"]
    for kind in family.values["kind"]:
        for state in family.values["state"]:
            yield family.reading(found[kind, state], kind=kind, state=state)
    yield from _changed()


def _acknowledged(now: datetime) -> Iterator[Item]:
    lasting = Q(acknowledged_until=None) | Q(acknowledged_until__gt=now)
    taken = Alert.objects.filter(lasting, state=AlertState.FIRING, acknowledged_at__isnull=False)
    found = dict(taken.order_by().values_list("severity").annotate(Count("pk")))
    family = CATALOGUE[_PREFIX + "alerts_acknowledged"]
    for severity in sorted({*family.values["severity"], *found}):
        yield family.reading(found.get(severity, 0), severity=severity)


def _silences(now: datetime) -> Counter[tuple[str, str]]:
    left = Silence.objects.filter(ends_at__gt=now)
    active = left.filter(starts_at__lte=now).count()
    return Counter({(_SILENCE, _ACTIVE): active, (_SILENCE, _PENDING): left.count() - active})


def _windows(now: datetime) -> Counter[tuple[str, str]]:
    """Windows that are enabled and not over; one that cannot be read holds nothing back."""
    found = Counter[tuple[str, str]]()
    for window in MaintenanceWindow.objects.filter(enabled=True):
        with suppress(RuleError, TypeError, ValueError):
            schedule = window.schedule()
            if schedule.open_at(now) is not None:
                found[_WINDOW, _ACTIVE] += 1
            elif schedule.after(now, 1):
                found[_WINDOW, _PENDING] += 1
    return found


def _changed() -> Iterator[Item]:
    times = {
        "rules": RuleVersion.objects.aggregate(at=Max("changed_at"))["at"],
        "silences": Silence.objects.aggregate(at=Max("created_at"))["at"],
    }
    family = CATALOGUE[_PREFIX + "definitions_changed_timestamp_seconds"]
    for kind, at in times.items():
        if at is not None:
            yield family.reading(at.timestamp(), kind=kind)
