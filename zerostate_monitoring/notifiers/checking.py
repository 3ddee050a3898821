"""What is wrong with a receiver, for whoever saves one."""

from __future__ import annotations

from collections.abc import Sequence

from django.core.exceptions import ValidationError

from zerostate_monitoring.exceptions import ConfigurationError
from zerostate_monitoring.models import Receiver
from zerostate_monitoring.models.words import in_words
from zerostate_monitoring.notifiers import notifier_of, target_of
from zerostate_monitoring.notifiers.base import Fault


def faults_of(receiver: Receiver) -> Sequence[Fault]:
    """All that is wrong with a receiver's kind, configuration and secrets."""
    if not isinstance(receiver.config, dict):
        return [Fault("config", "This is no object with the fields of its kind.")]
    try:
        notifier = notifier_of(receiver.kind)
    except ConfigurationError as error:
        return [Fault("kind", str(error))]
    try:
        return notifier.faults(target_of(receiver))
    except ConfigurationError as error:
        return [Fault("secret", str(error))]


def check_receiver(receiver: Receiver) -> None:
    """Refuse a receiver that cannot work; what ``Receiver.clean`` asks.

    Raises:
        ValidationError: under ``kind``, or under ``config`` with the field's name as its code.
    """
    found: dict[str, list[ValidationError]] = {}
    for fault in faults_of(receiver):
        where = "kind" if fault.field == "kind" else "config"
        params = {"field": fault.field, "reason": in_words(fault.reason)}
        error = ValidationError("%(field)s: %(reason)s", code=fault.field, params=params)
        found.setdefault(where, []).append(error)
    if found:
        raise ValidationError(found)
