"""What a notifier is given to compose: a plan as a batch of views."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

from django.urls import NoReverseMatch, reverse

from zerostate_monitoring.alerting.delivery.parting import Part
from zerostate_monitoring.alerting.delivery.pasts import Past
from zerostate_monitoring.alerting.delivery.retelling import Retelling, state_of
from zerostate_monitoring.alerting.evaluation.values import column_of
from zerostate_monitoring.conf import conf
from zerostate_monitoring.models import Alert, NotificationGroup
from zerostate_monitoring.models.outbox import Notice
from zerostate_monitoring.notifiers.base import AlertView, Batch

CANARY: Final = "canary"
_AGAIN: Final = frozenset({Notice.REPEATED, Notice.ESCALATED})


def batch_of(
    group: NotificationGroup,
    key: str,
    part: Part,
    pasts: Mapping[int, Past],
    retelling: Retelling,
) -> Batch:
    """The batch that tells a part to the group's receiver; ``pasts`` by alert, where known."""
    lines = part.lines
    return Batch(
        key=key,
        receiver=group.receiver.name,
        group_key=group.key,
        group_labels={str(name): str(text) for name, text in group.labels.items()},
        alerts=tuple(
            view_of(one.alert, one.notice, pasts.get(one.alert.pk, ()), retelling) for one in lines
        ),
        purpose=purpose_of(group),
        external_url=conf.BASE_URL,
        truncated=len(part.counted),
    )


def purpose_of(group: NotificationGroup) -> str:
    """What messages of a group are for."""
    return CANARY if group.receiver.kind == CANARY else "alerts"


def view_of(
    alert: Alert, notice: Notice, past: Past = (), retelling: Retelling | None = None
) -> AlertView:
    """An alert as messages tell it: at its firing, or as it is now where it is told again."""
    is_firing = notice is not Notice.RESOLVED
    newest = (retelling or Retelling()).newest(alert) if notice in _AGAIN else None
    return AlertView(
        pk=alert.pk,
        fingerprint=alert.fingerprint,
        is_firing=is_firing,
        notice=str(notice.value),
        labels=alert.labels,
        annotations=newest.annotations if newest else alert.annotations,
        starts_at=alert.fired_at or alert.started_at,
        ends_at=None if is_firing else alert.ended_at,
        value=column_of(newest.value) if newest else alert.value,
        expr=alert.rule.expr if alert.rule else "",
        url=url_of(alert),
        incident=f"{alert.fingerprint}-{alert.pk}",
        samples=past,
        evaluated_at=evaluated_at(alert),
    )


def url_of(alert: Alert) -> str:
    """The alert's page; empty where links cannot be made."""
    if not conf.BASE_URL:
        return ""
    try:
        return conf.BASE_URL + reverse("admin:zerostate_monitoring_alert_change", args=(alert.pk,))
    except NoReverseMatch:
        return ""


def evaluated_at(alert: Alert) -> datetime | None:
    """The newest slot at which the alert's rule was evaluated."""
    state = state_of(alert)
    if state is None or not state.last_slot_ms:
        return None
    return datetime.fromtimestamp(state.last_slot_ms / 1000, UTC)
