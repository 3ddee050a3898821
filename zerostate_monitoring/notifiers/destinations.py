"""Where a receiver's messages go, in words that may be shown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from zerostate_monitoring.models import Receiver
from zerostate_monitoring.notifiers import notifier_of, target_of
from zerostate_monitoring.notifiers.addresses import place
from zerostate_monitoring.notifiers.base import Target
from zerostate_monitoring.notifiers.fields import Field, value_of


def destination(receiver: Receiver) -> str:
    """Such as recipients, a channel, or the host of a secret address.

    Raises:
        ConfigurationError: its kind is unknown, or its secrets cannot be read.
    """
    fields, target = notifier_of(receiver.kind).fields, target_of(receiver)
    told = [shown for field in fields for shown in _shown(field, target) if shown]
    return ", ".join(told or (field.default for field in fields if field.default))


def places(fields: Sequence[Field], target: Target) -> list[str]:
    """Scheme, host and port of all its addresses: another list is another receiver."""
    return [place(str(value_of(field, target))) for field in fields if field.is_address]


def _shown(field: Field, target: Target) -> Iterator[str]:
    side = target.secrets if field.is_secret else target.config
    value = side.get(field.name, "")
    if field.shape == "lines":
        yield from (str(one) for one in value)
    elif field.is_address and field.is_secret:
        yield place(str(value))
    elif field.is_address or field.name == "channel":
        yield str(value)


def secrets_set(receiver: Receiver) -> list[str]:
    """Names of the secrets that it has.

    Raises:
        ConfigurationError: they cannot be read.
    """
    return sorted(target_of(receiver).secrets)
