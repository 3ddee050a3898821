"""What an edit does to alerts: those that lose their rule or their identity end at once.

An alert is its rule's, and is known by its labels. So whoever disables or deletes a rule, or
changes its name or labels, ends its alerts: with the reason, and with word to whoever was told
that they fire. An edit of anything else leaves them as they are.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from zerostate_monitoring.alerting.delivery.enqueuing import enqueue
from zerostate_monitoring.models import Alert, AlertEvent, GroupState, Rule, RuleGroup
from zerostate_monitoring.models.rule_checks import identity, labelled
from zerostate_monitoring.models.words import LIVE, AlertState, EndReason, EventKind

_BATCH: Final = 500
_ENDS: Final = {
    AlertState.FIRING: (AlertState.RESOLVED, EventKind.RESOLVED),
    AlertState.PENDING: (AlertState.EXPIRED, EventKind.EXPIRED),
}


def close_alerts(
    alerts: QuerySet[Alert], reason: EndReason, now: datetime, actor: Any = None
) -> int:
    """End those of ``alerts`` that are live, and tell; gives how many. One transaction.

    An evaluation that is under way for one of their groups writes nothing.
    """
    with transaction.atomic():
        live = alerts.filter(state__in=LIVE)
        overtake(live.order_by().values_list("rule__group_id", flat=True).distinct())
        rows = list(live.select_for_update(of=("self",), no_key=True))
        events = [_end(row, reason, now, actor) for row in rows]
        fields = ("state", "ended_at", "end_reason", "held")
        Alert.objects.bulk_update(rows, fields, batch_size=_BATCH)
        AlertEvent.objects.bulk_create(events, batch_size=_BATCH)
        if events:
            enqueue(events, now)
    return len(rows)


def _end(row: Alert, reason: EndReason, now: datetime, actor: Any) -> AlertEvent:
    row.state, kind = _ENDS[AlertState(row.state)]
    row.ended_at, row.end_reason, row.held = now, reason, ""
    detail = {"reason": reason.value}
    return AlertEvent(alert=row, kind=kind, at=now, actor=actor, detail=detail)


def overtake(groups: Iterable[int | None]) -> None:
    """Let evaluations that are under way for these groups write nothing.

    They know the rules as they were; what they would write now nobody would ever end.
    """
    known = sorted({group for group in groups if group is not None})
    if known:
        GroupState.objects.filter(group_id__in=known).update(token=F("token") + 1)


# -- what an edit means --------------------------------------------------------------


def reason_to_close(rule: Rule) -> EndReason | None:
    """Why alerts of ``rule`` cannot go on after it was saved as it is; ``None`` if they can."""
    if not rule.enabled:
        return EndReason.DISABLED
    former = rule.former
    if former is None or identity(former.definition) == identity(labelled(rule)):
        return None
    return EndReason.EDITED


def start_sending(rules: Collection[Rule], actor: Any = None) -> int:
    """End the observation of ``rules``: what fires is sent from now on. Gives how many."""
    observing = [rule for rule in rules if rule.observing_until is not None]
    with transaction.atomic():
        for rule in observing:
            rule.observing_until, rule.editor = None, actor
            rule.save(update_fields=["observing_until", "changed_at"])
        alerts = Alert.objects.filter(rule__in=observing, state__in=LIVE)
        alerts.update(observed=False)
    return len(observing)


# -- receivers -------------------------------------------------------------------------


def rule_saved(sender: type[Rule], instance: Rule, **kwargs: Any) -> None:
    """End the alerts that an edit leaves without rule or identity; of ``post_save``."""
    reason = None if kwargs.get("raw") else reason_to_close(instance)
    if reason is not None:
        former = instance.former
        overtake([instance.group_id, former.group if former else None])
        close_alerts(_of([instance.pk]), reason, timezone.now(), instance.editor)


def rule_deleted(sender: type[Rule], instance: Rule, **kwargs: Any) -> None:
    """End its alerts before it goes, while they still know it; of ``pre_delete``."""
    overtake([instance.group_id])
    close_alerts(_of([instance.pk]), EndReason.DELETED, timezone.now(), instance.editor)


def group_saved(sender: type[RuleGroup], instance: RuleGroup, **kwargs: Any) -> None:
    """End the alerts of rules whose labels the group has changed, or of all; ``post_save``."""
    former = instance.former
    if kwargs.get("raw") or former is None:
        return
    if not instance.enabled:
        rules, reason = list(instance.rules.all()), EndReason.DISABLED
    else:
        rules = [rule for rule in instance.rules.all() if _is_relabelled(rule, instance)]
        reason = EndReason.EDITED
    if rules:
        overtake([instance.pk])
        close_alerts(_of([rule.pk for rule in rules]), reason, timezone.now(), instance.editor)


def _is_relabelled(rule: Rule, group: RuleGroup) -> bool:
    former = group.former
    if former is None or former.definition.labels == group.labels:
        return False
    definition = rule.definition()
    before = identity(former.definition.labelled(definition))
    return before != identity(group.definition().labelled(definition))


def _of(rules: list[Any]) -> QuerySet[Alert]:
    return Alert.objects.filter(rule_id__in=rules)
