"""The receiver within: it takes the canary, and writes down that it has come through."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, ClassVar, Final

from django.db.models import Q
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _

from zerostate_monitoring.models import Heartbeat
from zerostate_monitoring.notifiers.base import (
    Answer,
    Batch,
    Composed,
    DeliveryError,
    Fault,
    Target,
)
from zerostate_monitoring.notifiers.fields import Field, Text

NAME: Final = "canary"
"""Of the row of ``Heartbeat``."""


class CanaryNotifier:
    """Records the arrival of a message with the slot at which its alerts were evaluated.

    An alert that fires is told again and again from the database alone; only its slot says
    that rules are still evaluated.
    """

    kind: ClassVar[str] = "canary"
    title: ClassVar[Any] = _("Canary (dead man's switch)")
    blurb: ClassVar[Text] = _("Notes that the canary has come all the way. The app makes it.")
    fields: ClassVar[Sequence[Field]] = ()
    max_alerts: ClassVar[int] = 100
    tells_each: ClassVar[bool] = False
    tells_past: ClassVar[bool] = False
    secrets: ClassVar[frozenset[str]] = frozenset()

    def faults(self, target: Target) -> Sequence[Fault]:
        """There is nothing to configure."""
        return ()

    def compose(self, batch: Batch, target: Target) -> Composed:
        """The newest slot of the batch's alerts that fire."""
        slots = [a.evaluated_at for a in batch.alerts if a.is_firing and a.evaluated_at]
        slot = max(slots).isoformat() if slots else ""
        return Composed("Canary", {"slot": slot})

    def send(self, composed: Composed, target: Target, *, key: str, timeout: float) -> Answer:
        """Write down that it has arrived; a slot that came before changes nothing."""
        slot = _slot_of(composed)
        if slot is None:
            raise DeliveryError("The canary names no slot of an evaluation.", is_permanent=True)
        Heartbeat.objects.get_or_create(name=NAME)
        rows = Heartbeat.objects.filter(name=NAME)
        rows.filter(Q(slot_at=None) | Q(slot_at__lt=slot)).update(
            slot_at=slot, arrived_at=timezone.now()
        )
        return Answer(f"Arrived, evaluated at {slot:%H:%M:%S} UTC.")


def _slot_of(composed: Composed) -> datetime | None:
    text = composed.payload.get("slot")
    return parse_datetime(text) if isinstance(text, str) and text else None
