"""The list of messages, the page of one, and what can be done to dead letters."""

from __future__ import annotations

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission, User
from django.urls import reverse

from tests.alerting.delivery.house import down, refused
from zerostate_monitoring.admin.delivery import explaining, showing
from zerostate_monitoring.models import Message, Receiver

pytestmark = pytest.mark.django_db

LIST = reverse("admin:zerostate_monitoring_message_changelist")


def url(name, message):
    return reverse(f"admin:zerostate_monitoring_message_{name}", args=(message.pk,))


def html_of(response):
    assert response.status_code == 200
    return response.content.decode()


@pytest.fixture
def dead(house):
    """A dead letter that tells of one alert."""
    house.route(house.receiver())
    house.recorder.script["ops"] = [down(), refused(404)]
    house.fire("1", zone="<b>east</b>")
    house.deliver_until(lambda: Message.objects.filter(state="dead").exists())
    return Message.objects.get()


def test_list__shows_state_alert_tries_and_answer(browser, dead):
    """All that one must know to choose; what comes from outside is escaped."""
    html = html_of(browser.get(LIST))

    for text in ("dead letter", "1 alerts", "to ops", "Down", "404 it said 404"):
        assert text in html
    assert "<b>east</b>" not in html


def test_list__leaves_the_canary_out_unless_it_is_asked_for(browser, dead):
    """One a minute would hide all others."""
    Message.objects.update(purpose="canary")

    assert "1 alerts" not in html_of(browser.get(LIST))
    assert "1 alerts" in html_of(browser.get(LIST, {"purpose": "canary"}))
    assert "1 alerts" in html_of(browser.get(LIST, {"purpose": "all"}))


@pytest.mark.parametrize(
    ("chosen", "is_there"), [("dead", True), ("closed", False), ("sent", False), ("due", False)]
)
def test_list__is_filtered_by_state(browser, dead, chosen, is_there):
    """Closed dead letters stand apart from open ones."""
    html = html_of(browser.get(LIST, {"state__exact": chosen}))
    assert ("1 alerts" in html) is is_there


def test_list__is_filtered_by_alert(browser, house, dead):
    """The messages that told of one alert; of another, none."""
    told, other = dead.entries.get().alert, house.fire("2")
    assert "1 alerts" in html_of(browser.get(LIST, {"alert": told.pk}))
    assert "1 alerts" not in html_of(browser.get(LIST, {"alert": other.pk}))


def test_list__asks_no_more_for_more_rows(browser, house, django_assert_max_num_queries):
    """The number of queries does not grow with messages and alerts."""
    house.route(house.receiver(), group_by=["n"])
    house.fire_many([{"n": str(n)} for n in range(30)])
    house.deliver()
    assert Message.objects.count() == 30
    with django_assert_max_num_queries(14):
        browser.get(LIST)


def test_list__names_a_rule_once_with_how_many_of_its_alerts(browser, house):
    """Six of one rule are one thing to read; a single one is the way to its page."""
    house.route(house.receiver())
    house.fire_many([{"n": str(n)} for n in range(6)])
    house.deliver()
    html = html_of(browser.get(LIST))
    assert f'<a href="{url("change", Message.objects.get())}">6 alerts of Down</a>' in html
    assert ">Down</a>" not in html


def test_page__shows_tries_answers_alerts_and_bytes(browser, dead):
    """Each try with its outcome, what it tells, and the payload as it was frozen."""
    html = html_of(browser.get(url("change", dead)))

    for text in ("failed", "refused", "it said 500", "it said 404", "Down", dead.key):
        assert text in html
    assert "&quot;truncated&quot;: 0" in html
    assert "There is nothing at its address any more" in html
    assert "<b>east</b>" not in html


def test_page__leads_to_a_silence_of_what_still_fires(browser, house, dead):
    """Whoever reads the message need not look for the alert first; of what is over, nothing."""
    alert = dead.entries.get().alert
    address = f"{reverse('admin:zerostate_monitoring_silence_add')}?alert={alert.pk}"
    assert address in html_of(browser.get(url("change", dead)))
    house.resolve(alert)
    assert address not in html_of(browser.get(url("change", dead)))


def test_page__of_one_that_is_due_says_when_it_is_tried_next(browser, house):
    """And when it is given up."""
    house.route(house.receiver())
    house.recorder.script["ops"] = [down(429, retry_after_seconds=3000)]
    house.fire("1")
    house.deliver()
    html = html_of(browser.get(url("change", house.message())))

    assert "1 try so far" in html
    assert "It is given up at" in html
    assert "Send again" not in html


def test_page__shows_who_was_told_instead(browser, house):
    """From the dead letter to the fallback's message, and back."""
    house.route(house.receiver("a"), house.receiver("b"))
    house.recorder.script["a"] = [refused()]
    house.fire("1")
    house.deliver()
    first, second = Message.objects.order_by("pk")

    assert "Told instead" in html_of(browser.get(url("change", first)))
    assert "Stands for" in html_of(browser.get(url("change", second)))


def test_send_again__by_the_button(browser, house, dead):
    """It is due, it is in the log, and the delivery sends it."""
    response = browser.post(url("again", dead), follow=True)

    assert "1 is sent again." in html_of(response)
    house.now = Message.objects.get().next_try_at
    house.deliver(1)
    assert house.told[0] == ("ops", "1", "fired")
    assert LogEntry.objects.get().change_message == "Sent again."


def test_send_again__says_where_nothing_is_sent_as_it_was(browser, house):
    """An alert that has ended, of a receiver that wants no word of ends: nobody is told."""
    house.route(house.receiver(send_resolved=False))
    house.recorder.script["ops"] = [refused()]
    alert = house.fire("1")
    house.deliver()
    house.resolve(alert)
    html = html_of(browser.post(url("again", Message.objects.get()), follow=True))

    assert "is sent again" not in html
    assert "1 told what has changed since: what is still so is told anew." in html
    house.deliver(300)
    assert house.told == []
    assert LogEntry.objects.get().change_message == "Decided anew."


def test_send_again__needs_a_post(browser, dead):
    """A link that is only looked at changes nothing."""
    browser.get(url("again", dead))
    dead.refresh_from_db()
    assert dead.state == "dead"


def test_send_again__not_while_its_receiver_is_disabled(browser, dead):
    """It would be a dead letter again at once; the page says what to do first."""
    Receiver.objects.update(enabled=False)
    html = html_of(browser.post(url("again", dead), follow=True))

    assert "1 not sent again: the receiver is disabled or was deleted." in html
    assert "Enable it, then send this again" in html
    dead.refresh_from_db()
    assert dead.state == "dead"


def test_send_again__in_bulk_asks_first(browser, dead):
    """The action leads to the page that says what it would do, and does nothing by itself."""
    data = {"action": "send_again", "_selected_action": [dead.pk]}
    html = html_of(browser.post(LIST, data, follow=True))
    assert "Nothing is sent yet." in html
    assert "1 is sent again as it was." in html
    dead.refresh_from_db()
    assert dead.state == "dead"


def test_close__keeps_who_and_why(browser, dead):
    """It is no open dead letter any more, and can still be sent again."""
    html = html_of(browser.post(url("close", dead), {"comment": "by phone"}, follow=True))

    dead.refresh_from_db()
    assert (dead.closed_by, dead.comment) == ("root", "by phone")
    assert "by phone" in html
    assert "Send again" in html
    assert LogEntry.objects.get().change_message == "Closed: by phone"


def test_doing__needs_the_permission(viewer, dead):
    """Who may look sees the page without buttons, and is refused."""
    html = html_of(viewer.get(url("change", dead)))
    assert "Send again" not in html
    for name in ("again", "close"):
        assert viewer.post(url(name, dead)).status_code == 403
    assert "send_again" not in html_of(viewer.get(LIST))
    user = User.objects.get(username="viewer")
    user.user_permissions.add(Permission.objects.get(codename="resend_message"))
    assert "Send again" in html_of(viewer.get(url("change", dead)))
    assert viewer.post(url("again", dead)).status_code == 302


def test_rows__are_nobody_s_to_write(browser, dead):
    """Not even of a superuser: there is no form and no deletion."""
    assert browser.get(reverse("admin:zerostate_monitoring_message_add")).status_code == 403
    assert browser.post(url("delete", dead), {"post": "yes"}).status_code == 403
    assert "_save" not in html_of(browser.get(url("change", dead)))


@pytest.mark.parametrize(
    ("status", "text"),
    [
        (401, "refused our credentials"),
        (410, "nothing at its address"),
        (422, "will refuse the same bytes again"),
        (503, "as long as is tried"),
        (None, "as long as is tried"),
    ],
)
def test_advice__follows_the_status(status, text):
    """What to do depends on what the receiver said."""
    message = Message(receiver=Receiver(pk=1), receiver_id=1, payload={"a": 1}, status=status)
    assert text in explaining.advice(message)


def test_advice__where_the_receiver_is_at_fault():
    """Deleted, or its message could not be composed."""
    assert "was deleted" in explaining.advice(Message(payload={"a": 1}))
    assert "composed anew" in explaining.advice(
        Message(receiver=Receiver(pk=1), receiver_id=1, payload={})
    )


def test_payload__shows_long_texts_by_their_length():
    """A picture of a mail does not fill the page."""
    text = showing.payload_text({"images": {"a": "x" * 50_000}, "text": "short"})
    assert len(text) < 300
    assert "50000" in text
    assert "short" in text
