"""Whatever happens in whatever order: told or visibly not, in order, and never stuck."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import timedelta
from random import Random
from typing import Any
from unittest.mock import patch

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, event, example, given, settings
from hypothesis import strategies as st

from tests.alerting.delivery.house import House, Recorder, down, refused
from zerostate_monitoring import notifiers
from zerostate_monitoring.alerting.delivery import flushing, freezing, posting, returning
from zerostate_monitoring.alerting.delivery.rerouting import SETTLING
from zerostate_monitoring.alerting.routing import load
from zerostate_monitoring.models import (
    Alert,
    Message,
    NotificationGroup,
    OutboxEntry,
    Receiver,
    Route,
)

RECEIVERS = ("a", "b", "c")
SECONDS = (0, 1, 5, 31, 31, 200, 700, 4000)
FAILURES = ("down", "refused", "busy", "killed", "arrived and killed")
WEIGHTS = {
    "fire": 6,
    "resolve": 5,
    "wait": 8,
    "silence": 1,
    "acknowledge": 1,
    "fail": 4,
    "killed in a flush": 1,
    "switch": 1,
    "set the clock back": 1,
    "let the clock run ahead": 1,
    "edit a route": 2,
}
EDITS = (
    {"matchers": ""},
    {"matchers": 'n="0"'},
    {"matchers": 'n=~"1|2"'},
    {"enabled": False},
    {"enabled": True},
    {"is_continued": False},
    {"is_continued": True},
    {"position": 1},
    {"position": 9},
)
DISABLED = "The receiver is disabled."


def story_of(seed: int) -> list[tuple[Any, ...]]:
    """Steps by chance. Weighted by hand: what Hypothesis makes of lists is too tame."""
    rng = Random(seed)
    names = rng.choices(list(WEIGHTS), list(WEIGHTS.values()), k=40)
    return [(name, *arguments_of(name, rng)) for name in names]


def arguments_of(name: str, rng: Random) -> tuple[Any, ...]:
    if name == "wait":
        return (rng.choice(SECONDS),)
    if name == "fail":
        return rng.choice(RECEIVERS), rng.choices(FAILURES, k=rng.randint(1, 5))
    if name == "set the clock back":
        return (rng.choice(SECONDS[:-1]),)
    if name == "let the clock run ahead":
        return rng.choice((600, 3_000, 40_000)), rng.randint(0, 2), rng.randint(0, 2)
    if name == "edit a route":
        return rng.randint(0, 1), rng.choice(EDITS)
    if name == "switch":
        return (rng.choice(RECEIVERS),)
    if name == "killed in a flush":
        return (rng.random() < 0.5,)
    number = rng.randint(0, 2)
    return (number,) if name in {"fire", "resolve"} else (number, rng.choice(SECONDS))


class Killed(BaseException):
    """A worker that is gone: nothing catches it."""

    has_arrived = False


class KilledLater(Killed):
    """Gone after the receiver took the message, and before anybody wrote that down."""

    has_arrived = True


class Machine:
    def __init__(self, house: House) -> None:
        self.house = house
        a, b, c = (house.receiver(name) for name in RECEIVERS)
        house.route(
            a, b, after={1: 300}, group_wait_seconds=30.0, repeat_interval_seconds=3600.0,
            is_continued=True,
        )  # fmt: skip
        house.route(c, group_by=["n"])
        self.live: dict[int, Alert] = {}
        self.kills = 0

    def do(self, name: str, *arguments) -> None:
        getattr(self, name.replace(" ", "_"))(*arguments)

    def fire(self, n: int) -> None:
        if n not in self.live:
            self.live[n] = self.house.fire(str(n))

    def resolve(self, n: int) -> None:
        if n in self.live:
            alert = self.live.pop(n)
            alert.refresh_from_db()
            self.house.resolve(alert)

    def silence(self, n: int, length: float) -> None:
        if length:
            self.house.silence(str(n), length)

    def acknowledge(self, n: int, length: float) -> None:
        if n in self.live:
            until = self.house.now + timedelta(seconds=length) if length else None
            Alert.objects.filter(pk=self.live[n].pk).update(
                acknowledged_at=self.house.now, acknowledged_until=until
            )

    def fail(self, receiver: str, planned: list[str]) -> None:
        recorder = self.house.recorder
        outcomes = {
            "down": down,
            "refused": refused,
            "busy": lambda: down(429, retry_after_seconds=40),
            "killed": Killed,
            "arrived and killed": KilledLater,
        }
        recorder.script[receiver] = [outcomes[one]() for one in planned]

    def killed_in_a_flush(self, *arguments) -> None:
        before = arguments[0]
        freeze = freezing.freeze

        def killing(*args, **options):
            if not before:
                freeze(*args, **options)
            raise Killed

        with patch.object(flushing, "freeze", killing):
            self.wait(1)

    def wait(self, length: float) -> None:
        try:
            self.house.deliver(length)
        except Killed:
            event("killed")
            self.kills += 1

    def switch(self, name: str) -> None:
        """Disable a receiver, or enable it again."""
        rows = Receiver.objects.filter(name=name)
        rows.update(enabled=not rows.get().enabled)

    def set_the_clock_back(self, length: float) -> None:
        self.house.now -= timedelta(seconds=length)

    def let_the_clock_run_ahead(self, length: float, fires: int, ends: int) -> None:
        """Things happen meanwhile; then it is what it was."""
        self.house.now += timedelta(seconds=length)
        self.fire(fires)
        self.wait(31)
        self.resolve(ends)
        self.house.now -= timedelta(seconds=length)

    def edit_a_route(self, place: int, fields: dict[str, Any]) -> None:
        route = Route.objects.order_by("pk")[place]
        Route.objects.filter(pk=route.pk).update(**fields)

    def settle(self) -> None:
        """Nothing fails any more, all are enabled, and time passes."""
        Receiver.objects.update(enabled=True)
        self.house.recorder.script.clear()
        self.house.deliver_until(lambda: not self.open(), step=60, most=200)
        # What was written while routes were edited is looked at once more.
        self.house.deliver(SETTLING.total_seconds())
        self.house.deliver_until(lambda: not self.open(), step=60, most=200)

    @staticmethod
    def open() -> bool:
        return (
            OutboxEntry.objects.filter(state__in=("due", "frozen")).exists()
            or Message.objects.filter(state__in=("due", "leased")).exists()
        )


def check(machine: Machine) -> None:
    """The promises, from the rows and from what arrived."""
    house = machine.house
    heard = defaultdict(list)
    for receiver, _, payload in house.recorder.taken:
        for _, notice, pk in payload["alerts"]:
            heard[receiver, pk].append(notice)
    check_tries(house.recorder, machine.kills)
    entries = defaultdict(list)
    for row in OutboxEntry.objects.select_related("receiver", "alert").order_by("pk"):
        entries[row.receiver.name, row.alert_id].append(row)
        assert row.state in {"sent", "superseded", "suppressed", "dead"}
        assert row.reason or row.state in {"sent", "dead"}
    for (receiver, pk), rows in entries.items():
        check_one(rows, heard[receiver, pk])
    for alert in Alert.objects.filter(state="firing"):
        check_firing(alert, entries, load())
    assert not NotificationGroup.objects.filter(
        flush_at__lte=house.now - timedelta(seconds=600)
    ).exists()


def check_tries(recorder, kills) -> None:
    """Each try of a message sends the same; what is sent has arrived, and once more per kill."""
    same = {key: (receiver, repr(payload)) for receiver, key, payload in recorder.tries}
    for receiver, key, payload in recorder.tries:
        assert same[key] == (receiver, repr(payload))
    arrived = Counter(key for _, key, _ in recorder.taken)
    assert max(arrived.values(), default=0) <= 1 + kills
    sent = set(Message.objects.filter(state="sent").values_list("key", flat=True))
    assert sent <= set(arrived)
    assert set(same) <= set(Message.objects.values_list("key", flat=True))


def check_one(rows, words) -> None:
    """One alert and receiver."""
    firing = [row for row in rows if row.notice != "resolved"]
    if "resolved" in words:
        may_know = words[0] != "resolved" or any(row.state == "dead" for row in firing)
        assert may_know, (words, rows)
        assert set(words[words.index("resolved") :]) == {"resolved"}, words
    assert {row.notice for row in rows if row.state == "sent"} <= set(words)
    may_be_told = any(row.state in {"sent", "dead"} for row in firing)
    if may_be_told and rows[0].alert.state == "resolved":
        *_, end = [row for row in rows if row.notice == "resolved"]
        assert end.state in {"sent", "dead"} or end.reason == DISABLED, rows
        assert all(row.state == "superseded" for row in rows if row.pk > end.pk), rows


def check_firing(alert, entries, routing) -> None:
    """An alert that fires was told by the routes of now, or what holds it back stands there."""
    taken = routing.of(alert.labels)
    assert alert.is_unrouted is False or not taken
    for name in (one.steps[0].receiver_name for one in taken):
        rows = entries[name, alert.pk]
        assert any(row.state in {"sent", "dead"} for row in rows) or rows[-1].state == "suppressed"
        dead = [row for row in rows if row.state == "dead"]
        assert all(row.message is not None and row.message.state == "dead" for row in dead)


@pytest.mark.django_db
@settings(
    deadline=None,
    max_examples=12,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.integers(0, 2**32).map(story_of))
@example([("switch", "a"), ("fire", 1)])
@example([("wait", 1), ("switch", "a"), ("fire", 1)])
def test_sequences__are_told_in_order_or_visibly_not(story):
    """Fires, ends, silences, acknowledgements, failures and kills by chance, then peace."""
    recorder = Recorder()
    with (
        patch.object(notifiers, "KINDS", {"recording": recorder}),
        patch.object(posting, "run", lambda work: work()),
        patch.object(returning, "latest", lambda now: now),
        transaction.atomic(),
    ):
        machine = Machine(House(recorder))
        for step in story:
            machine.do(*step)
        machine.settle()
        check(machine)
        transaction.set_rollback(True)
