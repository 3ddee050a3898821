"""An installation in one process: rules that fire when a test says so, receivers that remember.

``Recorder`` stands for all that is outside: it answers as its script says.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta

from django.db import transaction

from zerostate_monitoring.alerting.delivery.enqueuing import enqueue
from zerostate_monitoring.alerting.delivery.running import deliver
from zerostate_monitoring.models import (
    Alert,
    AlertEvent,
    GroupState,
    Message,
    OutboxEntry,
    Receiver,
    Route,
    RouteStep,
    Rule,
    RuleGroup,
    Silence,
)
from zerostate_monitoring.models.words import AlertState, EventKind
from zerostate_monitoring.notifiers.base import Answer, Composed, DeliveryError

START = datetime(2026, 3, 1, 12, tzinfo=UTC)


class Recorder:
    """A notifier that keeps what it is given; a receiver's next outcomes stand in ``script``."""

    kind = "recording"
    title = "Recording"
    secrets = frozenset()
    fields = ()
    tells_past = False
    max_alerts = 100
    tells_each = False

    def __init__(self):
        self.script = defaultdict(list)
        self.always = {}
        self.taken = []
        self.tries = []

    def faults(self, target):
        return ()

    def compose(self, batch, target):
        if target.config.get("broken"):
            raise ValueError("no such template")
        return Composed(
            f"{len(batch.alerts)} alerts",
            {
                "alerts": [[a.labels["n"], a.notice, a.pk] for a in batch.alerts],
                "truncated": batch.truncated,
                "incidents": [a.incident for a in batch.alerts],
            },
        )

    def send(self, composed, target, *, key, timeout):
        self.tries.append((target.name, key, composed.payload))
        planned = self.script[target.name]
        outcome = planned.pop(0) if planned else self.always.get(target.name)
        if getattr(outcome, "has_arrived", False):
            self.taken.append((target.name, key, composed.payload))
        if isinstance(outcome, BaseException):
            raise outcome
        self.taken.append((target.name, key, composed.payload))
        return outcome or Answer("ok", 200)


def down(status=500, **more):
    """A failure that may pass."""
    return DeliveryError(f"it said {status}", status=status, **more)


def refused(status=400):
    """A failure that stays."""
    return DeliveryError(f"it said {status}", status=status, is_permanent=True)


class House:
    """Rows, a clock that only moves when told, and the recorder."""

    def __init__(self, recorder: Recorder) -> None:
        self.recorder = recorder
        self.now = START
        self.group = RuleGroup.objects.create(name="tests", interval_seconds=15)
        GroupState.objects.create(group=self.group)
        self.rule = Rule.objects.create(group=self.group, name="Down", expr="up == 0")

    def receiver(self, name: str = "ops", **fields) -> Receiver:
        return Receiver.objects.create(name=name, kind="recording", **fields)

    def route(self, *receivers: Receiver, after: Mapping[int, float] | None = None, **fields):
        defaults = {"name": f"route {Route.objects.count()}", "group_wait_seconds": 0.0}
        route = Route.objects.create(**{**defaults, **fields})
        for position, receiver in enumerate(receivers):
            RouteStep.objects.create(
                route=route,
                position=position,
                receiver=receiver,
                after_seconds=(after or {}).get(position),
            )
        return route

    def fire(self, n: str = "1", **labels: str) -> Alert:
        """An alert fires, as the evaluation would write it."""
        return self.fire_many([{"n": n, **labels}])[0]

    def fire_many(self, found: list[dict[str, str]]) -> list[Alert]:
        alerts = [
            Alert.objects.create(
                rule=self.rule,
                rule_name="Down",
                fingerprint=f"{Alert.objects.count():016x}",
                labels={"alertname": "Down", **labels},
                severity=labels.get("severity", ""),
                state=AlertState.FIRING,
                started_at=self.now,
                active_at=self.now,
                fired_at=self.now,
            )
            for labels in found
        ]
        self.say(EventKind.FIRING, *alerts)
        return alerts

    def resolve(self, *alerts: Alert) -> None:
        for alert in alerts:
            alert.state, alert.ended_at = AlertState.RESOLVED, self.now
            alert.save()
        self.say(EventKind.RESOLVED, *alerts)

    def say(self, kind: EventKind, *alerts: Alert) -> None:
        with transaction.atomic():
            events = [AlertEvent.objects.create(alert=a, kind=kind, at=self.now) for a in alerts]
            enqueue(events, self.now)

    def silence(self, n: str = "1", seconds: float = 600) -> Silence:
        return Silence.objects.create(
            matchers=f'n="{n}"',
            starts_at=self.now,
            ends_at=self.now + timedelta(seconds=seconds),
            author="ann",
            comment="planned",
        )

    def deliver(self, seconds: float = 0) -> int:
        """Let time pass, then one pass of the delivery."""
        self.now += timedelta(seconds=seconds)
        return deliver(self.now, clock=lambda: self.now)

    def deliver_until(self, done: Callable[[], object], step: float = 30, most: int = 400) -> None:
        for _ in range(most):
            self.deliver(step)
            if done():
                return
        raise AssertionError("it never came to an end")

    @property
    def told(self) -> list[tuple[str, str, str]]:
        """What was taken: (receiver, alert's n, notice), without what was only listed again."""
        return [
            (receiver, n, notice)
            for receiver, _, payload in self.recorder.taken
            for n, notice, _ in payload["alerts"]
        ]

    def entries(self, **filters) -> list[tuple[str, str, str]]:
        """Outbox entries as (receiver, notice, state)."""
        rows = OutboxEntry.objects.filter(**filters).order_by("pk")
        return [(row.receiver.name, row.notice, row.state) for row in rows]

    def events(self, alert: Alert) -> list[str]:
        return list(alert.events.order_by("pk").values_list("kind", flat=True))

    def message(self) -> Message:
        return Message.objects.latest("pk")
