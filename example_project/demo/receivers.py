"""Whom the demonstration tells: two mailboxes, the second for what the first cannot have."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django.db import transaction

from zerostate_monitoring.models import Receiver, Route, RouteStep

MAILBOX: Final = "Mailbox"
FALLBACK: Final = "Second mailbox (fallback)"
_RECIPIENTS: Final = {MAILBOX: "ops@zerostate.example", FALLBACK: "on-call@zerostate.example"}


@dataclass(frozen=True, slots=True)
class _Route:
    """Receivers in their order, each with the seconds without acknowledgement before it."""

    name: str
    position: int
    matchers: str
    receivers: tuple[tuple[str, float | None], ...]


_ROUTES: Final = (
    _Route("Critical", 10, 'severity="critical"', ((MAILBOX, None), (FALLBACK, 300))),
    _Route("Everything else", 20, 'severity!="critical"', ((MAILBOX, None),)),
)

# Short, for somebody who sits before it and waits.
_TIMES: Final = {
    "group_wait_seconds": 5,
    "group_interval_seconds": 30,
    "repeat_interval_seconds": 4 * 3600,
}


@transaction.atomic
def route_to_mailbox() -> None:
    """Make the receivers and routes that are missing; those that are there stay as they are."""
    receivers = {name: _receiver(name, to) for name, to in _RECIPIENTS.items()}
    for route in _ROUTES:
        _add(route, receivers)


def _receiver(name: str, recipient: str) -> Receiver:
    config = {"recipients": [recipient]}
    found, _ = Receiver.objects.get_or_create(
        name=name, defaults={"kind": "email", "config": config}
    )
    return found


def _add(route: _Route, receivers: dict[str, Receiver]) -> None:
    row, is_new = Route.objects.get_or_create(
        name=route.name,
        defaults={
            "position": route.position,
            "matchers": route.matchers,
            "group_by": ["alertname"],
            **_TIMES,
        },
    )
    if is_new:
        RouteStep.objects.bulk_create(
            RouteStep(route=row, position=place, receiver=receivers[name], after_seconds=after)
            for place, (name, after) in enumerate(route.receivers)
        )
