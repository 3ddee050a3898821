"""What is read of groups before they are flushed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Final

from django.db.models import Q, QuerySet

from zerostate_monitoring.alerting.delivery.deciding import Read
from zerostate_monitoring.alerting.routing import Routing
from zerostate_monitoring.models import Alert, NotificationGroup, OutboxEntry
from zerostate_monitoring.models.outbox import Notice, OutboxState
from zerostate_monitoring.models.words import AlertState

MAYBE_TOLD: Final = (OutboxState.FROZEN, OutboxState.SENT, OutboxState.DEAD)
"""States of entries that the receiver may have learnt of: a try may have arrived unanswered."""

_RULE: Final = "rule__group"
_STATE: Final = f"{_RULE}__state"
"""Read once for all alerts: it has the values of all that are live in a group."""

Groups = Collection[NotificationGroup]


def read(groups: Groups, routing: Callable[[], Routing]) -> Mapping[int, Read]:
    """By group, its due entries and what its receiver knows; a constant number of queries.

    ``routing`` is asked where a receiver knows of alerts that fire.
    """
    if not groups:
        return {}
    rows = _due(groups)
    held = _on_its_way([entry for entry in rows if entry.notice == Notice.RESOLVED])
    due: dict[int, list[OutboxEntry]] = defaultdict(list)
    for entry in rows:
        if entry.pk not in held:
            due[entry.group_id].append(entry)
    told = _told_of(groups, {entry.alert_id for found in due.values() for entry in found})
    alerts = _alerts({pk for known in told.values() for pk, fires in known.items() if fires}, rows)
    found = {}
    for group in groups:
        known = told[group.pk]
        firing = [alerts[pk] for pk, fires in known.items() if fires and pk in alerts]
        left = _led_elsewhere(group, firing, routing) if firing and group.route_id else ()
        found[group.pk] = Read(
            due[group.pk], frozenset(known), firing, group.told_at, frozenset(left)
        )
    return found


def _led_elsewhere(
    group: NotificationGroup, alerts: Sequence[Alert], routing: Callable[[], Routing]
) -> Collection[int]:
    """Alerts that the group's route takes no more, or not for its receiver."""
    routes = routing()
    return {alert.pk for alert in alerts if not _leads_here(routes, alert, group)}


def _leads_here(routes: Routing, alert: Alert, group: NotificationGroup) -> bool:
    return any(
        taken.route.pk == group.route_id and step.receiver_id == group.receiver_id
        for taken in routes.of(alert.labels)
        for step in taken.steps
    )


def _due(groups: Groups) -> Sequence[OutboxEntry]:
    rows = OutboxEntry.objects.filter(group__in=groups, state=OutboxState.DUE)
    rows = rows.select_related(f"alert__{_RULE}").prefetch_related(f"alert__{_STATE}")
    return list(rows.order_by("pk"))


def _on_its_way(ended: Sequence[OutboxEntry]) -> Collection[int]:
    """Of ``ended``, entries of which another group's message still tells the receiver they fire.

    A receiver in two routes must not hear of the end before: it waits for the next flush.
    """
    if not ended:
        return ()
    others = OutboxEntry.objects.filter(
        alert__in={entry.alert_id for entry in ended},
        receiver__in={entry.receiver_id for entry in ended},
        state=OutboxState.FROZEN,
    ).exclude(notice=Notice.RESOLVED)
    groups: dict[tuple[int, int], set[int]] = defaultdict(set)
    for alert, receiver, group in others.values_list("alert", "receiver", "group"):
        groups[alert, receiver].add(group)
    return {
        entry.pk for entry in ended if groups[entry.alert_id, entry.receiver_id] - {entry.group_id}
    }


def _told_of(groups: Groups, due: Collection[int]) -> Mapping[int, Mapping[int, bool]]:
    """By group, alerts that its receiver may know of, and whether they fire."""
    fires = Q(alert__state=AlertState.FIRING)
    known = _told(groups).filter(fires | Q(alert__in=due))
    found: dict[int, dict[int, bool]] = defaultdict(dict)
    for group, alert, state in known.values_list("group", "alert", "alert__state"):
        found[group][alert] = state == AlertState.FIRING
    return found


def _alerts(keys: Collection[int], rows: Iterable[OutboxEntry]) -> Mapping[int, Alert]:
    """Alerts by key: those that came with the entries, and the others."""
    found = {entry.alert_id: entry.alert for entry in rows if entry.alert_id in keys}
    if missing := keys - found.keys():
        others = Alert.objects.filter(pk__in=missing).select_related(_RULE)
        found |= {alert.pk: alert for alert in others.prefetch_related(_STATE)}
    return found


def with_due(groups: Groups) -> Collection[int]:
    """Of the groups, those that have entries which nobody has looked at."""
    rows = OutboxEntry.objects.filter(group__in=groups, state=OutboxState.DUE)
    return set(rows.order_by().values_list("group", flat=True).distinct())


def _told(groups: Groups) -> QuerySet[OutboxEntry]:
    entries = OutboxEntry.objects.filter(group__in=groups, state__in=MAYBE_TOLD)
    return entries.exclude(notice=Notice.RESOLVED)
