"""What every notifier takes and gives.

A message is composed once, when its group is flushed, and frozen as JSON with its key. Each
try sends the same. Composing asks nobody; sending asks nobody but the receiver.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar, Protocol

from zerostate_monitoring.exceptions import MonitoringError


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertView:
    """An alert as a message tells it."""

    pk: int
    fingerprint: str
    is_firing: bool
    notice: str
    """``fired``, ``resolved``, ``repeated`` or ``escalated``."""
    labels: Mapping[str, str]
    annotations: Mapping[str, str]
    starts_at: datetime
    ends_at: datetime | None = None
    value: float | None = None
    expr: str = ""
    url: str = ""
    """Its page in admin; empty where ``ZEROSTATE_MONITORING_BASE_URL`` is not set."""
    incident: str = ""
    """Fixed at firing and the same when it resolves: PagerDuty's dedup key."""
    samples: Sequence[tuple[int, float]] = field(default=())
    """Its expression's recent values: (milliseconds since 1970, value)."""
    evaluated_at: datetime | None = None
    """The newest slot at which its rule was evaluated when the message was composed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """What one message tells: the alerts of a group, firing ones first."""

    key: str
    receiver: str
    group_key: str
    group_labels: Mapping[str, str]
    alerts: Sequence[AlertView]
    purpose: str = "alerts"
    external_url: str = ""
    truncated: int = 0
    """Alerts of the group that stand in no message, for they are too many."""


@dataclass(frozen=True, slots=True)
class Composed:
    """A message as it is frozen: ``payload`` is JSON that ``send`` understands."""

    subject: str
    payload: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Target:
    """A receiver's configuration with its secrets in the clear; its repr shows none of them."""

    name: str
    config: Mapping[str, Any]
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Answer:
    """What the receiver said to a message that it took."""

    text: str = ""
    status: int | None = None


class DeliveryError(MonitoringError):
    """A message that was not taken.

    ``is_permanent``: the same message will not be taken later either. ``retry_after_seconds``
    is what the receiver asked for.
    """

    def __init__(
        self,
        message: str,
        *,
        is_permanent: bool = False,
        status: int | None = None,
        retry_after_seconds: float | None = None,
    ) -> None:
        super().__init__(message)
        self.is_permanent = is_permanent
        self.status = status
        self.retry_after_seconds = retry_after_seconds


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a receiver's configuration: field and reason."""

    field: str
    reason: str


class Notifier(Protocol):
    """One kind of receiver. Has no state; all that it needs is passed in."""

    kind: ClassVar[str]
    title: ClassVar[Any]
    secrets: ClassVar[frozenset[str]]
    """Names of the configuration's fields that are secret."""

    def faults(self, target: Target) -> Sequence[Fault]:
        """What is wrong with a configuration; asks nobody."""

    def compose(self, batch: Batch, target: Target) -> Composed:
        """The message that tells ``batch``. The payload holds no secret."""

    def send(self, composed: Composed, target: Target, *, key: str, timeout: float) -> Answer:
        """Send it once, within ``timeout`` seconds.

        Raises:
            DeliveryError: it was not taken, or it is not known whether it was.
        """
