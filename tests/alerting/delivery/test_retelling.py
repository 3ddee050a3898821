"""Texts of alerts that are told again: with the value of the newest evaluation."""

from __future__ import annotations

import pytest

from tests.alerting.delivery.house import down
from tests.alerting.making import alert, rule
from zerostate_monitoring.alerting.delivery import retelling
from zerostate_monitoring.alerting.delivery.composing import view_of
from zerostate_monitoring.alerting.delivery.retelling import SECONDS, Newest, Retelling
from zerostate_monitoring.exceptions import SourceError
from zerostate_monitoring.models import Alert, GroupState, Rule
from zerostate_monitoring.models.outbox import Notice
from zerostate_monitoring.notifiers.base import Composed
from zerostate_monitoring.promql.data import Result, Sample, Vector

pytestmark = pytest.mark.django_db

TEXT = "{{ $labels.node }}{{ $labels.severity }} has {{ $value }}"
SLOT = 1_767_225_600_000


def fired(text=TEXT, value="7", **fields):
    """An alert that fired at 95, told so, and has another value at the newest slot."""
    of = rule(annotations={"summary": text}, severity="warning", expr="peers > 3")
    series = {"__name__": "peers", "node": "a"}
    row = alert(rule=of, value=95.0, annotations={"summary": "a has 95"}, series=series, **fields)
    values = {} if value is None else {str(row.pk): value}
    GroupState.objects.create(group=of.group, values=values, last_slot_ms=SLOT)
    return row


@pytest.mark.parametrize(
    ("notice", "told", "value"),
    [
        (Notice.FIRED, "a has 95", 95.0),
        (Notice.REPEATED, "a has 7", 7.0),
        (Notice.ESCALATED, "a has 7", 7.0),
        (Notice.RESOLVED, "a has 95", 95.0),
    ],
)
def test_texts__have_the_newest_value_where_an_alert_is_told_again(notice, told, value):
    """Number and text of one message say the same; templates see no label of the rule's own."""
    view = view_of(fired(), notice)
    assert (view.annotations, view.value) == ({"summary": told}, value)


@pytest.mark.parametrize(
    ("value", "told"), [("NaN", "a has NaN"), ("+Inf", "a has +Inf"), ("1e+06", "a has 1e+06")]
)
def test_texts__of_odd_values(value, told):
    """As Prometheus writes them."""
    assert view_of(fired(value=value), Notice.REPEATED).annotations == {"summary": told}


def test_texts__are_those_that_the_rule_has_now():
    """It was edited since: what is said of it is what its evaluation would say."""
    row = fired()
    Rule.objects.update(annotations={"summary": "{{ $value }}!", "note": "new"}, owner="core")
    view = view_of(Alert.objects.get(), Notice.REPEATED)
    assert view.annotations == {"summary": "7!", "note": "new", "owner": "core"}
    assert row.annotations == Alert.objects.get().annotations == {"summary": "a has 95"}


@pytest.mark.parametrize(
    "changes", [{"text": "{{ template }}"}, {"text": '{{ query "up{" }}'}, {"value": None}]
)  # fmt: skip
def test_texts__stay_where_they_cannot_be_filled_in(changes):
    """What was true when it fired says more than an error."""
    assert view_of(fired(**changes), Notice.REPEATED).annotations == {"summary": "a has 95"}


def test_texts__of_alerts_from_elsewhere_stay():
    """Of those without a rule, and of those from before their series' labels were kept."""
    assert Retelling().newest(alert(annotations={"summary": "x"})) is None
    row = fired()
    row.series = None
    assert Retelling().newest(row) == Newest(7.0, {"summary": "a has 95"})


class Asked:
    """A querier that keeps what it is asked."""

    def __init__(self, error=None):
        self.questions = []
        self.error = error

    def instant(self, text, at_ms, options):
        self.questions.append((text, at_ms, options.timeout_seconds))
        if self.error:
            raise self.error
        return Result(Vector(at_ms, (Sample((), 3.0),)))


def test_queries__are_asked_for_the_slot_and_within_the_time_of_the_message(monkeypatch):
    """All alerts of a flush share it; when it is over the texts stay as they were."""
    asked, seconds = Asked(), iter([0.0, 0.5, 7.0, 7.0 + SECONDS])
    monkeypatch.setattr(retelling, "querier", lambda: asked)
    row = fired('{{ query "sum(up)" | first | value }}')
    message = Retelling(clock=lambda: next(seconds))
    for _ in range(2):
        assert message.newest(row).annotations == {"summary": "3"}
    assert asked.questions == [("sum(up)", SLOT, SECONDS), ("sum(up)", SLOT, SECONDS - 0.5)]
    assert message.newest(row).annotations == {"summary": "a has 95"}
    assert len(asked.questions) == 2


def test_queries__that_nobody_answers_cost_the_new_text_alone(monkeypatch):
    """The message leaves, with the newest value."""
    monkeypatch.setattr(retelling, "querier", lambda: Asked(SourceError("away")))
    view = view_of(fired('{{ query "up" | first | value }}'), Notice.REPEATED)
    assert (view.annotations, view.value) == ({"summary": "a has 95"}, 7.0)


def test_repeat__each_try_has_the_texts_of_its_flush_and_the_next_message_newer_ones(
    house, monkeypatch
):
    """What was frozen is sent again with the same bytes and key, whatever the value is by then."""

    def compose(batch, target):
        texts = [[a.labels["n"], a.notice, a.annotations.get("summary")] for a in batch.alerts]
        return Composed("texts", {"alerts": texts})

    monkeypatch.setattr(house.recorder, "compose", compose)
    house.route(house.receiver(), repeat_interval_seconds=3600.0)
    Rule.objects.update(annotations={"summary": "at {{ $value }}"})
    row = house.fire("1")
    Alert.objects.update(series={}, annotations={"summary": "at 95"})

    def evaluated(value):
        GroupState.objects.update(values={str(row.pk): value}, last_slot_ms=SLOT)

    house.deliver()
    evaluated("7")
    house.recorder.script["ops"] = [down(), down()]
    house.deliver(3600)
    evaluated("8")
    house.deliver_until(lambda: len(house.told) == 2)
    tries = house.recorder.tries[1:]
    assert len(tries) == 3
    assert all(one == tries[0] for one in tries)
    assert house.told[1:] == [("ops", "1", "repeated")]
    assert tries[0][2] == {"alerts": [["1", "repeated", "at 7"]]}
    house.deliver(3600)
    assert house.recorder.tries[-1][2] == {"alerts": [["1", "repeated", "at 8"]]}
    assert house.recorder.tries[-1][1] != tries[0][1]
