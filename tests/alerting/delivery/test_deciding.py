"""What a flush tells: each entry ends once, and nobody is told what is not so."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count

from hypothesis import given
from hypothesis import strategies as st

from zerostate_monitoring.alerting.delivery.deciding import Plan, Read, decide
from zerostate_monitoring.alerting.delivery.parting import parts_of
from zerostate_monitoring.alerting.delivery.places import Place
from zerostate_monitoring.models import Alert, OutboxEntry
from zerostate_monitoring.models.outbox import Notice
from zerostate_monitoring.models.words import AlertState

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
REPEAT = timedelta(hours=4)
PLACE = Place("k", 1, 1, (), timedelta(0), timedelta(minutes=5), REPEAT)
FIRST = (Notice.FIRED, Notice.ESCALATED, Notice.REPEATED)


@dataclass(frozen=True)
class Why:
    """What holds an alert back."""

    kind: str = "silence"
    pk: int = 1
    text: str = "quiet"


@dataclass(frozen=True)
class Given:
    """What was read, and which of its alerts are held back."""

    read: Read
    held: frozenset[int]

    def reason_for(self, alert: Alert) -> Why | None:
        return Why() if alert.pk in self.held else None

    @property
    def plan(self) -> Plan:
        return decide(self.read, PLACE, self.reason_for, NOW)


@st.composite
def given_groups(draw: st.DrawFn) -> Given:
    """Up to five alerts: what fires or has ended, was told or not, is due in any order."""
    numbers, due, told, firing, held, left = count(1), [], set(), [], set(), set()
    for pk in range(1, draw(st.integers(1, 5)) + 1):
        fires = draw(st.booleans())
        severity = draw(st.sampled_from(["critical", "warning", "x", ""]))
        state = AlertState.FIRING if fires else AlertState.RESOLVED
        alert = Alert(pk=pk, state=state, severity=severity, fired_at=NOW, started_at=NOW)
        if draw(st.booleans()):
            told.add(pk)
            firing += [alert] if fires else []
        if draw(st.booleans()):
            held.add(pk)
        if draw(st.booleans()):
            left.add(pk)
        notices = draw(st.lists(st.sampled_from(FIRST), max_size=2))
        ends = [] if fires else draw(st.lists(st.just(Notice.RESOLVED), max_size=1))
        due += [OutboxEntry(alert=alert, notice=notice) for notice in (*notices, *ends)]
    for entry in (due := draw(st.permutations(due))):
        entry.pk = next(numbers)
    told_at = draw(st.none() | st.sampled_from([NOW - REPEAT, NOW - REPEAT + timedelta(seconds=1)]))
    return Given(Read(due, frozenset(told), firing, told_at, frozenset(left)), frozenset(held))


@given(given_groups())
def test_entries__end_once_each(one: Given) -> None:
    """Told, superseded or suppressed: none is lost, and none is two of it."""
    plan = one.plan
    ended = [
        *[told.entry.pk for told in plan.told if told.entry],
        *plan.superseded,
        *plan.suppressed,
    ]
    assert sorted(ended) == sorted(entry.pk for entry in one.read.due)


@given(given_groups())
def test_message__tells_each_alert_once_and_what_is_so(one: Given) -> None:
    """What fires as firing, what has ended to those who knew of it, what is held back not."""
    lines = one.plan.lines()
    alerts = [told.alert for told in lines]
    assert len({alert.pk for alert in alerts}) == len(alerts)
    for told in lines:
        has_ended = told.notice is Notice.RESOLVED
        assert has_ended is (told.alert.state != AlertState.FIRING)
        if has_ended:
            assert told.alert.pk in one.read.told
        else:
            assert told.alert.pk not in one.held


@given(given_groups())
def test_news__is_told_whatever_else_is_due(one: Given) -> None:
    """Who fires and is free is told if a word of it is due; who knew of it hears of an end."""
    told = {line.alert.pk for line in one.plan.told}
    for entry in one.read.due:
        pk, fires = entry.alert.pk, entry.alert.state == AlertState.FIRING
        if fires:
            assert (pk in told) is (pk not in one.held)
        elif entry.notice == Notice.RESOLVED:
            assert (pk in told) is (pk in one.read.told)


@given(given_groups())
def test_repetition__comes_at_its_time_and_not_before(one: Given) -> None:
    """After ``repeat_interval`` to the instant: all that fire, are free and led here still."""
    plan, read = one.plan, one.read
    news = {line.alert.pk for line in plan.told}
    still = {
        alert.pk
        for alert in read.firing
        if alert.pk not in read.left and alert.pk not in one.held and alert.pk not in news
    }
    if read.told_at == NOW - REPEAT:
        assert {alert.pk for alert in plan.repeated} == still
    else:
        assert plan.repeated == []
        assert {alert.pk for alert in plan.unchanged} == (still if news else set())


@given(given_groups(), st.integers(1, 3), st.booleans())
def test_parts__tell_all_of_a_plan_once(one: Given, most: int, tells_each: bool) -> None:
    """Each line stands by name, or is counted; a receiver of single alerts is spared old news."""
    plan = one.plan
    parts = parts_of(plan, most, tells_each=tells_each)
    lines = [told for part in parts for told in (*part.lines, *part.counted)]
    known = {alert.pk for alert in plan.unchanged} if tells_each else set()
    wanted = [told for told in plan.lines() if told.alert.pk not in known] if plan.sends else []
    assert lines == wanted
    assert all(1 <= len(part.lines) <= most for part in parts)
    assert all(not part.counted for part in parts) or not tells_each
    assert len(parts) <= 1 or tells_each
