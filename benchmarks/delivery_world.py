"""Rows of ``benchmarks.deliveries``.

``prepare URL``, ``pile N`` messages, ``alternate N INTERVAL`` rules; needs Django to be set up.
"""

from __future__ import annotations

from collections.abc import Callable

from django.db import transaction
from django.utils import timezone

from zerostate_monitoring.alerting.delivery.enqueuing import enqueue
from zerostate_monitoring.models import (
    Alert,
    AlertEvent,
    Receiver,
    Route,
    RouteStep,
    Rule,
    RuleGroup,
)


def prepare(url: str) -> None:
    """A receiver for all alerts, each of which is a message of its own; no other rules."""
    RuleGroup.objects.all().delete()
    Route.objects.all().delete()
    receiver = Receiver.objects.create(name="hook", kind="webhook", config={"url": url})
    route = Route.objects.create(
        name="all",
        position=1,
        group_by=["..."],
        group_wait_seconds=0,
        group_interval_seconds=1,
    )
    RouteStep.objects.create(route=route, receiver=receiver)


def pile(messages: str) -> None:
    """So many alerts that fire and are to be told of now."""
    now = timezone.now()
    alerts = Alert.objects.bulk_create(
        Alert(
            rule_name="Piled",
            fingerprint=f"{n:016x}",
            labels={"alertname": "Piled", "n": str(n), "severity": "warning"},
            annotations={"summary": f"The {n}th of many."},
            severity="warning",
            state="firing",
            started_at=now,
            active_at=now,
            fired_at=now,
        )
        for n in range(int(messages))
    )
    with transaction.atomic():
        events = [AlertEvent(alert=alert, kind="firing", at=now) for alert in alerts]
        enqueue(AlertEvent.objects.bulk_create(events), now)


def alternate(rules: str, interval: str) -> None:
    """So many rules, of which at each slot one half fires and the other does not."""
    group = RuleGroup.objects.create(name="alternating", interval_seconds=int(interval))
    for number in range(int(rules)):
        sign = ">=" if number % 2 else "<"
        Rule.objects.create(
            group=group,
            name=f"Alternates{number:02d}",
            position=number,
            expr=f"vector(time()) % {2 * int(interval)} {sign} {interval}",
            annotations={"summary": "It is {{ $value }} seconds past."},
        )


def main(name: str, *arguments: str) -> None:
    """Write them."""
    writers: dict[str, Callable[..., None]] = {
        "prepare": prepare,
        "pile": pile,
        "alternate": alternate,
    }
    writers[name](*arguments)
