"""What holds alerts back, from the saved event up to the receiver: and what is told afterwards."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import pytest
from django.contrib.auth.models import User
from django.core import mail
from django.utils import timezone

from tests.alerting.evaluation.harness import START_MS, Installation, at, labels_of
from zerostate_monitoring.alerting.acknowledging import acknowledge, unacknowledge
from zerostate_monitoring.models import Alert, Inhibition, MaintenanceWindow, Route, Silence

MINUTE = 60
HOUR = 3600


@pytest.fixture
def ops(house):
    """One receiver of all; news leave at once, and repeats are too far away to be mistaken."""
    receiver = house.receiver("ops")
    times = {"group_interval_seconds": 1, "repeat_interval_seconds": 30 * 24 * HOUR}
    house.route(receiver, group_by=["..."], **times)
    return receiver


def told(house):
    """What was told since the last time that this was asked."""
    found = [(n, notice) for _receiver, n, notice in house.told]
    house.recorder.taken.clear()
    return found


def weekly(**fields):
    """A window on Sundays at night, on the clock of Berlin."""
    given = {"matchers": "alertname=Down", "kind": "weekly", "zone": "Europe/Berlin"}
    times = {"weekdays": [6], "start_time": time(2, 30), "end_time": time(4)}
    return MaintenanceWindow.objects.create(name="backup", **{**given, **times, **fields})


def test_silence__that_ends_while_the_alert_fires(house, ops):
    """Nothing before its end; at its end the alert is told, once, and the trail says why."""
    house.silence("1", seconds=600)
    alert = house.fire("1")
    house.deliver()
    house.deliver(599)
    assert told(house) == []
    house.deliver(1)
    assert told(house) == [("1", "fired")]
    house.deliver(HOUR)
    assert told(house) == []
    assert house.events(alert) == ["firing", "suppressed", "unsuppressed", "sent"]


def test_silence__from_series_to_receiver(house, ops, monkeypatch):
    """A series fires a rule, a silence ends while it lasts, the series goes: told twice."""
    made = Installation(monkeypatch)
    monkeypatch.setattr(timezone, "now", lambda: at(made.now_ms))
    down = {labels_of("up", n="1"): 0.0}
    house.now = at(made.now_ms)
    house.silence("1", seconds=60)
    for _ in range(9):
        made.step(down)
        house.now = at(made.now_ms)
        house.deliver()
        assert bool(house.told) is (made.now_ms >= START_MS + 60_000)
    assert told(house) == [("1", "fired")]
    made.step({})
    house.now = at(made.now_ms)
    house.deliver()
    assert told(house) == [("1", "resolved")]


def test_silence__that_outlives_the_alert(house, ops):
    """Who was not told that it fired is not told that it has ended."""
    house.silence("1", seconds=600)
    alert = house.fire("1")
    house.deliver()
    house.resolve(alert)
    house.deliver(60)
    house.deliver(HOUR)
    assert told(house) == []


def test_silence__of_what_was_told(house, ops):
    """A silence that begins while the alert fires keeps the end from nobody."""
    alert = house.fire("1")
    house.deliver()
    house.silence("1", seconds=600)
    house.deliver(60)
    house.resolve(alert)
    house.deliver(60)
    assert told(house) == [("1", "fired"), ("1", "resolved")]


def test_silence__that_ends_on_resolve(house, ops):
    """It ends with the last alert that it hit; the next one is told at once."""
    silence = house.silence("1", seconds=10 * HOUR)
    Silence.objects.update(ends_on_resolve=True)
    alert = house.fire("1")
    house.deliver()
    house.deliver(60)
    house.resolve(alert)
    house.deliver(60)
    silence.refresh_from_db()
    assert silence.ends_at == house.now
    house.now += timedelta(seconds=60)
    house.fire("1")
    house.deliver()
    assert told(house) == [("1", "fired")]


def test_silence__reminds_its_author_before_its_end(house, ops):
    """A quarter of an hour before, once, with what will be told then."""
    ada = User.objects.create_user("ada", "ada@example.org")
    house.silence("1", seconds=8 * HOUR)
    Silence.objects.update(created_by=ada)
    house.fire("1")
    house.deliver(8 * HOUR - 16 * MINUTE)
    assert mail.outbox == []
    house.deliver(MINUTE)
    house.deliver(MINUTE)
    assert [sent.to for sent in mail.outbox] == [["ada@example.org"]]
    assert "ends in 15 min: planned" in mail.outbox[0].subject
    assert "It hits 1 firing" in mail.outbox[0].body
    assert told(house) == []
    house.deliver(14 * MINUTE)
    assert told(house) == [("1", "fired")]


@pytest.mark.parametrize(
    ("day", "opens", "closes"),
    [
        # In winter and in summer, an hour apart.
        ("2026-03-22", "01:30", "03:00"),
        ("2026-04-05", "00:30", "02:00"),
        # The clock goes from 02:00 to 03:00: there is no 02:30, so it opens at three.
        ("2026-03-29", "01:00", "02:00"),
        # The clock shows 02:30 twice: it opens at the first, and lasts an hour longer.
        ("2026-10-25", "00:30", "03:00"),
    ],
)
def test_window__every_week_by_the_clock_on_the_wall(house, ops, day, opens, closes):
    """What fires just before it is told; what fires in it is told at its end, to the second."""
    weekly()
    opens, closes = (
        datetime.fromisoformat(f"{day}T{at}").replace(tzinfo=UTC) for at in (opens, closes)
    )
    house.now = opens - timedelta(seconds=1)
    house.fire("before")
    house.deliver()
    assert told(house) == [("before", "fired")]
    house.deliver(1)
    house.fire("within")
    house.deliver()
    house.now = closes - timedelta(seconds=1)
    house.deliver()
    assert told(house) == []
    house.deliver(1)
    assert told(house) == [("within", "fired")]
    house.fire("after")
    house.deliver()
    assert told(house) == [("after", "fired")]


def test_inhibition__until_its_source_ends(house, ops):
    """The target is told when the source has ended; another node's target is told at once."""
    Inhibition.objects.create(
        name="node down",
        source_matchers="role=source",
        target_matchers="role=target",
        equal=["node"],
    )
    source = house.fire("source", role="source", node="a")
    house.fire("target", role="target", node="a")
    house.fire("other", role="target", node="b")
    house.deliver()
    assert sorted(told(house)) == [("other", "fired"), ("source", "fired")]
    house.deliver(HOUR)
    house.resolve(source)
    house.deliver(60)
    assert sorted(told(house)) == [("source", "resolved"), ("target", "fired")]


def test_acknowledged_for_a_time__is_told_again_when_it_is_over(house, ops):
    """Not earlier, and once."""
    alert = house.fire("1")
    house.deliver()
    acknowledge(alert, None, "on it", house.now + timedelta(hours=1), now=house.now)
    house.deliver(HOUR - 1)
    assert told(house) == [("1", "fired")]
    house.deliver(1)
    assert told(house) == [("1", "repeated")]
    house.deliver(HOUR)
    house.deliver(HOUR)
    assert told(house) == []
    assert house.events(alert).count("unacknowledged") == 1


def test_acknowledgement__that_is_taken_back(house, ops):
    """The alert is told again at once; one that was acknowledged for good waits until then."""
    alert = house.fire("1")
    house.deliver()
    acknowledge(alert, None, "on it", now=house.now)
    house.deliver(24 * HOUR)
    assert told(house) == [("1", "fired")]
    unacknowledge(alert, None, now=house.now)
    house.deliver(1)
    house.deliver(HOUR)
    assert told(house) == [("1", "repeated")]


def test_acknowledged_before_it_was_told(house, ops):
    """Whoever takes it on before the message left spares all receivers the message."""
    Route.objects.update(group_wait_seconds=30)
    alert = house.fire("1")
    acknowledge(alert, None, "seen on the wall", now=house.now)
    house.deliver(31)
    assert told(house) == []
    house.resolve(alert)
    house.deliver(600)
    assert told(house) == []


def test_nobody_acknowledges__the_next_receiver_is_told(house):
    """Each after its time; an acknowledgement that ends counts anew from its end."""
    first, second = house.receiver("first"), house.receiver("second")
    house.route(first, second, after={1: 600}, group_by=["..."])
    taken = house.fire("taken")
    house.fire("left")
    house.deliver()
    acknowledge(taken, None, "on it", house.now + timedelta(seconds=HOUR), now=house.now)
    house.deliver(600)
    assert [one for one in house.told if one[0] == "second"] == [("second", "left", "escalated")]
    house.deliver(HOUR - 600)
    house.deliver(599)
    assert ("second", "taken", "escalated") not in house.told
    house.deliver(1)
    assert ("second", "taken", "escalated") in house.told


BROKEN = {
    "matchers that cannot be read": {"matchers": "alertname="},
    "no matchers": {"matchers": ""},
    "a regular expression that is none": {"matchers": 'alertname=~"("'},
    "a thing that RE2 does not know": {"matchers": r'alertname=~"(a)\\1"'},
}


@pytest.mark.parametrize("fields", BROKEN.values(), ids=BROKEN)
def test_broken_silence__holds_nothing_back(house, ops, fields):
    """Rows may be edited past the form: alerts go out, and a silence beside it holds."""
    house.silence("1")
    house.silence("2")
    Silence.objects.filter(matchers='n="1"').update(**fields)
    house.fire("1")
    house.fire("2")
    house.deliver()
    assert told(house) == [("1", "fired")]


@pytest.mark.parametrize(
    "fields",
    [
        *BROKEN.values(),
        {"zone": "Mars/Olympus"},
        {"weekdays": [9]},
        {"weekdays": "monday"},
        {"start_time": None},
        {"kind": "monthly"},
    ],
    ids=str,
)
def test_broken_window__holds_nothing_back(house, ops, fields):
    """A zone that is no more, a weekday that is none: alerts go out."""
    now = house.now
    weekly(weekdays=list(range(7)), start_time=time(0), end_time=time(0))
    house.fire("1")
    house.deliver()
    assert told(house) == []
    MaintenanceWindow.objects.update(**fields)
    house.deliver(60)
    assert told(house) == [("1", "fired")]
    assert house.now > now


@pytest.mark.parametrize(
    "fields",
    [
        {"source_matchers": "n="},
        {"target_matchers": ""},
        {"target_matchers": "n=("},
        {"equal": "node"},
        {"equal": [1]},
    ],
    ids=str,
)
def test_broken_inhibition__holds_nothing_back(house, ops, fields):
    """Neither side may be unreadable."""
    row = Inhibition.objects.create(name="i", source_matchers="n=1", target_matchers="n=2")
    house.fire("1")
    house.fire("2")
    house.deliver()
    assert told(house) == [("1", "fired")]
    Inhibition.objects.filter(pk=row.pk).update(**fields)
    house.deliver(60)
    assert told(house) == [("2", "fired")]


def test_alert_that_has_labels_which_are_none__is_told(house, ops):
    """A row that something else wrote does not keep others from being told."""
    house.silence("2")
    odd, _ = house.fire("1"), house.fire("3")
    Alert.objects.filter(pk=odd.pk).update(labels={"n": 1, "x": None})
    house.deliver()
    assert sorted(str(n) for n, _notice in told(house)) == ["1", "3"]
    assert timezone.is_aware(house.now)
