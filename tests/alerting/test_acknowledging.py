"""Somebody takes an alert on."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User

from tests.alerting.rows import HOUR, NOW, alert
from zerostate_monitoring.alerting.acknowledging import acknowledge, end_due, unacknowledge
from zerostate_monitoring.alerting.signals import messages_due
from zerostate_monitoring.models import Alert, AlertEvent
from zerostate_monitoring.models.words import AlertState, EventKind

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada():
    return User.objects.create_user("ada")


@pytest.fixture
def woken():
    """How often the delivery was woken."""
    calls = []

    def hear(sender, **kwargs):
        calls.append(sender)

    messages_due.connect(hear)
    yield calls
    messages_due.disconnect(hear)


def events():
    return [(event.kind, event.actor, event.detail) for event in AlertEvent.objects.all()]


def test_acknowledging__is_kept_with_its_event(ada, woken, django_capture_on_commit_callbacks):
    """Who, what, until when: in the row and in the trail; the delivery is woken once committed."""
    row = alert()
    with django_capture_on_commit_callbacks(execute=True):
        assert acknowledge(row, ada, "on it", NOW + HOUR, now=NOW)
        assert woken == []
    assert woken == [Alert]
    row.refresh_from_db()
    assert (row.acknowledged_at, row.acknowledged_until) == (NOW, NOW + HOUR)
    assert (row.acknowledged_by, row.acknowledgement) == (ada, "on it")
    detail = {"comment": "on it", "until": "2026-11-26T13:00:00+00:00"}
    assert events() == [(EventKind.ACKNOWLEDGED, ada, detail)]


def test_acknowledging_again__changes_until_when(ada):
    """The last word counts, both stand in the trail."""
    row = alert()
    acknowledge(row, ada, "on it", NOW + HOUR, now=NOW)
    assert acknowledge(row, ada, "longer", None, now=NOW)
    row.refresh_from_db()
    assert row.acknowledged_until is None
    assert len(events()) == 2


@pytest.mark.parametrize("state", [AlertState.PENDING, AlertState.RESOLVED, AlertState.EXPIRED])
def test_what_does_not_fire__is_not_acknowledged(state, ada):
    """Even where the page that was looked at is older."""
    row = alert()
    Alert.objects.update(state=state)
    assert not acknowledge(row, ada, "on it", now=NOW)
    assert events() == []


def test_past__is_no_until(ada):
    """An acknowledgement that is over before it begins is a mistake."""
    with pytest.raises(ValueError, match="still to come"):
        acknowledge(alert(), ada, "", NOW, now=NOW)


def test_unacknowledging__gives_it_back(ada):
    """Once; there is nothing to give back then."""
    row = alert()
    acknowledge(row, ada, "on it", now=NOW)
    assert unacknowledge(row, ada, now=NOW)
    assert not unacknowledge(row, ada, now=NOW)
    row.refresh_from_db()
    assert (row.acknowledged_at, row.acknowledged_by, row.acknowledgement) == (None, None, "")
    assert [kind for kind, *_ in events()] == [EventKind.ACKNOWLEDGED, EventKind.UNACKNOWLEDGED]


def test_time_that_is_over__ends_it_once(ada):
    """With an event that says why; one that has been prolonged stays."""
    over, prolonged = alert(node="1"), alert(node="2")
    acknowledge(over, ada, "", NOW + HOUR, now=NOW)
    acknowledge(prolonged, ada, "", NOW + 3 * HOUR, now=NOW)
    assert end_due(NOW) == 0
    assert end_due(NOW + HOUR) == 1
    assert end_due(NOW + HOUR) == 0
    over.refresh_from_db()
    assert over.acknowledged_at is None
    assert events()[-1] == (EventKind.UNACKNOWLEDGED, None, {"reason": "its time is over"})
