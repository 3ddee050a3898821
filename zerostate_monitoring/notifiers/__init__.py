"""One file per kind of receiver, one verb: send."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from zerostate_monitoring.exceptions import ConfigurationError
from zerostate_monitoring.models import Receiver
from zerostate_monitoring.notifiers.apprise import AppriseNotifier
from zerostate_monitoring.notifiers.base import Target
from zerostate_monitoring.notifiers.canary import CanaryNotifier
from zerostate_monitoring.notifiers.email import EmailNotifier
from zerostate_monitoring.notifiers.fields import FieldedNotifier
from zerostate_monitoring.notifiers.pagerduty import PagerDutyNotifier
from zerostate_monitoring.notifiers.secrets import unseal
from zerostate_monitoring.notifiers.slack import SlackNotifier
from zerostate_monitoring.notifiers.webhook import WebhookNotifier

_NOTIFIERS: Final[tuple[FieldedNotifier, ...]] = (
    EmailNotifier(),
    WebhookNotifier(),
    SlackNotifier(),
    PagerDutyNotifier(),
    AppriseNotifier(),
    CanaryNotifier(),
)

KINDS: Final[Mapping[str, FieldedNotifier]] = MappingProxyType(
    {one.kind: one for one in _NOTIFIERS}
)
"""Every kind of receiver, in the order in which they are offered."""


def notifier_of(kind: str) -> FieldedNotifier:
    """The notifier of a kind of receiver.

    Raises:
        ConfigurationError: there is none.
    """
    try:
        return KINDS[kind]
    except KeyError:
        known = ", ".join(KINDS)
        message = f"There is no kind of receiver “{kind}”. There are: {known}."
        raise ConfigurationError(message) from None


def target_of(receiver: Receiver) -> Target:
    """A receiver with its secrets in the clear, to send to.

    Raises:
        ConfigurationError: no key that is set decrypts its secrets.
    """
    return Target(receiver.name, dict(receiver.config), unseal(receiver.secret))
