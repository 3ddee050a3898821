"""What a message says of an alert: how bad, how long, which labels matter. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from zerostate_monitoring.notifiers.base import AlertView, Batch
from zerostate_monitoring.notifiers.numbers import duration

SEVERITIES: Final = ("critical", "error", "warning", "info")
"""From the worst on; whatever else a rule calls its severity stands between error and warning."""

_UNREMARKABLE: Final = frozenset({"alertname", "severity", "layer", "fault"})


def lasted(alert: AlertView) -> str:
    """How long an alert fired; empty while it fires."""
    if alert.is_firing or alert.ends_at is None:
        return ""
    return duration((alert.ends_at - alert.starts_at).total_seconds())


def severity(alerts: Iterable[AlertView]) -> str:
    """The worst severity among ``alerts``; empty if none has one."""
    found = {alert.labels.get("severity", "") for alert in alerts} - {""}
    return min(found, key=lambda one: (_rank(one), one), default="")


def name_of(alert: AlertView) -> str:
    """The alert's name."""
    return alert.labels.get("alertname", "") or "alert"


def worth_telling(labels: Mapping[str, str]) -> dict[str, str]:
    """The labels that say which alert it is."""
    return {name: value for name, value in sorted(labels.items()) if name not in _UNREMARKABLE}


def identifying(batch: Batch) -> list[tuple[str, list[str]]]:
    """Labels that matter for a subject, with their values.

    Of one alert all but those that every alert has; of several those by which they are
    grouped, and those in which they differ.
    """
    told = [worth_telling(alert.labels) for alert in batch.alerts]
    names = list(dict.fromkeys([*worth_telling(batch.group_labels), *_names(told)]))
    found = {name: _values(name, told) for name in names}
    if len(told) < 2:
        return [(name, values) for name, values in found.items() if values]
    return [
        (name, values)
        for name, values in found.items()
        if values and (len(values) > 1 or name in batch.group_labels)
    ]


def _names(told: Sequence[Mapping[str, str]]) -> list[str]:
    return sorted({name for labels in told for name in labels})


def _values(name: str, told: Sequence[Mapping[str, str]]) -> list[str]:
    return list(dict.fromkeys(labels[name] for labels in told if labels.get(name)))


def _rank(severity: str) -> float:
    return SEVERITIES.index(severity) if severity in SEVERITIES else 1.5
