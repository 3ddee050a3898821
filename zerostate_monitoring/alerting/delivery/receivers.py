"""How delivery to each receiver goes: after some failures in a row it is probed only."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from zerostate_monitoring.alerting.delivery.leasing import PROBE_BASE_SECONDS
from zerostate_monitoring.models import Alert, OutboxEntry, Receiver, ReceiverState
from zerostate_monitoring.models.words import AlertState

FAILURES_UNTIL_FAILING: Final = 3
LONG_PAUSE_SECONDS: Final = 60.0
"""A receiver that wants to be left alone for longer than this is one that fails."""

SUCCESS_EVERY: Final = timedelta(seconds=10)
"""How exactly the last success is known where nothing else changes."""


def receiver_deleted(
    sender: type[Receiver], instance: Receiver, origin: object = None, **kwargs: Any
) -> None:
    """Of ``pre_delete``: alerts of which it alone was to be told go by the routes anew.

    Its entries go with it; without them nobody would be told of what fires. Those that
    ``origin`` deletes in the same breath are no others.
    """
    entries = OutboxEntry.objects.filter(alert=OuterRef("pk"))
    mine, others = entries.filter(receiver=instance), entries.exclude(receiver__in=_gone(origin))
    others = others.exclude(receiver=instance)
    alone = Alert.objects.filter(Exists(mine), ~Exists(others), state=AlertState.FIRING)
    alone.update(is_unrouted=True)


def _gone(origin: object) -> list[int]:
    """Primary keys of the receivers that are deleted together."""
    if isinstance(origin, QuerySet) and origin.model is Receiver:
        return list(origin.values_list("pk", flat=True))
    return []


def note_success(receiver_id: int | None, now: datetime) -> None:
    """It works, and has no failures in a row any more."""
    if receiver_id is None:
        return
    state, _ = ReceiverState.objects.get_or_create(receiver_id=receiver_id)
    is_fresh = state.last_success_at is not None and now - state.last_success_at < SUCCESS_EVERY
    if is_fresh and not state.failures_in_a_row and state.failing_since is None:
        return
    ReceiverState.objects.filter(pk=receiver_id).update(
        failing_since=None, failures_in_a_row=0, probe_at=None, last_success_at=now
    )


def note_failure(
    receiver_id: int | None,
    now: datetime,
    error: str,
    *,
    is_permanent: bool = False,
    pause: float = 0.0,
) -> None:
    """One more failure. A permanent one is of the message, not of the receiver.

    ``pause``: so many seconds the receiver asked to be left alone. None of its messages goes
    to it before; and where that is long, its fallback is told at once.
    """
    if receiver_id is None:
        return
    state, _ = ReceiverState.objects.get_or_create(receiver_id=receiver_id)
    rows = ReceiverState.objects.filter(pk=state.pk)
    if is_permanent:
        rows.update(last_error=error)
        return
    rows.update(failures_in_a_row=F("failures_in_a_row") + 1, last_error=error)
    most = 1 if pause > LONG_PAUSE_SECONDS else FAILURES_UNTIL_FAILING
    rows.filter(failing_since=None, failures_in_a_row__gte=most).update(
        failing_since=now, probe_at=now + timedelta(seconds=PROBE_BASE_SECONDS)
    )
    if pause > 0:
        until = now + timedelta(seconds=pause)
        rows.filter(Q(probe_at=None) | Q(probe_at__lt=until)).update(probe_at=until)
