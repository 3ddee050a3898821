"""What has happened to alerts, as totals: transitions, verdicts, how long they lasted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, Final

from django.db.models import QuerySet

from zerostate_monitoring.catalogue import CATALOGUE
from zerostate_monitoring.collectors.histograms import histogram, observed
from zerostate_monitoring.collectors.items import Absent, Item
from zerostate_monitoring.collectors.rule_messages import alertnames
from zerostate_monitoring.collectors.tallies import Key, tally_in_slices
from zerostate_monitoring.models import AlertEvent
from zerostate_monitoring.models.words import EventKind

_TRANSITIONS: Final = {
    EventKind.PENDING.value: "pending",
    EventKind.BACK_TO_PENDING.value: "pending",
    EventKind.FIRING.value: "firing",
    EventKind.RESOLVED.value: "resolved",
    EventKind.EXPIRED.value: "inactive",
}
_COUNTED: Final = (*_TRANSITIONS, EventKind.ACKNOWLEDGED.value, EventKind.VERDICT.value)
_PREFIX: Final = "zerostate_monitoring_alert_"
_TRANSITION, _VERDICT = "transition", "verdict"
_ACKNOWLEDGE, _FIRING = "acknowledge", "firing"
_SLICE: Final = 20_000
"""So many events are counted in about a second."""
_NAMES: Final = tuple(
    _PREFIX + name
    for name in ("transitions_total", "verdicts_total", "acknowledge_seconds", "firing_seconds")
)


def alert_events(now: datetime) -> Iterator[Item]:
    """The totals of all events of alerts; nothing until those of the past are all counted.

    A total that is still being counted would look like things that happen now.
    """
    totals = tally_in_slices("alert_events", now, _count, _cut)
    if totals is None:
        for name in _NAMES:
            yield Absent(name, "the events of the past are being counted")
        return
    for key, value in totals.items():
        match key:
            case (kind, alertname, severity, to) if kind == _TRANSITION:
                labels = {"alertname": alertname, "severity": severity, "to": to}
                yield CATALOGUE[_PREFIX + "transitions_total"].reading(value, **labels)
    yield from _verdicts(totals)
    for what in (_ACKNOWLEDGE, _FIRING):
        definition = CATALOGUE[f"{_PREFIX}{what}_seconds"]
        yield histogram(definition, what, totals, definition.values["severity"])


def _verdicts(totals: Mapping[Key, float]) -> Iterator[Item]:
    """From 0 on for each enabled rule; of rules that are gone, what was said of them."""
    family = CATALOGUE[_PREFIX + "verdicts_total"]
    verdicts = family.values["verdict"]
    found = {(name, verdict): 0.0 for name in alertnames() for verdict in verdicts}
    for key, value in totals.items():
        match key:
            case (kind, name, verdict) if kind == _VERDICT and verdict in verdicts:
                found[name, verdict] = value
    for (name, verdict), value in found.items():
        yield family.reading(value, alertname=name, verdict=verdict)


def _span(after: datetime | None, until: datetime) -> QuerySet[AlertEvent]:
    events = AlertEvent.objects.filter(at__lte=until, kind__in=_COUNTED)
    return events if after is None else events.filter(at__gt=after)


def _cut(after: datetime | None, until: datetime) -> datetime:
    """Up to the last event of a slice; those of one instant are never parted."""
    times = _span(after, until).order_by("at").values_list("at", flat=True)
    return next(iter(times[_SLICE - 1 : _SLICE]), until)


def _count(after: datetime | None, until: datetime) -> Mapping[Key, float]:
    events = _span(after, until).order_by()
    rows = events.values_list(
        "kind", "at", "detail", "alert__rule_name", "alert__severity", "alert__fired_at"
    )
    found = Counter[Key]()
    for row in rows.iterator(chunk_size=2000):
        for key, value in _keys(*row):
            found[key] += value  # type: ignore[assignment]
    return found


def _keys(
    kind: str,
    at: datetime,
    detail: Any,
    name: str,
    severity: str,
    fired_at: datetime | None,
) -> Iterable[tuple[Key, float]]:
    if kind in _TRANSITIONS:
        yield (_TRANSITION, name, severity, _TRANSITIONS[kind]), 1
    if kind == EventKind.VERDICT:
        said = detail.get("verdict") if isinstance(detail, Mapping) else None
        yield (_VERDICT, name, str(said)), 1
    if fired_at is not None and kind in {EventKind.RESOLVED, EventKind.ACKNOWLEDGED}:
        what = _FIRING if kind == EventKind.RESOLVED else _ACKNOWLEDGE
        seconds = (_since(detail, at) - fired_at).total_seconds()
        definition = CATALOGUE[f"{_PREFIX}{what}_seconds"]
        yield from observed(definition, what, severity, max(0.0, seconds))


def _since(detail: Any, at: datetime) -> datetime:
    """When it was so: an Alertmanager tells of it later."""
    told = detail.get("since") if isinstance(detail, Mapping) else None
    try:
        return datetime.fromisoformat(told) if isinstance(told, str) else at
    except ValueError:
        return at
