"""Silences end by themselves, and remind."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.core import mail

from tests.admin.pseudo import english, speak
from tests.alerting.rows import HOUR, NOW, alert, silence
from zerostate_monitoring.alerting.suppression.tending import end_silence, remind, reminder_at, tend
from zerostate_monitoring.models import Alert, Silence
from zerostate_monitoring.models.words import AlertState

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


def ended(row):
    row.refresh_from_db()
    return row.ends_at <= NOW


def end_alerts():
    Alert.objects.update(state=AlertState.RESOLVED)


def test_silence__ends_when_the_last_alert_that_it_hit_has_ended():
    """Not before it has hit any, not while one is left, pending or firing, and not another one."""
    one = silence("alertname=NodeDown", ends_on_resolve=True)
    stays = silence("alertname=NodeDown")
    alert("Other")
    assert tend(NOW) == 0
    assert not ended(one)
    row = alert(state=AlertState.PENDING)
    tend(NOW)
    assert not ended(one)
    assert one.had_alerts
    Alert.objects.filter(pk=row.pk).update(state=AlertState.RESOLVED)
    assert tend(NOW) == 1
    assert ended(one)
    assert one.ends_at == NOW
    assert not ended(stays)


def test_silence_that_cannot_be_read__does_not_end_by_itself():
    """What is broken has not had its last alert."""
    row = silence("alertname=", ends_on_resolve=True, had_alerts=True)
    assert tend(NOW) == 0
    assert not ended(row)


def test_ending__of_one_that_has_not_begun():
    """It never begins; ending it twice changes nothing."""
    row = silence("a=b", NOW + HOUR, NOW + 2 * HOUR)
    assert end_silence(row, NOW)
    row.refresh_from_db()
    assert row.starts_at < row.ends_at == NOW
    assert not end_silence(row, NOW + MINUTE)


@pytest.mark.parametrize(
    ("length", "before"),
    [(8 * HOUR, 15 * MINUTE), (HOUR, 6 * MINUTE), (10 * MINUTE, MINUTE)],
)
def test_reminder__comes_a_quarter_of_an_hour_or_a_tenth_before(length, before):
    """A short silence reminds later."""
    row = Silence(starts_at=NOW, ends_at=NOW + length)
    assert reminder_at(row) == row.ends_at - before


def test_reminder__is_sent_once_to_the_author():
    """It says what will be told then; a second turn sends nothing."""
    ada = User.objects.create_user("ada", "ada@example.org")
    row = silence("alertname=NodeDown", NOW - 8 * HOUR, NOW + 20 * MINUTE, created_by=ada)
    alert(node="n1")
    remind(NOW)
    assert mail.outbox == []
    remind(NOW + 5 * MINUTE)
    remind(NOW + 6 * MINUTE)
    (message,) = mail.outbox
    assert message.to == ["ada@example.org"]
    assert message.subject == f"Silence {row.pk} ends in 15 min: upgrade"
    assert "It hits 1 firing and 0 pending of 1 live alert." in message.body
    assert "NodeDown" in message.body


def test_reminder__goes_through_gettext(monkeypatch):
    """What it says is in the installation's language; labels and comments stay."""
    ada = User.objects.create_user("ada", "ada@example.org")
    silence("alertname=NodeDown", NOW - 8 * HOUR, NOW + 15 * MINUTE, created_by=ada)
    alert(node="n1")
    speak(monkeypatch)
    remind(NOW)
    (message,) = mail.outbox
    known = ("alertname=NodeDown", "alertname", "NodeDown", "admin", "node")
    told = english(str(message.subject), []), english(str(message.body), [], known)
    assert told == ([], [])


def test_reminder_that_cannot_be_sent__is_logged_and_not_tried_again(settings, caplog):
    """A broken mail server keeps none of the other reminders from being tried."""
    settings.EMAIL_BACKEND = "tests.alerting.suppression.test_tending.RefusingBackend"
    ada = User.objects.create_user("ada", "ada@example.org")
    for comment in ("two\nlines", "other"):
        silence("a=b", NOW - HOUR, NOW + MINUTE, created_by=ada, comment=comment)
    assert remind(NOW) == 2
    assert remind(NOW) == 0
    assert [record.message for record in caplog.records] == ["silence_reminder_failed"] * 2


def test_reminder__needs_an_author_with_an_address():
    """One whose author is gone is noted all the same."""
    row = silence("a=b", NOW - HOUR, NOW + MINUTE)
    remind(NOW)
    assert mail.outbox == []
    row.refresh_from_db()
    assert row.reminded_at == NOW


class RefusingBackend:
    """A mail server that takes nothing."""

    def __init__(self, **options):
        assert options["timeout"] == 10

    def send_messages(self, messages):
        raise ConnectionRefusedError


def test_nothing_to_do__reads_no_alerts(django_assert_num_queries):
    """A turn without such silences costs a query each."""
    silence("a=b", NOW, NOW + 8 * HOUR)
    with django_assert_num_queries(2):
        tend(NOW)
        remind(NOW)
