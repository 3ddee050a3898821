"""Somebody takes an alert on: it is not told again until a time, or until it ends.

When that is over, ``acknowledged_until`` stays and says since when: what was told before is told
again, and the next receiver's time counts from there.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from functools import partial
from typing import Any, Final

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_noop

from zerostate_monitoring.alerting.signals import messages_due
from zerostate_monitoring.alerting.suppression import criticals
from zerostate_monitoring.models import Alert, AlertEvent
from zerostate_monitoring.models.words import AlertState, EventKind

_MOST_AT_ONCE: Final = 1_000


def acknowledge(
    alert: Alert,
    user: AbstractBaseUser | None,
    comment: str = "",
    until: datetime | None = None,
    *,
    now: datetime | None = None,
    as_seen: bool = False,
) -> bool:
    """``user`` takes ``alert`` on until ``until``, or until it ends; again is a change of that.

    With ``as_seen`` only if nobody has acknowledged it, or taken that back, since ``alert`` was
    read.

    Returns:
        Whether it fires: what is pending has not been told, what has ended needs nobody.

    Raises:
        ValueError: ``until`` is not in the future.
    """
    at = now or timezone.now()
    if until is not None and until <= at:
        raise ValueError("An alert is acknowledged until a time that is still to come.")
    detail = {"comment": comment, "until": None if until is None else until.isoformat()}
    expected = {"acknowledged_at": alert.acknowledged_at} if as_seen else {}
    return _change(
        alert,
        AlertEvent(kind=EventKind.ACKNOWLEDGED, at=at, actor=_person(user), detail=detail),
        {"acknowledged_at": at, "acknowledged_until": until, "acknowledgement": comment},
        **expected,
    )


def unacknowledge(
    alert: Alert, user: AbstractBaseUser | None, *, now: datetime | None = None
) -> bool:
    """Nobody has taken ``alert`` on any longer: it is told again.

    Returns:
        Whether it fires and was acknowledged.
    """
    at = now or timezone.now()
    event = AlertEvent(kind=EventKind.UNACKNOWLEDGED, at=at, actor=_person(user), detail={})
    fields = {**_NOBODY, "acknowledged_until": at}
    return _change(alert, event, fields, acknowledged_at__isnull=False)


def end_due(now: datetime) -> int:
    """End acknowledgements whose time is over, with an event each. How many there were."""
    taken = Alert.objects.filter(state=AlertState.FIRING, acknowledged_at__isnull=False)
    due = taken.filter(acknowledged_until__lte=now).order_by("pk")
    return sum(_is_over(alert, now) for alert in due[:_MOST_AT_ONCE])


_NOBODY: Final[dict[str, Any]] = {"acknowledged_at": None, "acknowledgement": ""}


def _is_over(alert: Alert, now: datetime) -> bool:
    detail = {"reason": gettext_noop("its time is over")}
    event = AlertEvent(kind=EventKind.UNACKNOWLEDGED, at=now, detail=detail)
    still = {"acknowledged_at__isnull": False, "acknowledged_until__lte": now}
    return _change(alert, event, _NOBODY, **still)


def _change(alert: Alert, event: AlertEvent, fields: dict[str, Any], **expected: Any) -> bool:
    """Change ``alert`` if it fires and is as ``expected``, with ``event``; wake the delivery."""
    fields = {**fields, "acknowledged_by": event.actor if fields["acknowledged_at"] else None}
    unchanged = Alert.objects.filter(pk=alert.pk, state=AlertState.FIRING, **expected)
    with transaction.atomic():
        if not unchanged.update(**fields):
            return False
        event.alert = alert
        event.save()
        if event.kind == EventKind.ACKNOWLEDGED:
            criticals.acknowledged(alert, event.actor, fields["acknowledged_until"])
        transaction.on_commit(partial(messages_due.send_robust, sender=Alert))
    _set(alert, fields.items())
    return True


def _set(alert: Alert, fields: Iterable[tuple[str, Any]]) -> None:
    for name, value in fields:
        setattr(alert, name, value)


def _person(user: AbstractBaseUser | None) -> Any:
    """A user who has a row; none for somebody without one."""
    return user if user is not None and user.pk is not None else None
