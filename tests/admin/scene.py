"""A small network with a past: history, rules, alerts, and messages about them."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.contrib.auth.models import User
from django.utils import timezone

from tests.alerting.alerts import make_alert
from tests.models.rules import make_group, make_rule
from tests.storage.timelines import INTERVAL, fill, now_slot, series
from zerostate_monitoring.models import (
    Alert,
    AlertEvent,
    GroupState,
    Message,
    NotificationGroup,
    OutboxEntry,
    Receiver,
    Route,
    Rule,
    RuleState,
)
from zerostate_monitoring.models.outbox import MessageState, Notice, OutboxState
from zerostate_monitoring.models.words import AlertState, EventKind, Health
from zerostate_monitoring.storage.recording import Recorder

MINUTE = timedelta(minutes=1)
NODES = ("edge-1", "edge-2", "relay-1", "relay-2", "boot-1")
COLUMNS = 4 * 60


def make_history(store):
    """An hour: edge-1 is down for ten minutes, relay-2 for the last two; latency wanders."""
    last = now_slot()
    pages = []
    for at in range(COLUMNS):
        page = {}
        for place, node in enumerate(NODES):
            labels = {"node": node, "node_role": "edge", "site": "fra1"}
            page[series("zerostate_node_up", **labels)] = float(_is_up(node, at))
            wave = 20 + 10 * place + 8 * ((at // 7 + place * 3) % 5)
            page[series("zerostate_peer_connections", **labels)] = float(wave)
        pages.append(page)
    return fill(Recorder(store.timeline()), pages, last - COLUMNS * INTERVAL)


def _is_up(node, at):
    down = {"edge-1": range(80, 120), "relay-2": range(COLUMNS - 8, COLUMNS)}
    return at not in down.get(node, ())


def make_scene(now: datetime | None = None):
    """Rules in all states, and the alerts that go with them."""
    now = now or timezone.now()
    user = User.objects.filter(is_superuser=True).first()
    group = make_group("nodes")
    down = make_rule(
        name="EdgeNodeDown",
        group=group,
        layer="p2p",
        owner="network",
        runbook_url="https://runbooks.example/node-down",
        annotations={
            "summary": "{{ $labels.node }} is down",
            "description": "The node {{ $labels.node }} in {{ $labels.site }} does not answer.",
        },
    )
    slow = make_rule(
        name="FewPeers",
        group=group,
        layer="p2p",
        severity="warning",
        expr="sum by (node) (zerostate_peer_connections) < 25",
        annotations={"summary": "{{ $labels.node }} has {{ $value }} peers, {{ $labels.zone }}"},
    )
    slow.full_clean()
    slow.save()
    make_rule(
        name="NewRule",
        group=group,
        severity="info",
        observing_until=now + timedelta(hours=20),
        labels={"team": "network"},
    )
    broken = make_rule(name="BrokenRule", group=group, severity="warning")
    off = make_rule(name="SwitchedOff", group=group, severity="warning", enabled=False)
    make_rule(
        name="site:up:sum",
        kind="recording",
        group=group,
        expr="sum by (site) (zerostate_node_up)",
        severity="",
        annotations={},
    )
    for rule, health, reason in (
        (down, Health.OK, ""),
        (slow, Health.OK, ""),
        (broken, Health.ERROR, "Many series match: say by which labels the two sides meet."),
        (off, Health.OK, ""),
    ):
        RuleState.objects.update_or_create(
            rule=rule, defaults={"health": health, "reason": reason, "since": now}
        )
    firing = _firing(down, "relay-2", now, 2)
    taken = _firing(slow, "edge-2", now, 47)
    taken.acknowledged_at, taken.acknowledged_by = now - 40 * MINUTE, user
    taken.acknowledgement = "looking into it"
    taken.save()
    AlertEvent.objects.create(
        alert=taken,
        kind=EventKind.ACKNOWLEDGED,
        at=taken.acknowledged_at,
        actor=user,
        detail={"comment": "looking into it", "until": None},
    )
    _firing(slow, "boot-1", now, 12, is_unrouted=True)
    pending = make_alert(slow, "relay-1", AlertState.PENDING, value=22.0)
    _timed(pending, now - MINUTE)
    past = _firing(down, "edge-1", now, 40)
    past.state, past.ended_at, past.end_reason = (
        AlertState.RESOLVED,
        now - 30 * MINUTE,
        "resolved",
    )
    past.save()
    AlertEvent.objects.create(
        alert=past,
        kind=EventKind.RESOLVED,
        at=past.ended_at,
        detail={"reason": "resolved", "value": "1"},
    )
    GroupState.objects.update_or_create(
        group=group,
        defaults={
            "last_slot_ms": int(now.timestamp() * 1000) - 9_000,
            "evaluated_at": now,
            "slots_evaluated": 812,
            "slots_missed": 1,
            "duration_seconds": 0.031,
            "values": {str(taken.pk): "21", str(firing.pk): "0"},
        },
    )
    _told(firing, "on-call", now - MINUTE, OutboxState.SENT, 202)
    _told(taken, "on-call", now - 46 * MINUTE, OutboxState.SENT, 202)
    _told(taken, "chat", now - 46 * MINUTE, OutboxState.DEAD, 404)
    return firing


def _timed(alert, since):
    Alert.objects.filter(pk=alert.pk).update(started_at=since, active_at=since)
    alert.refresh_from_db()
    AlertEvent.objects.create(alert=alert, kind=EventKind.PENDING, at=since, detail={"value": "22"})


def _firing(rule, node, now, minutes, **fields):
    fired = now - minutes * MINUTE
    value = 0.0 if rule.name == "EdgeNodeDown" else 21.0
    alert = make_alert(
        rule,
        node,
        value=value,
        started_at=fired - MINUTE,
        active_at=fired - MINUTE,
        fired_at=fired,
        annotations={
            "summary": f"{node} is down" if value == 0 else f"{node} has few peers",
            "description": f"The node {node} in fra1 needs somebody to look at it.",
            "runbook_url": rule.runbook_url,
        },
        **fields,
    )
    alert.labels = {**alert.labels, "site": "fra1", "layer": rule.layer}
    alert.save()
    for kind, at in ((EventKind.PENDING, fired - MINUTE), (EventKind.FIRING, fired)):
        AlertEvent.objects.create(alert=alert, kind=kind, at=at, detail={"value": f"{value:g}"})
    return alert


def _told(alert, receiver, at, state, status):
    to = Receiver.objects.get_or_create(name=receiver, defaults={"kind": "webhook"})[0]
    route = Route.objects.get_or_create(name="everything")[0]
    group = NotificationGroup.objects.get_or_create(
        key=f"{receiver}-{alert.pk}", defaults={"route": route, "receiver": to}
    )[0]
    sent = state == OutboxState.SENT
    message = Message.objects.create(
        key=f"key-{receiver}-{alert.pk}",
        receiver=to,
        receiver_name=receiver,
        payload={},
        state=MessageState.SENT if sent else MessageState.DEAD,
        created_at=at,
        sent_at=at if sent else None,
        ended_at=at,
        attempts=1,
        status=status,
        answer="accepted" if sent else "no such channel",
    )
    OutboxEntry.objects.create(
        event=alert.events.get(kind=EventKind.FIRING),
        alert=alert,
        receiver=to,
        group=group,
        notice=Notice.FIRED,
        state=state,
        created_at=at,
        ended_at=at,
        message=message,
    )
    AlertEvent.objects.create(
        alert=alert,
        kind=EventKind.SENT if sent else EventKind.DEAD,
        at=at,
        detail={"receiver": receiver, "status": status, "answer": message.answer},
    )


def rule_named(name):
    return Rule.objects.get(name=name)
