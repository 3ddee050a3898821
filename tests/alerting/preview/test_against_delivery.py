"""The messages that a preview counts are those that the delivery sends."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.alerting.delivery.house import START, House, Recorder
from zerostate_monitoring import notifiers
from zerostate_monitoring.alerting.delivery import posting
from zerostate_monitoring.alerting.preview.telling import told_of
from zerostate_monitoring.alerting.preview.values import Incident
from zerostate_monitoring.alerting.routing import load
from zerostate_monitoring.models import NotificationGroup, OutboxEntry, Receiver, RouteStep

SLOT = 15
END = 60 * SLOT
START_MS = round(START.timestamp() * 1000)


@dataclass(frozen=True)
class Wish:
    """A route's row, and after how long its second receiver is told."""

    group_by: tuple[str, ...]
    wait: int
    interval: int
    repeat: int
    after: int | None
    resolved: tuple[bool, bool]


slots = st.integers(0, 50)
wishes = st.builds(
    Wish,
    group_by=st.sampled_from([(), ("zone",), ("...",)]),
    wait=st.sampled_from([0, SLOT, 2 * SLOT]),
    interval=st.sampled_from([SLOT, 4 * SLOT, 9 * SLOT]),
    repeat=st.sampled_from([2 * SLOT, 10 * SLOT, 3600]),
    after=st.sampled_from([None, SLOT, 8 * SLOT]),
    resolved=st.tuples(st.booleans(), st.booleans()),
)
alerts = st.tuples(slots, st.none() | st.integers(1, 30), st.sampled_from("ab"))
QUICK = Wish((), 0, SLOT, 3600, None, (True, True))


@pytest.fixture
def recorder(db, monkeypatch):
    fake = Recorder()
    monkeypatch.setattr(notifiers, "KINDS", {**notifiers.KINDS, "recording": fake})
    monkeypatch.setattr(posting, "run", lambda work: work())
    return fake


def incidents_of(found):
    """A preview's incidents; times in slots."""
    return [
        Incident(
            labels=(("alertname", "Down"), ("n", str(n)), ("zone", zone)),
            pending_ms=START_MS + 1000 * SLOT * fired,
            fired_ms=START_MS + 1000 * SLOT * fired,
            ended_ms=None if lasts is None else START_MS + 1000 * SLOT * (fired + lasts),
        )
        for n, (fired, lasts, zone) in enumerate(found)
    ]


def simulated(house, incidents):
    """Messages by receiver of a run in which all that happens does so at its slot."""
    live, seconds = {}, 0
    begins, ends = Counter(), Counter()
    for one in incidents:
        begins[second_of(one.fired_ms)] += 1
        if one.ended_ms is not None:
            ends[second_of(one.ended_ms)] += 1
    while seconds <= END:
        house.now = START + timedelta(seconds=seconds)
        done = [one for one in live if second_of(one.ended_ms) == seconds]
        house.resolve(*[live.pop(one) for one in done])
        begun = [one for one in incidents if second_of(one.fired_ms) == seconds]
        rows = house.fire_many([dict(one.labels) for one in begun])
        live |= dict(zip(begun, rows, strict=True))
        house.deliver()
        seconds = next_time(house, seconds, [*begins, *ends])
    return Counter(name for name, _, _ in house.recorder.taken)


def second_of(ms):
    return None if ms is None else (ms - START_MS) // 1000


def next_time(house, seconds, changes):
    """When something may happen next: a change, a flush, somebody who did not answer."""
    after = RouteStep.objects.values_list("after_seconds", flat=True)
    times = [one for one in changes if one > seconds]
    flushes = NotificationGroup.objects.values_list("flush_at", flat=True)
    sent = set(OutboxEntry.objects.values_list("ended_at", flat=True)) - {None}
    moments = [one for one in flushes if one]
    moments += [at + timedelta(seconds=wait) for at in sent if at for wait in after if wait]
    times += [(at - START).total_seconds() for at in moments]
    return min((one for one in times if one > seconds), default=END + 1)


@settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(wish=wishes, found=st.lists(alerts, min_size=1, max_size=6))
@example(wish=QUICK, found=[(0, 1, "a"), (1, 2, "a")])
@example(wish=QUICK, found=[(0, 5, "a"), (0, 5, "a")])
def test_messages__are_those_of_the_delivery(recorder, wish, found):
    """By receiver, for routes that group, wait, repeat and escalate as they like."""
    recorder.taken.clear()
    with transaction.atomic():
        house = House(recorder)
        receivers = [
            house.receiver(name, send_resolved=wanted)
            for name, wanted in zip(("first", "second"), wish.resolved, strict=True)
        ]
        house.route(
            *receivers,
            after={1: wish.after},
            group_by=list(wish.group_by),
            group_wait_seconds=wish.wait,
            group_interval_seconds=wish.interval,
            repeat_interval_seconds=wish.repeat,
        )
        incidents = incidents_of(found)
        quiet = set(Receiver.objects.filter(send_resolved=False).values_list("pk", flat=True))
        would = told_of(incidents, load(), lambda labels: "", quiet, START_MS + END * 1000)
        assert {one.receiver: one.messages for one in would.told} == simulated(house, incidents)
        transaction.set_rollback(True)
