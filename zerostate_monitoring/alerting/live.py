"""The collector of live alerts: each by itself, with its value and what holds it back."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Final

from django.db.models import Case, QuerySet, Value, When
from django.utils import timezone

from zerostate_monitoring.alerting.suppression import load
from zerostate_monitoring.alerting.suppression.deciding import is_acknowledged
from zerostate_monitoring.catalogue import CATALOGUE
from zerostate_monitoring.catalogue.definition import Feed
from zerostate_monitoring.collectors.base import collector
from zerostate_monitoring.collectors.items import Item
from zerostate_monitoring.conf import conf
from zerostate_monitoring.models import Alert, GroupState
from zerostate_monitoring.models.words import LIVE, AlertState, Severity

INTERVAL_SECONDS: Final = 15.0
SOMEBODY: Final = "somebody"
_PREFIX: Final = "zerostate_monitoring_live_alert"
_FAMILIES: Final = tuple(
    f"{_PREFIX}{name}" for name in ("_info", "_since_timestamp_seconds", "_value", "s_left_out")
)
_NOTHING, _ACKNOWLEDGED = "nothing", "acknowledged"
_SAID: Final = frozenset(
    ("alertname", "severity", "layer", "node", "fault", "job", "instance", "__name__")
)
"""Labels that have columns of their own, or tell nothing of what an alert is about."""
_MOST_TEXT: Final = 200


@collector("live_alerts", interval=INTERVAL_SECONDS, feed=Feed.SELF, families=_FAMILIES)
def live_alerts() -> Iterator[Item]:
    """Each alert that is pending or firing, up to what the page may hold; the rest are counted."""
    now = timezone.now()
    alerts = list(_first(conf.ALERTS_ON_PAGE))
    every = Alert.objects.filter(state__in=LIVE).count()
    yield CATALOGUE[_PREFIX + "s_left_out"].reading(max(0, every - len(alerts)))
    values = _values(alerts)
    for alert, held_by in zip(alerts, _held(alerts, now), strict=True):
        yield from _readings(alert, held_by, values)


def _first(most: int) -> QuerySet[Alert]:
    """Critical ones first, then those that fire, then the oldest."""
    grave = {word: place for place, word in enumerate(Severity.values)}
    severity = Case(
        *(When(severity=word, then=Value(place)) for word, place in grave.items()),
        default=Value(len(grave)),
    )
    state = Case(When(state=AlertState.FIRING, then=Value(0)), default=Value(1))
    rows = Alert.objects.filter(state__in=LIVE).select_related("rule", "acknowledged_by")
    return rows.order_by(severity, state, "started_at", "pk")[:most]


def _held(alerts: Sequence[Alert], now: datetime) -> Iterator[str]:
    """What keeps each from being sent. Where Alertmanager sends, this app holds nothing back."""
    suppressions = load(now) if alerts and conf.EVALUATE else None
    for alert in alerts:
        if suppressions is None:
            yield _ACKNOWLEDGED if is_acknowledged(alert, now) else _NOTHING
        else:
            reason = suppressions.reason_for(alert)
            yield _NOTHING if reason is None else reason.kind


def _values(alerts: Sequence[Alert]) -> Mapping[str, float]:
    """The value of each as its group was last evaluated, by its key."""
    groups = {alert.rule.group_id for alert in alerts if alert.rule is not None}
    found: dict[str, str] = {}
    for values in GroupState.objects.filter(group__in=groups).values_list("values", flat=True):
        found.update(values)
    shown = {str(alert.pk): found[str(alert.pk)] for alert in alerts if str(alert.pk) in found}
    return {key: float(text) for key, text in shown.items()}


def _readings(alert: Alert, held_by: str, values: Mapping[str, float]) -> Iterator[Item]:
    key = str(alert.pk)
    yield CATALOGUE[_PREFIX + "_info"].reading(
        1,
        alert=key,
        alertname=alert.rule_name,
        severity=alert.severity,
        layer=alert.layer,
        node=_text(alert.labels.get("node", "")),
        about=about(alert.labels),
        alertstate=alert.state,
        held_by=held_by,
        acknowledged_by=_by(alert) if held_by == _ACKNOWLEDGED else "",
    )
    since = alert.fired_at or alert.active_at
    yield CATALOGUE[_PREFIX + "_since_timestamp_seconds"].reading(since.timestamp(), alert=key)
    value = values.get(key, math.nan if alert.value is None else alert.value)
    if not math.isnan(value):
        yield CATALOGUE[_PREFIX + "_value"].reading(value, alert=key)


def about(labels: Mapping[str, object]) -> str:
    """What an alert is about beside its node, as text; no longer than anybody reads."""
    found = (f"{name}={value}" for name, value in sorted(labels.items()) if name not in _SAID)
    return _text(", ".join(found))


def _by(alert: Alert) -> str:
    """Who has taken it on: by name only where that may stand on the page."""
    user = alert.acknowledged_by
    return _text(user.get_username()) if user and conf.ALERTS_NAME_PEOPLE else SOMEBODY


def _text(value: object) -> str:
    return str(value).encode(errors="replace").decode()[:_MOST_TEXT]
