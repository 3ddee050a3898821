"""A test message, sent while somebody waits: the way of all messages, without the outbox."""

from __future__ import annotations

import time
import uuid
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from zerostate_monitoring.conf import conf
from zerostate_monitoring.exceptions import ConfigurationError
from zerostate_monitoring.models import Receiver
from zerostate_monitoring.notifiers import notifier_of, target_of
from zerostate_monitoring.notifiers.base import AlertView, Batch, DeliveryError
from zerostate_monitoring.tracing import unfollowed


@dataclass(frozen=True, slots=True)
class Trial:
    """What came of a test message. ``error`` is empty where the receiver took it."""

    seconds: float
    answer: str = ""
    error: str = ""
    status: int | None = None
    is_permanent: bool = False


def try_out(receiver: Receiver, now: datetime) -> Trial:
    """Send a test message as the receiver is saved."""
    began = time.monotonic()
    try:
        notifier, target = notifier_of(receiver.kind), target_of(receiver)
        # As all messages: who reads it is not who sends it.
        with translation.override(settings.LANGUAGE_CODE):
            batch = test_batch(receiver, now)
            composed = notifier.compose(batch, target)
        timeout = conf.DELIVERY_TIMEOUT_SECONDS
        with unfollowed():
            answer = notifier.send(composed, target, key=batch.key, timeout=timeout)
    except DeliveryError as error:
        seconds = time.monotonic() - began
        return Trial(
            seconds, error=str(error), status=error.status, is_permanent=error.is_permanent
        )
    except ConfigurationError as error:
        return Trial(time.monotonic() - began, error=str(error), is_permanent=True)
    return Trial(time.monotonic() - began, answer.text, status=answer.status)


def test_batch(receiver: Receiver, now: datetime) -> Batch:
    """One alert that says of itself that it is a test."""
    key = f"test-{uuid.uuid4().hex}"
    labels = {"alertname": "TestMessage", "severity": "info", "receiver": receiver.name}
    alert = AlertView(
        pk=0,
        fingerprint=key[-16:],
        is_firing=True,
        notice="fired",
        labels=labels,
        annotations={"summary": _("%(name)s can be reached.") % {"name": receiver.name}},
        starts_at=now,
        incident=key,
        url=conf.BASE_URL,
    )
    return Batch(
        key=key,
        receiver=receiver.name,
        group_key=key,
        group_labels={"alertname": "TestMessage"},
        alerts=(alert,),
        purpose="test",
        external_url=conf.BASE_URL,
    )
