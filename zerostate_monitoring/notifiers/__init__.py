"""One file per kind of receiver, one verb: send."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, cast

from django.utils.functional import SimpleLazyObject
from django.utils.module_loading import import_string

from zerostate_monitoring.exceptions import ConfigurationError
from zerostate_monitoring.models import Receiver
from zerostate_monitoring.notifiers.base import Target
from zerostate_monitoring.notifiers.fields import FieldedNotifier
from zerostate_monitoring.notifiers.secrets import unseal

_NOTIFIERS: Final = (
    "email.EmailNotifier",
    "webhook.WebhookNotifier",
    "slack.SlackNotifier",
    "pagerduty.PagerDutyNotifier",
    "apprise.AppriseNotifier",
    "canary.CanaryNotifier",
)


def _loaded() -> Mapping[str, FieldedNotifier]:
    notifiers = [import_string(f"{__name__}.{path}")() for path in _NOTIFIERS]
    return MappingProxyType({one.kind: one for one in notifiers})


KINDS: Final = cast("Mapping[str, FieldedNotifier]", SimpleLazyObject(_loaded))
"""Every kind of receiver, in the order in which they are offered; loaded when one is asked for."""


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
