"""Messages show the values that led to their alerts, and never wait for them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.alerting.making import alert, rule
from zerostate_monitoring.alerting.delivery.composing import view_of
from zerostate_monitoring.alerting.delivery.pasts import MOST_QUESTIONS, SECONDS, pasts_of
from zerostate_monitoring.exceptions import StoreUnavailableError
from zerostate_monitoring.models.outbox import Notice
from zerostate_monitoring.notifiers.mail import pictures
from zerostate_monitoring.promql.memory import MemoryStorage
from zerostate_monitoring.querying import engines

pytestmark = pytest.mark.django_db

AT_MS = 1_700_000_100_000
AT = datetime.fromtimestamp(AT_MS / 1000, UTC)
TIMES = [AT_MS + 15_000 * number for number in range(-200, 1)]


class Known:
    """What history knows: the load of three nodes, which rises from 0 to 200."""

    def __init__(self):
        self.asked = 0
        self.is_away = False
        values = [float(n) for n in range(201)]
        self.memory = MemoryStorage(
            [((("__name__", "load"), ("node", node)), TIMES, values) for node in "abc"]
        )

    def select(self, matchers, start_ms, end_ms):
        self.asked += 1
        if self.is_away:
            raise StoreUnavailableError("gone")
        return self.memory.select(matchers, start_ms, end_ms)


@pytest.fixture
def known(monkeypatch):
    found = Known()
    monkeypatch.setattr(engines, "storage", lambda: found)
    return found


def fired(node="a", of=None, **labels):
    of = of or rule(expr="load > 190", labels={"team": "x"})
    return alert(
        rule=of, labels={"alertname": "Load", "team": "x", "node": node, **labels}, value=200.0
    )


def test_pasts_of__is_what_is_watched_also_while_it_was_well(known):
    """Half an hour of the alert's own series, although the rule was true at the end alone."""
    row = fired("b")
    past = pasts_of([row], AT)[row.pk]
    assert len(past) == 121
    assert past[0] == (AT_MS - 1_800_000, 80.0)
    assert past[-1] == (AT_MS, 200.0)


def test_pasts_of__is_drawn_in_the_mail(known):
    """The picture is there, of a firing alert and of one that has ended."""
    row = fired()
    past = pasts_of([row], AT)[row.pk]
    for notice in (Notice.FIRED, Notice.RESOLVED):
        row.ended_at = AT + timedelta(minutes=1)
        assert len(pictures([view_of(row, notice, past)])) == 1


def test_pasts_of__one_question_for_all_alerts_of_a_rule(known):
    """And of many rules the first ones alone."""
    same = rule(expr="load > 190")
    rows = [fired(node, same) for node in "abc"]
    assert len(pasts_of(rows, AT)) == 3
    assert known.asked == 1
    others = [fired("a", rule(expr=f"load > {n}", name=f"R{n}")) for n in range(6)]
    for row in others:
        row.rule.expr = f"load + {row.pk} > 1"
    assert len(pasts_of(others, AT)) == MOST_QUESTIONS


def test_pasts_of__nothing_where_several_series_could_be_the_alerts(known):
    """A picture of another node would be worse than none."""
    row = alert(rule=rule(expr="count(load) > 1"), labels={"alertname": "Load"}, value=3.0)
    row.rule.expr = "load > 1"
    assert pasts_of([row], AT) == {}


def test_pasts_of__a_store_that_is_away_costs_the_picture_alone(known, caplog):
    """The message leaves; the log says what is missing."""
    known.is_away = True
    assert pasts_of([fired()], AT) == {}
    assert "past_not_known" in caplog.text


def test_pasts_of__what_cannot_be_read_any_more_asks_nothing(known):
    """A rule that is gone, or whose expression is none."""
    gone, broken = fired(), fired()
    gone.rule = None
    broken.rule.expr = "load >"
    assert pasts_of([gone, broken], AT) == {}


def test_pasts_of__ends_after_a_moment(known):
    """A question that took its time is the last one."""
    times = iter([0.0, 0.0, SECONDS])
    rows = [fired("a", rule(name="A")), fired("b", rule(name="B"))]
    rows[0].rule.expr, rows[1].rule.expr = "load + 1 > 1", "load + 2 > 1"
    assert list(pasts_of(rows, AT, clock=lambda: next(times))) == [rows[0].pk]
