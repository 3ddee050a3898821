"""The rows of ``benchmarks.claims``, and what is asked beside them. Needs Django to be set up."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import count
from typing import Final

from django.core.management import call_command
from django.db import connection, transaction
from django.utils import timezone

from zerostate_monitoring.alerting.delivery.announcing import announce
from zerostate_monitoring.alerting.delivery.enqueuing import enqueue
from zerostate_monitoring.alerting.delivery.flushing import flush_due
from zerostate_monitoring.alerting.delivery.leasing import messages_due, receivers_due, take
from zerostate_monitoring.alerting.delivery.reading import read
from zerostate_monitoring.alerting.delivery.sweeping import sweep
from zerostate_monitoring.alerting.evaluation.claims import claim_due, give_up
from zerostate_monitoring.alerting.evaluation.slots import Clock
from zerostate_monitoring.alerting.routing import load
from zerostate_monitoring.models import (
    Alert,
    AlertEvent,
    Evaluation,
    Message,
    NotificationGroup,
    OutboxEntry,
    Receiver,
    Route,
    RouteStep,
    RuleGroup,
)

LIVE: Final = 200
"""Alerts that fire, each in a message that is due; each group's old messages lie beside it."""

_TABLES: Final = (Alert, AlertEvent, Message, OutboxEntry, Evaluation)
_AGO: Final = "now() - interval '1 day' - interval '399 days' * (n::float / {rows})"
_LONG_AGO: Final = datetime(2001, 1, 1, tzinfo=UTC)
_SLOT_MS: Final = 15_000

_FILL: Final = (
    """INSERT INTO t_alert (rule_name, rule_version, group_name, fingerprint, labels,
        annotations, severity, layer, state, started_at, active_at, fired_at, ended_at,
        end_reason, held, observed, is_unrouted, acknowledgement, verdict)
        SELECT 'Old', 1, 'bench', 'old-' || n, '{{"alertname": "Old"}}', '{{}}', 'warning', 'p2p',
        'resolved', {ago}, {ago}, {ago}, {ago}, 'resolved', '', false, false, '', ''
        FROM generate_series(1, {few}) AS n""",
    """INSERT INTO t_alertevent (alert_id, kind, at, slot_ms, detail, announced_at, announce_tries)
        SELECT {alert} + n, 'firing', {ago}, 0, '{{}}', {ago}, 1
        FROM generate_series(1, {few}) AS n""",
    """INSERT INTO t_message (key, receiver_id, receiver_name, group_id, purpose, subject, payload,
        state, created_at, next_try_at, attempts, lease_token, sent_at, ended_at, answer,
        closed_by, comment)
        SELECT 'old-' || n, {receiver}, 'hook', {group} + n % {live}, 'alerts', 'Old',
        '{{"alerts": []}}', 'sent', {ago}, {ago}, 1, '', {ago}, {ago}, 'ok', '', ''
        FROM generate_series(1, {rows}) AS n""",
    """INSERT INTO t_outboxentry (event_id, alert_id, receiver_id, group_id, notice, step, state,
        reason, created_at, ended_at, message_id)
        SELECT {event} + n % {few} + 1, {alert} + n % {few} + 1, {receiver}, {group} + n % {live},
        'repeated', 0, 'sent', '', {ago}, {ago}, {message} + n
        FROM generate_series(1, {rows}) AS n""",
    """INSERT INTO t_evaluation (group_id, slot_ms, token, started_at, duration_seconds, rules,
        failed, missed_before)
        SELECT {rule_group}, n, n, {ago}, 0.1, 50, 0, 0 FROM generate_series(1, {rows}) AS n""",
)


class Filled:
    """A database that is filled, and what is live in it."""

    def __init__(self, rows: int) -> None:
        self._rows: Final = rows
        self._slots: Final = count(10**8)

    def fill(self) -> Iterator[None]:
        """What is live, the old rows as ``generate_series`` makes them, messages; in steps."""
        call_command("migrate", verbosity=0)
        RuleGroup.objects.all().delete()
        Route.objects.all().delete()
        self.rule_group = RuleGroup.objects.create(name="bench", interval_seconds=15)
        self.receiver = Receiver.objects.create(name="hook", kind="webhook", config={})
        route = Route.objects.create(name="all", position=1, group_by=["n"], group_wait_seconds=0)
        RouteStep.objects.create(route=route, receiver=self.receiver)
        now = timezone.now()
        alerts = Alert.objects.bulk_create(_alerts(now))
        events = [AlertEvent(alert=alert, kind="firing", at=now) for alert in alerts]
        self.events = AlertEvent.objects.bulk_create(events)
        with transaction.atomic():
            enqueue(self.events, now)
        self.groups = list(NotificationGroup.objects.order_by("pk"))
        yield from self._fill_old()
        while flush_due(timezone.now(), _no_reason):
            yield

    def _fill_old(self) -> Iterator[None]:
        newest = {table: table.objects.order_by("-pk").first() for table in _TABLES}
        base = {table: row.pk if row else 0 for table, row in newest.items()}
        values = {
            "rows": self._rows,
            "few": max(1, self._rows // 10),
            "live": LIVE,
            "ago": _AGO.format(rows=self._rows),
            "rule_group": self.rule_group.pk,
            "receiver": self.receiver.pk,
            "group": self.groups[0].pk,
            "alert": base[Alert],
            "event": base[AlertEvent],
            "message": base[Message],
        }
        with connection.cursor() as cursor:
            # Keys that are filled in on the way, and checks row by row, take most of an hour.
            cursor.execute("SET session_replication_role = replica")
            made = [_without_indexes(cursor, table._meta.db_table) for table in _TABLES]
            for statement in _FILL:
                text = statement.replace(" t_", " zerostate_monitoring_")
                cursor.execute(text.format(**values))
                yield
            for definition in (one for found in made for one in found):
                cursor.execute(definition)
                yield
            cursor.execute("SET session_replication_role = origin")
            cursor.execute("VACUUM ANALYZE")
            yield

    def claims(self) -> dict[str, Callable[[], object]]:
        """What is asked, by what it is for."""
        now = timezone.now()
        due = iter(messages_due(self.receiver, now, LIVE))
        groups = iter(self.groups * 10)
        return {
            "groups of rules, and a slot of one": self._claim_slot,
            "groups to be flushed": lambda: flush_due(_LONG_AGO, _no_reason),
            "a group's alerts": lambda: read([next(groups)], load),
            "receivers": lambda: receivers_due(now),
            "messages": lambda: messages_due(self.receiver, now, 50),
            "a lease": lambda: take([next(due)], now),
            "expired leases": lambda: sweep(now),
            "the outbox of an alert that ended": self._resolve,
            "signals": lambda: announce(now, lambda: False),
        }

    def _claim_slot(self) -> None:
        slot_ms = next(self._slots) * _SLOT_MS
        claims = list(claim_due(Clock(slot_ms, slot_ms, _SLOT_MS), timezone.now()))
        if len(claims) != 1:
            raise ValueError(f"{len(claims)} groups were claimed")
        give_up(claims)

    def _resolve(self) -> None:
        """Write it, and take it back."""
        alert = self.events[0].alert
        with transaction.atomic():
            event = AlertEvent.objects.create(alert=alert, kind="resolved", at=timezone.now())
            enqueue([event], timezone.now())
            transaction.set_rollback(True)


def _no_reason(_: Alert) -> None:
    """Nothing is silenced."""


def _alerts(now: datetime) -> Iterator[Alert]:
    for n in range(LIVE):
        yield Alert(
            rule_name="Live",
            fingerprint=f"{n:016x}",
            labels={"alertname": "Live", "n": str(n)},
            state="firing",
            started_at=now,
            active_at=now,
            fired_at=now,
        )


def _without_indexes(cursor: object, table: str) -> Sequence[str]:
    """Drop the indexes of a table; how to make them again."""
    execute, fetch = cursor.execute, cursor.fetchall  # type: ignore[attr-defined]
    execute(
        "SELECT i.indexname, i.indexdef FROM pg_indexes i WHERE i.tablename = %s AND NOT EXISTS"
        " (SELECT 1 FROM pg_constraint c WHERE c.conname = i.indexname)",
        [table],
    )
    found = fetch()
    for name, _ in found:
        execute(f'DROP INDEX "{name}"')
    return [definition for _, definition in found]
