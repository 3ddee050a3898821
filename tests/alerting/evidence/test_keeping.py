"""Transitions get their evidence, whole in the end, and cost the evaluation nothing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.alerting.making import alert, event, rule
from zerostate_monitoring.alerting.evidence import draw, keep, unpack
from zerostate_monitoring.exceptions import StoreUnavailableError
from zerostate_monitoring.models import Evidence
from zerostate_monitoring.promql.memory import MemoryStorage
from zerostate_monitoring.querying import engines

pytestmark = pytest.mark.django_db

SLOT = 1_700_000_100_000
AT = datetime.fromtimestamp(SLOT / 1000, UTC)
STEP = 15_000
TIMES = [SLOT + STEP * number for number in range(-200, 200)]


class Past:
    """Series as they were known at ``now_ms``; a test sets it on, or lets the store be away."""

    def __init__(self):
        self.now_ms = SLOT
        self.from_ms = 0
        self.is_away = False
        self.asked = 0
        rows = [
            ((("__name__", "load"), ("node", node)), TIMES, [float(n) for n in range(400)])
            for node in "abc"
        ]
        self.memory = MemoryStorage([*rows, ((("__name__", "most"),), TIMES, [100.0] * 400)])

    def select(self, matchers, start_ms, end_ms):
        if self.is_away:
            raise StoreUnavailableError("gone")
        self.asked += 1
        return self.memory.select(matchers, max(start_ms, self.from_ms), min(end_ms, self.now_ms))


@pytest.fixture
def past(monkeypatch):
    found = Past()
    monkeypatch.setattr(engines, "storage", lambda: found)
    return found


def fired(of=None, kind="firing", **fields):
    """An alert with a transition at the slot."""
    row = alert(
        rule=of or rule(expr="load > on () group_left () most"),
        started_at=AT,
        labels={"node": "a"},
        **fields,
    )
    event(row, kind, at=AT, slot_ms=SLOT)
    return row


def only(of):
    return unpack(of.evidence.get().series)


def test_keep__the_expression_and_its_operands(past):
    """Those of the alert's labels, half an hour back, as far as it is known."""
    row = fired()
    assert keep(AT) == 1
    found = only(row)
    assert [part.expr for part in found.parts] == [
        "load > on () group_left () most",
        "load",
        "most",
    ]
    whole, load, most = found.parts
    assert [dict(line.labels) for line in load.lines] == [{"__name__": "load", "node": "a"}]
    (line,) = load.lines
    assert (line.times[0], line.times[-1]) == (SLOT - 1_800_000, SLOT)
    assert (line.values[0], line.values[-1]) == (80.0, 200.0)
    assert [dict(line.labels) for line in most.lines] == [{"__name__": "most"}]
    assert whole.lines[0].values[0] == 101.0
    evidence = row.evidence.get()
    assert (evidence.kind, evidence.complete_at) == ("firing", AT + timedelta(minutes=15))


def test_keep__the_part_after_it_comes_later(past):
    """A quarter of an hour on, once."""
    row = fired()
    keep(AT)
    past.now_ms = SLOT + 900_000
    assert keep(AT + timedelta(minutes=14)) == 0
    assert keep(AT + timedelta(minutes=15)) == 1
    line = only(row).parts[1].lines[0]
    assert (line.times[0], line.times[-1]) == (SLOT - 1_800_000, SLOT + 900_000)
    assert row.evidence.get().complete_at is None
    assert keep(AT + timedelta(minutes=16)) == 0


def test_keep__outlives_history(past):
    """What history has lost in between stays from the first time."""
    row = fired()
    keep(AT)
    past.now_ms, past.from_ms = SLOT + 900_000, SLOT + 600_000
    keep(AT + timedelta(minutes=15))
    line = only(row).parts[1].lines[0]
    assert line.times[0] == SLOT - 1_800_000
    assert line.times[-1] == SLOT + 900_000


def test_keep__late_is_whole_at_once(past):
    """Where a worker was away for so long."""
    row = fired()
    past.now_ms = SLOT + 1_200_000
    keep(AT + timedelta(minutes=20))
    assert only(row).parts[1].lines[0].times[-1] == SLOT + 900_000
    assert row.evidence.get().complete_at is None


def test_keep__pending_and_firing_at_one_slot_are_one(past):
    """An alert without ``for`` has one row."""
    row = fired()
    event(row, "pending", at=AT, slot_ms=SLOT)
    assert keep(AT) == 1
    assert keep(AT) == 0
    assert row.evidence.get().kind == "firing"


def test_keep__one_question_for_all_alerts_of_a_slot(past):
    """A thousand alerts of one rule at one slot ask as much as one."""
    of = rule(expr="load > 5")
    for node in "abc":
        row = alert(rule=of, started_at=AT, labels={"node": node})
        event(row, at=AT, slot_ms=SLOT)
    assert keep(AT) == 3
    # The expression, and its one operand.
    assert past.asked == 2
    assert {
        unpack(one.series).parts[1].lines[0].labels["node"] for one in Evidence.objects.all()
    } == set("abc")


@pytest.mark.parametrize(
    "fields",
    [{"state": "expired", "ended_at": AT}, {"kind": "resolved"}],
)
def test_keep__nothing_for_what_nobody_asks_about(past, fields):
    """What ended before it fired, and ends."""
    fired(**fields)
    assert keep(AT) == 0


def test_keep__nothing_beyond_history(past, settings):
    """There would be nothing in it."""
    settings.ZEROSTATE_MONITORING_HISTORY = 3600
    fired()
    assert keep(AT + timedelta(minutes=61)) == 0
    assert keep(AT + timedelta(minutes=59)) == 1


def test_keep__the_store_away_is_for_the_next_run(past, caplog):
    """Nothing is written in place of what cannot be known now."""
    row = fired()
    past.is_away = True
    assert keep(AT) == 0
    assert not row.evidence.exists()
    assert "evidence_not_kept" in caplog.text
    past.is_away = False
    assert keep(AT) == 1


def test_keep__what_cannot_be_asked_says_so(past):
    """And is not asked again and again."""
    row = fired(rule(expr="load + ("))
    assert keep(AT) == 1
    assert not only(row).parts
    assert keep(AT) == 0


def test_keep__the_version_that_fired_is_asked(past):
    """Not what the rule says since."""
    of = rule(expr="load > 5")
    row = fired(of)
    of.expr = "most > 5"
    of.save()
    keep(AT)
    assert only(row).parts[0].expr == "load > 5"


def test_keep__is_bounded(past):
    """By rows and by time; firing goes first."""
    of = rule(expr="load > 5")
    for number in range(3):
        row = alert(rule=of, started_at=AT, state="pending", fired_at=None)
        event(row, "pending", at=AT, slot_ms=SLOT - number * STEP)
    firing = fired()
    assert keep(AT, most=1) == 1
    assert firing.evidence.exists()
    ticks = iter([0, 0, 11, 11, 11])
    assert keep(AT, clock=lambda: next(ticks)) == 1


def test_draw__shows_the_limit(past):
    """Of what is compared, with what it is compared with."""
    row = fired(rule(expr="load > 150"))
    keep(AT)
    (load,) = draw(only(row))
    assert (load.expr, load.limit) == ("load", 150.0)
    assert load.lines[0].labels == {"__name__": "load", "node": "a"}
