"""The collector of what evaluation and delivery have left in their rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from typing import Final

from django.db.models import Count
from django.utils import timezone

from zerostate_monitoring.catalogue import CATALOGUE
from zerostate_monitoring.catalogue import alerting as families
from zerostate_monitoring.catalogue.definition import Definition, Feed
from zerostate_monitoring.collectors.alert_events import alert_events
from zerostate_monitoring.collectors.base import collector
from zerostate_monitoring.collectors.deliveries import deliveries
from zerostate_monitoring.collectors.delivery_delays import delivery_delays
from zerostate_monitoring.collectors.holding import holding
from zerostate_monitoring.collectors.items import Item
from zerostate_monitoring.collectors.rule_messages import rule_messages
from zerostate_monitoring.conf import conf
from zerostate_monitoring.models import Alert, Rule, RuleGroup
from zerostate_monitoring.models.words import LIVE, AlertState, Health, RuleKind
from zerostate_monitoring.storage.recorded import recorded, room
from zerostate_monitoring.storage.store import current_store

INTERVAL_SECONDS: Final = 15.0
OBSERVING: Final = "observing"
_PREFIX: Final = "zerostate_monitoring_"
_OTHERS: Final = (_PREFIX + "table_rows", _PREFIX + "live_alert")
"""What collectors of their own give."""


def _family(name: str) -> Definition:
    return CATALOGUE[_PREFIX + name]


@collector(
    "alerting",
    interval=INTERVAL_SECONDS,
    feed=Feed.SELF,
    families=[one.name for one in families.DEFINITIONS if not one.name.startswith(_OTHERS)],
)
def alerting() -> Iterator[Item]:
    """Count alerts, rules, evaluations and deliveries.

    On the way it ends the recorded series of groups that are no more.
    """
    now = timezone.now()
    yield from _rules(now)
    yield from _groups()
    yield from _alerts()
    yield from alert_events(now)
    yield from deliveries(now)
    yield from rule_messages(now)
    yield from delivery_delays(now)
    yield from holding(now)
    yield from _recorded(now)


def _rules(now: datetime) -> Iterator[Item]:
    """Every known health, from 0 on. Who is in order and sends nothing yet is observing."""
    rules = Rule.objects.filter(enabled=True, group__enabled=True).order_by()
    found = Counter[str]()
    for health, until in rules.values_list("state__health", "observing_until"):
        is_observing = health == Health.OK and until is not None and until > now
        found[OBSERVING if is_observing else health or Health.UNKNOWN.value] += 1
    definition = _family("rules")
    for health in definition.values["health"]:
        yield definition.reading(found[health], health=health)


def _groups() -> Iterator[Item]:
    """Nothing where rules are not evaluated here: nobody waits for that."""
    if not conf.EVALUATE:
        return
    rows = RuleGroup.objects.filter(enabled=True).order_by("pk")
    for name, at, seconds, done, missed, slot_ms, interval in rows.values_list(
        "name",
        "state__evaluated_at",
        "state__duration_seconds",
        "state__slots_evaluated",
        "state__slots_missed",
        "state__last_slot_ms",
        "interval_seconds",
    ):
        last = _family("evaluation_last_success_timestamp_seconds")
        yield last.reading(at.timestamp() if at else 0.0, rule_group=name)
        yield _family("evaluation_slots_total").reading(done or 0, rule_group=name)
        yield _family("evaluation_slots_missed_total").reading(missed or 0, rule_group=name)
        yield _family("evaluation_interval_seconds").reading(interval, rule_group=name)
        if at and slot_ms:
            delay = max(0.0, at.timestamp() - slot_ms / 1000)
            yield _family("evaluation_delay_seconds").reading(delay, rule_group=name)
        if seconds is not None:
            yield _family("evaluation_duration_seconds").reading(seconds, rule_group=name)


def _alerts() -> Iterator[Item]:
    """Alerts that are live; 0 where there are rules that could give some."""
    rules = Rule.objects.filter(kind=RuleKind.ALERTING, enabled=True, group__enabled=True)
    kinds = rules.order_by().values_list("severity", "layer").distinct()
    found = Counter({(state, *kind): 0 for kind in kinds for state in LIVE})
    live = Alert.objects.filter(state__in=LIVE).order_by()
    for state, severity, layer, count in live.values_list("state", "severity", "layer").annotate(
        count=Count("pk")
    ):
        found[state, severity, layer] += count
    for (state, severity, layer), count in found.items():
        labels = {"alertstate": str(state), "severity": severity, "layer": layer}
        yield _family("alerts").reading(count, **labels)
    unrouted = Alert.objects.filter(state=AlertState.FIRING, is_unrouted=True)
    yield _family("alerts_unrouted").reading(unrouted.count())


def _recorded(now: datetime) -> Iterator[Item]:
    """What recorded series take; those of groups that are no more end two intervals after."""
    held = recorded(current_store())
    living = {str(pk) for pk in RuleGroup.objects.filter(enabled=True).values_list("pk", flat=True)}
    if conf.HISTORY > 0 and conf.EVALUATE:
        held.end_others(living, int(now.timestamp() * 1000), room())
    told = current_store().records().told()
    yield _family("recorded_bytes").reading(told.size)
    yield _family("recorded_entries_cut_total").reading(told.cut)
