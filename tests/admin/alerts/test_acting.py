"""What people do to alerts: each by its permission, by POST, and in the audit log."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission, User
from django.urls import reverse
from django.utils import timezone

from tests.alerting.alerts import make_alert
from tests.models.rules import make_rule
from zerostate_monitoring.models import Alert, Silence
from zerostate_monitoring.models.words import AlertState

pytestmark = pytest.mark.django_db

ALERTS = reverse("admin:zerostate_monitoring_alert_changelist")
DOINGS = {
    "acknowledge": "acknowledge_alert",
    "unacknowledge": "acknowledge_alert",
    "comment": "acknowledge_alert",
    "silence": "silence_alert",
    "verdict": "judge_alert",
}
POSTED = {"comment": "looking into it", "until": "4h", "lasts": "4h", "verdict": "noise"}


def url(page, alert):
    return reverse(f"admin:zerostate_monitoring_alert_{page}", args=[alert.pk])


def text(response):
    return response.content.decode()


def do(client, name, alert, **changes):
    return client.post(url(name, alert), {**POSTED, **changes}, follow=True)


def logged():
    return [entry.change_message for entry in LogEntry.objects.order_by("pk")]


def kinds(alert):
    return [event.kind for event in alert.events.all()]


@pytest.fixture
def alert():
    return make_alert(make_rule(), "edge-7")


def test_acknowledge__with_a_comment_and_back(browser, alert):
    """Who, why and until when; then the acknowledgement is taken back."""
    assert "Acknowledged: looking into it" in text(do(browser, "acknowledge", alert))
    alert.refresh_from_db()
    assert (alert.acknowledged_by.username, alert.acknowledgement) == ("root", "looking into it")
    left = alert.acknowledged_until - timezone.now()
    assert timedelta(hours=3.9) < left <= timedelta(hours=4)

    do(browser, "unacknowledge", alert)
    alert.refresh_from_db()
    assert alert.acknowledged_at is None
    assert kinds(alert) == ["acknowledged", "unacknowledged"]
    assert logged() == [
        "Acknowledged: looking into it", "Acknowledgement taken back: it is told again.",
    ]  # fmt: skip


def test_acknowledge__only_what_fires(browser, alert):
    """Said in words; nothing is written down."""
    Alert.objects.update(state=AlertState.RESOLVED)
    assert "Only an alert that fires can be acknowledged" in text(do(browser, "acknowledge", alert))
    assert logged() == []


def test_comment__stands_in_the_trail(browser, alert):
    """With its author; an empty one is none."""
    do(browser, "comment", alert, comment="<b>the switch</b> was off")
    assert "The comment is empty." in text(do(browser, "comment", alert, comment="  "))
    page = text(browser.get(url("change", alert)))
    assert "&lt;b&gt;the switch&lt;/b&gt; was off" in page
    assert kinds(alert) == ["commented"]
    assert len(logged()) == 1


def test_silence__one_click(browser, alert):
    """By all labels of this alert, for a while, ending with it."""
    assert "Silenced for 4h" in text(do(browser, "silence", alert))
    made = Silence.objects.get()
    assert 'node="edge-7"' in made.matchers
    assert (made.alert, made.ends_on_resolve, made.author) == (alert, True, "root")
    assert "silenced" in text(browser.get(ALERTS))
    assert logged()[0].startswith("Silenced for 4h: ")


@pytest.mark.parametrize("verdict", ["useful", "noise"])
def test_verdict__and_back(browser, alert, verdict):
    """It counts for the table of noise until it is taken back."""
    do(browser, "verdict", alert, verdict=verdict)
    alert.refresh_from_db()
    assert alert.verdict == verdict
    do(browser, "verdict", alert, verdict="")
    alert.refresh_from_db()
    assert alert.verdict == ""
    assert len(logged()) == 2


@pytest.mark.parametrize("bad", ["", "x", "-1h", "999y", "0s", "\x00", "9" * 5_000, "{{"])
def test_bad_input__is_said_and_changes_nothing(browser, alert, bad):
    """Lengths that are none, and verdicts that are none."""
    before = Alert.objects.values().get()
    do(browser, "silence", alert, lasts=bad)
    if bad:
        do(browser, "acknowledge", alert, until=bad)
        do(browser, "verdict", alert, verdict=bad)
    assert Alert.objects.values().get() == before
    assert not Silence.objects.exists()
    assert logged() == []


@pytest.mark.parametrize("name", ["acknowledge", "comment", "silence"])
@pytest.mark.parametrize("bad", ["a\x00b", "x" * 10_000, "💥\u202e{{ $labels", "<script>alert(1)"])
def test_comments__any_text(browser, alert, name, bad):
    """Kept as far as it can be, or refused; shown as text."""
    said = text(do(browser, name, alert, comment=bad))
    assert ("character NUL" in said) is ("\x00" in bad)
    page = browser.get(url("change", alert))
    assert page.status_code == 200
    assert "<script>alert(1)" not in text(page)


@pytest.mark.parametrize("name", DOINGS)
def test_get__does_nothing(browser, alert, name):
    """A link in a mail that something follows changes nothing."""
    browser.get(url(name, alert), POSTED)
    assert logged() == []
    assert kinds(alert) == []


@pytest.mark.parametrize("name", DOINGS)
def test_viewer__can_do_nothing(viewer, alert, name):
    """Who may only look is refused, and is offered nothing."""
    before = Alert.objects.values().get()
    assert do(viewer, name, alert).status_code == 403
    assert Alert.objects.values().get() == before
    assert not Silence.objects.exists()
    page = text(viewer.get(url("change", alert)))
    assert "<form" not in page.split('id="content-main"')[1]


@pytest.mark.parametrize(("name", "permission"), DOINGS.items())
def test_permission__allows_just_that(viewer, alert, name, permission):
    """With its permission one thing can be done, and no other."""
    if name == "unacknowledge":
        Alert.objects.update(acknowledged_at=timezone.now(), acknowledged_by=None)
    found = Permission.objects.get(codename=permission)
    User.objects.get(username="viewer").user_permissions.add(found)
    assert do(viewer, name, alert).status_code == 200
    assert len(logged()) == 1
    others = [one for one, wanted in DOINGS.items() if wanted != permission]
    assert {do(viewer, one, alert).status_code for one in others} == {403}


def test_permission__without_view_is_none(client, alert):
    """Who may silence and not look does not silence."""
    user = User.objects.create_user("deaf", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=DOINGS.values()))
    client.force_login(user)
    assert {do(client, name, alert).status_code for name in DOINGS} == {403}


def test_stranger__is_sent_to_log_in(client, alert):
    """Nobody acts without a session."""
    assert "/login/" in client.post(url("silence", alert), POSTED).headers["Location"]
    assert not Silence.objects.exists()


# -- many --------------------------------------------------------------------------


def act(client, action, alerts, **more):
    posted = {"action": action, "_selected_action": [one.pk for one in alerts], **POSTED, **more}
    return client.post(ALERTS, posted, follow=True)


@pytest.mark.parametrize("action", ["acknowledge", "silence"])
def test_many__are_asked_for_and_logged_each(browser, alert, action):
    """A page with a comment and a length first; then each stands in the audit log."""
    other = make_alert(alert.rule, "edge-8")
    ended = make_alert(alert.rule, "edge-9", AlertState.RESOLVED)
    page = text(act(browser, action, [alert, other, ended]))
    assert "2 alerts" in page
    assert "edge-8" in page
    assert "edge-9" not in page
    assert logged() == []

    page = text(act(browser, action, [alert, other, ended], confirmed="yes"))
    assert "Done for 2 alerts." in page
    assert {entry.object_id for entry in LogEntry.objects.all()} == {str(alert.pk), str(other.pk)}
    assert len(logged()) == 2


@pytest.mark.parametrize("action", ["acknowledge", "silence"])
@pytest.mark.parametrize("bad", [{"until": "x", "lasts": "x"}, {"comment": "a\x00b"}])
def test_many__bad_input(browser, alert, action, bad):
    """Said in words, and nothing is done."""
    assert "Done for 0 alerts." in text(act(browser, action, [alert], confirmed="yes", **bad))
    assert logged() == []


@pytest.mark.parametrize("action", ["acknowledge", "silence"])
def test_many__viewer_can_do_nothing(viewer, alert, action):
    """Neither offered nor done."""
    act(viewer, action, [alert], confirmed="yes")
    alert.refresh_from_db()
    assert alert.acknowledged_at is None
    assert not Silence.objects.exists()
    assert logged() == []
