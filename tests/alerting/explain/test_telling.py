"""An explanation says what was known then."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import CommandError, call_command

from tests.alerting.making import alert, entry, event, message, notification_group, receiver, rule
from zerostate_monitoring.alerting.evidence import keep
from zerostate_monitoring.alerting.explain import asking, explain, telling
from zerostate_monitoring.alerting.explain.values import Values, lasted
from zerostate_monitoring.models import (
    Evaluation,
    Route,
    RouteStep,
    RuleGroup,
    RuleState,
    RuleVersion,
    Silence,
)
from zerostate_monitoring.promql.memory import MemoryStorage
from zerostate_monitoring.querying import engines
from zerostate_monitoring.querying.readiness import READY, Readiness

pytestmark = pytest.mark.django_db

SLOT = 1_700_000_100_000
AT = datetime.fromtimestamp(SLOT / 1000, UTC)
TIMES = [SLOT + 15_000 * number for number in range(-200, 1)]


@pytest.fixture
def history(monkeypatch):
    """Two nodes, of which one fails; a test may take history away."""
    rows = [
        ((("__name__", "fail"), ("node", node)), TIMES, [value] * len(TIMES))
        for node, value in (("a", 0.12), ("b", 0.5))
    ]
    found = {"ready": READY}
    memory = MemoryStorage(rows)
    monkeypatch.setattr(engines, "storage", lambda: memory)
    monkeypatch.setattr(asking, "readiness", lambda query, at_ms: found["ready"])
    return found


@pytest.fixture
def failing(history):
    """A rule that fires above 0.2 for two minutes; its one alert began 80 seconds ago."""
    row = rule(name="Failing", expr="fail > 0.2", for_duration=timedelta(minutes=2))
    RuleVersion.objects.update(changed_at=AT - timedelta(days=1))
    begun = AT - timedelta(seconds=80)
    alert(
        rule=row,
        rule_name="Failing",
        labels={"node": "b"},
        state="pending",
        fired_at=None,
        started_at=begun,
    )
    return row


def lines(found):
    return [line for section in found.sections for line in section.lines]


def test_explain__pending(failing):
    """How long it is true, and when it will fire."""
    found = explain(failing, now=AT)
    text = lines(found)
    assert "It is pending since 2023-11-14 22:13:40 UTC: true for 1 min 20 s of 2 min." in text
    assert "It fires at 2023-11-14 22:15:40 UTC if it lasts." in text
    assert 'fail {node="b"}: 0.5 is above 0.2.' in text
    assert found.section("values")[0] == "The expression gives 1 series (from history)."


def test_explain__not_pending(failing):
    """Of another series: what is lacking."""
    found = explain(failing, labels={"node": "a"}, now=AT)
    assert found.section("why") == (
        "It has not been evaluated yet.",
        'fail {node="a"}: 0.12 is not above 0.2.',
        "So nothing is pending or fires by it.",
        "There was no alert of it then.",
    )


@pytest.mark.parametrize(
    ("health", "reason", "told"),
    [
        (
            "no_data",
            "collector economic is stale",
            "No data since 2023-11-14 22:15:00 UTC: collector economic is stale.",
        ),
        (
            "stale",
            "the newest page is old.",
            "Its values are too old since 2023-11-14 22:15:00 UTC: the newest page is old.",
        ),
        (
            "dormant",
            "family x is not fed",
            "Dormant since 2023-11-14 22:15:00 UTC: family x is not fed.",
        ),
        (
            "error",
            "too many series",
            "It cannot be evaluated since 2023-11-14 22:15:00 UTC: too many series.",
        ),
        (
            "waiting",
            "history is too young.",
            "It needs history since 2023-11-14 22:15:00 UTC: history is too young.",
        ),
    ],
)
def test_explain__health(failing, health, reason, told):
    """What the evaluation said, with what to wait for."""
    ready = AT + timedelta(hours=1) if health == "waiting" else None
    RuleState.objects.create(rule=failing, health=health, reason=reason, since=AT, ready_at=ready)
    failing.refresh_from_db()
    lines = explain(failing, now=AT).section("why")
    assert lines[0] == told
    assert ("It is ready on 2023-11-14 23:15:00 UTC." in lines) is (ready is not None)


def test_explain__the_version_of_that_time(failing):
    """What the rule said then is asked and shown, not what it says now."""
    failing.expr, failing.for_duration = "fail > 0.9", timedelta()
    failing.save()
    RuleVersion.objects.filter(version=2).update(changed_at=AT + timedelta(hours=1))
    then = explain(failing, AT, now=AT + timedelta(hours=2))
    assert "expr: fail > 0.2" in then.section("rule")
    assert "version 1 since" in then.section("rule")[0]
    assert "the newest is 2" in then.section("rule")[0]
    later = explain(failing, AT + timedelta(hours=2), now=AT + timedelta(hours=3))
    assert "expr: fail > 0.9" in later.section("rule")


def test_explain__evidence_where_history_is_gone(failing, history):
    """Weeks later the numbers of the transition are there."""
    row = failing.alerts.get()
    event(row, "pending", at=AT, slot_ms=SLOT)
    keep(AT)
    history["ready"] = Readiness(ready=False, needs_ms=SLOT, begins_ms=SLOT + 1)
    found = explain(failing, AT, now=AT + timedelta(days=30))
    assert (
        found.section("values")[0]
        == "The expression gives 1 series (from the evidence of its alerts)."
    )
    assert 'fail {node="b"}: 0.5 is above 0.2.' in found.section("why")


def test_explain__says_what_is_not_known(failing, history):
    """Neither history nor evidence: no sentence about values."""
    history["ready"] = Readiness(ready=False, needs_ms=SLOT, begins_ms=SLOT + 1)
    found = explain(failing, AT, now=AT + timedelta(days=30))
    (line,) = found.section("values")
    assert line.startswith("Not all values are known: needs history")
    assert not [one for one in found.section("why") if "above" in one]


def test_explain__the_slot(failing):
    """Evaluated when and how long; or the last one before."""
    Evaluation.objects.create(
        group=failing.group, slot_ms=SLOT, token=1, started_at=AT, duration_seconds=0.0123, rules=1
    )
    assert explain(failing, AT, now=AT).section("slot") == (
        "Slot 2023-11-14 22:15:00 UTC: evaluated at 2023-11-14 22:15:00 UTC in 0.012 s.",
    )
    later = explain(failing, AT + timedelta(minutes=5), now=AT + timedelta(minutes=5))
    assert later.section("slot")[1] == "The last one before: 2023-11-14 22:15:00 UTC."


@pytest.mark.parametrize(
    ("seconds", "told"),
    [
        (-1, "0 s"), (0.2, "0 s"), (59.6, "1 min"), (367, "6 min 7 s"), (3605, "1 h"),
        (90_061, "1 d 1 h"), (86_400, "1 d"),
    ],
)  # fmt: skip
def test_lasted__in_two_units(seconds, told):
    """As pages write lengths of time; what comes after a unit that is 0 says nothing."""
    assert lasted(timedelta(seconds=seconds)) == told


SLOT_WIDTH = timedelta(minutes=1)


@pytest.mark.parametrize(
    ("seconds", "is_due"),
    [(0, False), (59, False), (60, True), (66, True), (119, True), (121, True)],
)
def test_slot__that_is_due_is_not_one_that_was_missed(failing, seconds, is_due):
    """In its first seconds it is awaited, and what is told is of the one before it."""
    RuleGroup.objects.update(interval_seconds=60)
    failing.refresh_from_db()
    Evaluation.objects.create(
        group=failing.group, slot_ms=SLOT, token=1, started_at=AT, duration_seconds=0.01, rules=1
    )
    now = AT + timedelta(seconds=seconds)
    # From two intervals on, the one that is asked for was due a while ago.
    asked = min(now, AT + timedelta(seconds=119))
    lines = explain(failing, asked, now=now).section("slot")
    assert ("is due, not evaluated yet" in lines[0]) is is_due
    assert not any("no longer known" in line for line in lines)
    assert lines[-1].startswith("Slot 2023-11-14 22:15:00 UTC: evaluated at")


def test_slot__values_are_those_of_the_last_evaluated_one(failing, monkeypatch):
    """A slot that is due was seen by nobody: what stands beside it is what was judged."""
    RuleGroup.objects.update(interval_seconds=60)
    failing.refresh_from_db()
    asked = []

    def ask(query, at_ms, *others):
        asked.append(at_ms)
        return Values()

    monkeypatch.setattr(telling, "ask", ask)
    now = AT + SLOT_WIDTH + timedelta(seconds=6)
    explain(failing, now=now)
    Evaluation.objects.create(
        group=failing.group, slot_ms=SLOT, token=1, started_at=AT, duration_seconds=0.01, rules=1
    )
    explain(failing, now=now)
    assert asked == [SLOT + 60_000, SLOT]


@pytest.mark.parametrize("why", ["old", "two are lacking", "disabled", "elsewhere"])
def test_slot__that_was_missed_is_no_due_one(failing, settings, why):
    """Past its interval and the grace, behind a gap, or where nobody evaluates: not awaited."""
    RuleGroup.objects.update(interval_seconds=60)
    failing.enabled = why != "disabled"
    failing.save()
    failing.refresh_from_db()
    settings.ZEROSTATE_MONITORING_EVALUATE = why != "elsewhere"
    Evaluation.objects.create(
        group=failing.group, slot_ms=SLOT, token=1, started_at=AT, duration_seconds=0.01, rules=1
    )
    at = AT + SLOT_WIDTH * (2 if why == "two are lacking" else 1) + timedelta(seconds=6)
    now = at + timedelta(seconds=90) if why == "old" else at
    lines = explain(failing, at, now=now).section("slot")
    assert "not evaluated, or so long ago" in lines[0]
    assert lines[1] == "The last one before: 2023-11-14 22:15:00 UTC."


@pytest.fixture
def fires(failing):
    """The alert has fired, was held back, and was told."""
    row = failing.alerts.get()
    row.state, row.fired_at = "firing", AT
    row.save()
    team = receiver(name="team")
    route = Route.objects.create(name="critical ones", matchers='node="b"', position=1)
    RouteStep.objects.create(route=route, receiver=team)
    Route.objects.create(name="others", matchers='node="z"', position=2)
    event(row, "suppressed", at=AT, detail={"kind": "silence", "text": "Silence 7 by Ann."})
    sent = message(AT + timedelta(seconds=30), attempts=2, status=200, answer="ok")
    entry(row, AT, sent, group=notification_group(receiver=team), event=event(row, at=AT))
    return row


def test_explain__who_was_told(fires, failing):
    """Silences, routes with what they lack, messages with tries and the answer."""
    later = AT + timedelta(minutes=1)
    Silence.objects.create(
        matchers='node="b"',
        starts_at=AT,
        ends_at=later + timedelta(hours=1),
        comment="x",
        author="Ann",
    )
    section = explain(failing, later, now=later).sections[-1]
    assert section.title.endswith('{node="b"}')
    text = "\n".join(section.lines)
    assert "It fires since 2023-11-14 22:15:00 UTC, for 1 min." in text
    assert "Held back: 2023-11-14 22:15:00 UTC: not sent: Silence 7 by Ann." in text
    assert "Held back: Now: Silence" in text
    assert "Route: critical ones → team: All its matchers are met." in text
    assert "Route: others: Not reached: critical ones took the alert" in text
    assert "team is told “fired”: sent at 2023-11-14 22:15:30 UTC, 2 tries. Answer: 200 ok" in text


def test_explain__over(fires, failing):
    """What has ended says when and why."""
    fires.state, fires.ended_at, fires.end_reason = (
        "resolved",
        AT + timedelta(minutes=5),
        "rule_edited",
    )
    fires.save()
    later = AT + timedelta(hours=1)
    lines = explain(failing, later, now=later).sections[-1].lines
    assert lines[0].endswith("and is over.")
    assert (
        "It ended at 2023-11-14 22:20:00 UTC: its rule was edited: name or labels are others."
        in lines
    )
    then = explain(failing, AT + timedelta(minutes=1), now=later).sections[-1].lines
    assert (
        "Later it ended, at 2023-11-14 22:20:00 UTC: "
        "its rule was edited: name or labels are others." in then
    )


def test_explain__a_broken_expression(failing):
    """Says what is wrong, and no more."""
    failing.expr = "fail >"
    failing.save()
    RuleVersion.objects.update(changed_at=AT - timedelta(days=1))
    (line,) = explain(failing, now=AT).section("values")
    assert line.startswith("Not all values are known: ")


def test_command__prints_sections(failing, capsys):
    """Headings, and sentences below them."""
    call_command("monitoring_explain", "Failing", "--at", str(SLOT / 1000), "--labels", "node=b")
    text = capsys.readouterr().out
    assert text.startswith("Rule\n  Failing of group ")
    assert '\n  fail {node="b"}: 0.5 is above 0.2.\n' in text


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["Nothing"], "There is no rule Nothing"),
        (["Failing", "--at", "someday"], "is no time"),
        (["Failing", "--labels", "node"], "write NAME=VALUE"),
        (["Twice"], "name one by its number"),
        (["Failing", "--group", "other"], "in group other"),
    ],
)
def test_command__says_what_is_wrong(failing, arguments, told):
    """And what to write."""
    rule(name="Twice")
    rule(name="Twice")
    with pytest.raises(CommandError, match=told):
        call_command("monitoring_explain", *arguments)
