"""Rows of a large installation, for its admin. Needs Django to be set up."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from itertools import islice
from typing import Any, Final

from django.db.models import Model
from django.utils import timezone

from zerostate_monitoring.models import (
    Alert,
    AlertEvent,
    Collector,
    Evaluation,
    GroupState,
    Inhibition,
    LogLevel,
    MaintenanceWindow,
    Message,
    Node,
    NotificationGroup,
    OutboxEntry,
    Receiver,
    ReceiverState,
    Route,
    RouteStep,
    Rule,
    RuleGroup,
    RuleState,
    Silence,
)

_AT_ONCE: Final = 5_000
_NODES: Final = 100
_SECOND: Final = timedelta(seconds=1)


def fill(live: int, past: int) -> None:
    """``live`` alerts that live, ``past`` ended ones, and as many of what else grows with time."""
    rules = _rules(min(50, live))
    receivers, groups = _receivers()
    _nodes_and_more(groups)
    alerts = list(_live(rules, live))
    _made(Alert, iter(alerts))
    _made(Alert, _ended(rules, past))
    _made(Evaluation, _evaluations(past))
    _made(Silence, _silences(past))
    _made(Message, _messages(receivers, groups, past))
    _told(receivers, groups, past)


def _made(model: type[Model], rows: Iterator[Any]) -> None:
    while some := list(islice(rows, _AT_ONCE)):
        model._default_manager.bulk_create(some)


def _rules(count: int) -> list[Rule]:
    groups = [RuleGroup(name=f"group {one}", interval_seconds=30) for one in range(10)]
    RuleGroup.objects.bulk_create(groups)
    now_ms = int(timezone.now().timestamp() * 1000)
    GroupState.objects.bulk_create(GroupState(group=one, last_slot_ms=now_ms) for one in groups)
    rules = [
        Rule(
            group=groups[one % 10],
            name=f"BenchRule{one:03d}",
            expr="max by (node) (zerostate_node_up) == 0",
            severity=("critical", "warning", "info")[one % 3],
            layer="p2p",
            annotations={"summary": "{{ $labels.node }} is down"},
        )
        for one in range(count)
    ]
    Rule.objects.bulk_create(rules)
    RuleState.objects.bulk_create(
        RuleState(rule=one, health="ok", since=timezone.now()) for one in rules
    )
    return rules


def _receivers() -> tuple[list[Receiver], list[NotificationGroup]]:
    receivers = [Receiver(name=f"receiver {one}", kind="webhook", config={}) for one in range(20)]
    Receiver.objects.bulk_create([*receivers, Receiver(name="never told", kind="webhook")])
    ReceiverState.objects.bulk_create(ReceiverState(receiver=one) for one in receivers)
    routes = [Route(name=f"route {one}", position=one + 1) for one in range(20)]
    Route.objects.bulk_create(routes)
    pairs = list(zip(routes, receivers, strict=True))
    RouteStep.objects.bulk_create(RouteStep(route=a, receiver=b) for a, b in pairs)
    groups = [
        NotificationGroup(key=f"group-{one}", route=a, receiver=b, labels={"severity": "critical"})
        for one, (a, b) in enumerate(pairs)
    ]
    NotificationGroup.objects.bulk_create(groups)
    return receivers, groups


def _nodes_and_more(groups: list[NotificationGroup]) -> None:
    Node.objects.bulk_create(
        Node(name=f"node-{one:04d}", base_url=f"http://node-{one}.example:8080", role="edge")
        for one in range(_NODES)
    )
    now = timezone.now()
    for one in range(5):
        Collector.objects.get_or_create(
            name=f"collector{one}",
            defaults={"source": "bench", "interval_seconds": 15, "last_success_at": now},
        )
    Inhibition.objects.bulk_create(
        Inhibition(
            name=f"inhibition {one}",
            source_matchers='severity="critical"',
            target_matchers='severity="info"',
            equal=["node"],
        )
        for one in range(20)
    )
    MaintenanceWindow.objects.bulk_create(
        MaintenanceWindow(
            name=f"window {one}",
            matchers=f'node="node-{one}"',
            kind="once",
            starts_at=now + timedelta(days=1),
            ends_at=now + timedelta(days=2),
        )
        for one in range(60)
    )
    LogLevel.objects.bulk_create(
        LogLevel(logger=f"a.b{one}", level="DEBUG", until=now, comment="bench", author="bench")
        for one in range(60)
    )


def _alert(rule: Rule, place: int, **fields: Any) -> Alert:
    now = timezone.now()
    node = f"node-{place % _NODES:04d}"
    labels = {"alertname": rule.name, "node": node, "severity": rule.severity, "site": "fra1"}
    values = {
        "rule": rule,
        "rule_name": rule.name,
        "group_name": rule.group.name,
        "fingerprint": f"{place:032d}",
        "labels": labels,
        "annotations": {"summary": f"{node} is down"},
        "severity": rule.severity,
        "layer": rule.layer,
        "value": 1.0,
        "started_at": now - place * _SECOND,
        "active_at": now - place * _SECOND,
    }
    return Alert(**{**values, **fields})


def _live(rules: list[Rule], count: int) -> Iterator[Alert]:
    for place in range(count):
        fires = place % 5 < 3
        state = "firing" if fires else "pending"
        fired = timezone.now() - place * _SECOND if fires else None
        yield _alert(rules[place % len(rules)], place, state=state, fired_at=fired)


def _ended(rules: list[Rule], count: int) -> Iterator[Alert]:
    for place in range(count):
        ended = timezone.now() - place * _SECOND
        yield _alert(
            rules[place % len(rules)],
            place,
            state="resolved",
            fired_at=ended - 60 * _SECOND,
            ended_at=ended,
            end_reason="resolved",
        )


def _evaluations(count: int) -> Iterator[Evaluation]:
    groups = list(RuleGroup.objects.order_by("pk"))
    now = timezone.now()
    for place in range(count):
        at = now - (count - place) * _SECOND
        yield Evaluation(
            group=groups[place % len(groups)],
            slot_ms=int(at.timestamp() * 1000),
            token=1,
            started_at=at,
            duration_seconds=0.1,
            rules=5,
        )


def _silences(count: int) -> Iterator[Silence]:
    """Nearly all of them have ended; the newest last, each for one node."""
    now = timezone.now()
    for place in range(count):
        lasts = place < _NODES // 5
        ends = now + timedelta(hours=1) if lasts else now - place * _SECOND
        yield Silence(
            matchers=f'node="node-{place % _NODES:04d}"',
            starts_at=ends - timedelta(hours=2),
            ends_at=ends,
            comment=f"silence {place}",
            author="bench",
        )


def _messages(
    receivers: list[Receiver], groups: list[NotificationGroup], count: int
) -> Iterator[Message]:
    now = timezone.now()
    for place in range(count):
        at, which = now - place * _SECOND, place % len(receivers)
        yield Message(
            key=f"key-{place}",
            receiver=receivers[which],
            receiver_name=receivers[which].name,
            group=groups[which],
            subject="bench",
            payload={"alerts": []},
            state="dead" if place % 1000 == 0 else "sent",
            created_at=at,
            sent_at=at,
            ended_at=at,
            attempts=1,
            status=200,
            answer="ok",
        )


def _told(receivers: list[Receiver], groups: list[NotificationGroup], count: int) -> None:
    """An event and an outbox entry for each of the newest alerts."""
    keys = list(Alert.objects.order_by("-pk").values_list("pk", flat=True)[:count])
    now = timezone.now()
    _made(AlertEvent, (AlertEvent(alert_id=key, kind="firing", at=now) for key in keys))
    events = AlertEvent.objects.order_by("pk").values_list("pk", "alert_id")
    messages = list(Message.objects.order_by("pk").values_list("pk", flat=True)[:count])
    _made(
        OutboxEntry,
        (
            OutboxEntry(
                event_id=event,
                alert_id=alert,
                receiver=receivers[place % len(receivers)],
                group=groups[place % len(groups)],
                notice="fired",
                state="sent",
                created_at=now,
                ended_at=now,
                message_id=message,
            )
            for place, ((event, alert), message) in enumerate(zip(events, messages, strict=False))
        ),
    )
