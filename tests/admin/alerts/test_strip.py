"""The life of an alert on one axis: states, acknowledgements, silences, who was told."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from zerostate_monitoring.admin.alerts.strip import rows_of, strip_of
from zerostate_monitoring.models import Alert, AlertEvent, Silence
from zerostate_monitoring.models.words import EventKind

AT = datetime(2026, 11, 26, 3, 0, tzinfo=UTC)


def minute(number):
    return AT + timedelta(minutes=number)


def ms(number):
    return int(minute(number).timestamp() * 1000)


def event(kind, at, **detail):
    return AlertEvent(kind=kind, at=minute(at), detail=detail)


@pytest.fixture
def alert():
    return Alert(rule_name="A", state="firing", labels={}, started_at=AT, fired_at=minute(2))


def bars(rows):
    return {
        row.label: [(bar.kind, bar.start_ms - ms(0), bar.end_ms - ms(0)) for bar in row.bars]
        for row in rows
    }


MINUTE = 60_000


def test_rows__states_from_events(alert):
    """It waits, fires, waits again where its rule was edited, and fires."""
    events = [
        event(EventKind.PENDING, 0),
        event(EventKind.FIRING, 2),
        event(EventKind.BACK_TO_PENDING, 5),
        event(EventKind.FIRING, 8),
    ]
    assert bars(rows_of(alert, events, [], minute(10))) == {
        "state": [
            ("pending", 0, 2 * MINUTE),
            ("firing", 2 * MINUTE, 5 * MINUTE),
            ("pending", 5 * MINUTE, 8 * MINUTE),
            ("firing", 8 * MINUTE, 10 * MINUTE),
        ]
    }


def test_rows__without_events_by_the_row(alert):
    """Events were pruned, or there were too many: the row knows."""
    found = bars(rows_of(alert, [], [], minute(4)))["state"]
    assert found == [("pending", 0, 2 * MINUTE), ("firing", 2 * MINUTE, 4 * MINUTE)]
    alert.fired_at = None
    assert bars(rows_of(alert, [], [], minute(4)))["state"] == [("pending", 0, 4 * MINUTE)]


def test_rows__all_on_one_axis(alert):
    """Who took it on, what held it back, silences, messages that arrived or not, comments."""
    events = [
        event(EventKind.FIRING, 2),
        event(EventKind.SENT, 3, receiver="pager", status=202),
        event(EventKind.DEAD, 3, receiver="chat", status=404),
        event(EventKind.ACKNOWLEDGED, 4),
        event(EventKind.COMMENTED, 5, comment="disks"),
        event(EventKind.SUPPRESSED, 6),
        event(EventKind.UNSUPPRESSED, 7),
        event(EventKind.UNACKNOWLEDGED, 8),
    ]
    silence = Silence(starts_at=minute(5), ends_at=minute(30), comment="new disks")
    rows = rows_of(alert, events, [silence], minute(10))
    found = bars(rows)
    assert found["acknowledged"] == [("acknowledged", 4 * MINUTE, 8 * MINUTE)]
    assert found["held back"] == [("held back", 6 * MINUTE, 7 * MINUTE)]
    assert found["silenced"] == [("held back", 5 * MINUTE, 10 * MINUTE)]
    assert [kind for kind, _start, _end in found["told"]] == ["told", "not told"]
    assert found["comments"] == [("comment", 5 * MINUTE, 5 * MINUTE)]
    said = {row.label: [bar.said for bar in row.bars] for row in rows}
    assert said["told"] == ["sent: to pager, 202", "could not be delivered: to chat, 404"]
    assert said["silenced"] == ["new disks"]


def test_strip__words_stand_in_bars_and_texts_are_escaped(alert):
    """No colour alone, and no comment that does something."""
    events = [event(EventKind.FIRING, 2), event(EventKind.COMMENTED, 3, comment="<script>x")]
    picture = strip_of(alert, events, [], minute(60))
    assert ">firing</text>" in picture
    assert "<script>" not in picture
    assert "What happened to the alert over time" in picture


def test_strip__shows_what_was_told_after_the_end(alert):
    """The message that it is over comes after it was."""
    alert.ended_at = minute(5)
    events = [event(EventKind.FIRING, 2), event(EventKind.SENT, 9, receiver="pager")]
    picture = strip_of(alert, events, [], minute(100))
    assert "sent: to pager" in picture
