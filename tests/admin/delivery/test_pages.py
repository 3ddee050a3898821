"""The page of delivery, and sending dead letters again after one look."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission, User
from django.urls import reverse
from django.utils import timezone

from tests.alerting.delivery.house import down, refused
from tests.storage.timelines import INTERVAL, fill, now_slot, series
from zerostate_monitoring.admin.delivery import charting
from zerostate_monitoring.admin.delivery.overview import why_untold
from zerostate_monitoring.models import Alert, Message, Receiver, ReceiverState
from zerostate_monitoring.notifiers.trial import Trial
from zerostate_monitoring.querying import querier
from zerostate_monitoring.storage.recording import Recorder

pytestmark = pytest.mark.django_db

PAGE = reverse("admin:zerostate_monitoring_delivery")
RESEND = reverse("admin:zerostate_monitoring_resend")


def html(response):
    assert response.status_code == 200
    return unescape(response.content.decode())


@pytest.fixture
def letters(house):
    """Three dead letters: one still true, one of what has ended, one of a receiver that is off."""
    house.route(house.receiver(send_resolved=False), group_by=["n"])
    off = house.receiver("off")
    house.route(off, group_by=["n"], matchers="n=3")
    for name in ("ops", "off"):
        house.recorder.always[name] = refused(404)
    house.group_alerts = house.fire_many([{"n": "1"}, {"n": "2"}])
    house.deliver()
    house.resolve(house.group_alerts[1])
    Message.objects.filter(receiver_name="ops").update(subject="dead")
    message = Message.objects.filter(receiver_name="ops").order_by("pk").first()
    Message.objects.create(
        key="off", receiver=off, receiver_name="off", payload={"a": 1}, subject="switched off",
        state="dead", created_at=message.created_at, ended_at=message.ended_at,
    )  # fmt: skip
    off.enabled = False
    off.save()
    house.recorder.always.clear()
    return house


def fates(response):
    return {(one.message.receiver_name, one.fate) for one in response.context["letters"]}


def test_page__says_what_waits_was_sent_and_is_dead(browser, house):
    """The four numbers, each with its list."""
    house.route(house.receiver(), group_by=["n"])
    house.now = timezone.now()
    house.fire("1")
    house.deliver()
    house.recorder.script["ops"] = [down(429, retry_after_seconds=3000)]
    house.fire("2")
    house.deliver()
    signs = {sign.query: sign for sign in browser.get(PAGE).context["signs"]}
    numbers = {key: sign.badge.rpartition("</span> ")[2] for key, sign in signs.items()}
    assert {key: text.partition("<")[0] for key, text in numbers.items()} == {
        "state__exact=due": "1",
        "state__exact=leased": "0",
        "state__exact=sent": "1",
        "state__exact=dead": "0",
    }


def test_page__shows_receivers_that_fail_first(browser, house):
    """Failing since when, what it answered last, what is on its way to it."""
    house.route(house.receiver("a"), matchers="n=1")
    house.route(house.receiver("b"), matchers="n=2")
    house.now = timezone.now()
    house.recorder.always["b"] = down(503)
    house.fire_many([{"n": "1"}, {"n": "2"}])
    house.deliver_until(lambda: ReceiverState.objects.filter(failing_since__isnull=False).exists())
    first, second = browser.get(PAGE).context["receivers"]
    assert (first.row.name, second.row.name) == ("b", "a")
    assert first.answer.startswith("503")
    assert first.way == "1 message waits"
    assert "<time" in first.since
    assert second.answer == "200 ok"


def test_page__one_that_refuses_fails_since_its_first_refusal(browser, house):
    """Since it last took one: what it refused before that is over."""
    house.route(house.receiver("a"), group_by=["n"])
    house.now = timezone.now()
    ended = []
    for name, answer in (
        ("1", refused(404)),
        ("2", None),
        ("3", refused(404)),
        ("4", refused(404)),
    ):
        house.recorder.script["a"] = [answer] if answer else []
        house.fire(name)
        house.deliver()
        house.now += timedelta(minutes=1)
        ended.append(Message.objects.order_by("-pk").first().ended_at)
    (line,) = browser.get(PAGE).context["receivers"]
    assert ">refused the last message" in line.badge.replace("</span> ", ">")
    assert ended[2].isoformat() in line.since

    house.fire("5")
    house.deliver()
    (line,) = browser.get(PAGE).context["receivers"]
    assert line.since == "–"


def test_page__dead_letters_are_not_on_their_way(browser, letters):
    """They stand beside the state of the receiver that did not take them."""
    response = browser.get(PAGE)
    table = html(response).split('id="receivers"')[1].split("</table>")[0]
    assert "2 dead letters</a>" in table
    cells = re.findall(r'<td data-title="On its way">(.*?)</td>', table, re.DOTALL)
    assert cells
    assert not any("dead" in cell for cell in cells)


def test_page__says_of_which_alerts_nobody_was_told(browser, house):
    """With the reason in a line, and the way to all of it."""
    house.route(house.receiver(), group_by=["n"])
    house.silence("1")
    house.recorder.script["ops"] = [refused(404)]
    silenced, dead = house.fire("1"), house.fire("2")
    house.deliver()
    told = house.fire("3")
    house.deliver(1)
    response = browser.get(PAGE)
    lines = {one.alert.pk: one for one in response.context["untold"]["lines"]}
    assert set(lines) == {silenced.pk, dead.pk}
    assert "by ann" in lines[silenced.pk].why
    assert "ops did not take it." in lines[dead.pk].why
    for alert in (silenced, dead):
        assert reverse("admin:zerostate_monitoring_alert_explain", args=(alert.pk,)) in html(
            response
        )
    assert told.pk not in lines


def test_page__gives_its_advice_once_for_each_receiver(browser, letters):
    """However many dead letters one has; each other thing that is to be done is said, too."""
    response = browser.get(PAGE)
    advised = [(one.receiver, one.n) for one in response.context["advised"]]
    assert advised == [("off", 1), ("ops", 2)]
    text = html(response)
    for one in response.context["advised"]:
        assert text.count(one.text) == 1

    Message.objects.filter(pk=Message.objects.filter(subject="dead").first().pk).update(status=401)
    texts = [one.text for one in browser.get(PAGE).context["advised"] if one.receiver == "ops"]
    assert len(texts) == len(set(texts)) == 2


@pytest.mark.parametrize(
    ("fields", "word"),
    [
        ({"is_unrouted": True}, "no receiver"),
        ({"notice_state": "suppressed"}, "held back"),
        ({"notice_state": "due"}, "waits"),
        ({"notice_state": "frozen"}, "on its way"),
        ({"notice_state": "dead"}, "dead letter"),
        ({"notice_state": "superseded"}, "superseded"),
        ({"notice_state": None}, "no notice"),
        ({"notice_state": None, "acknowledged_at": timezone.now()}, "acknowledged"),
    ],
)
def test_why__has_a_word_for_each_end(fields, word):
    """No alert is without a reason."""
    alert = Alert(rule_name="Down", labels={})
    known = {"notice_state": None, "notice_reason": "", "notice_receiver": "ops", **fields}
    for name, value in known.items():
        setattr(alert, name, value)
    assert why_untold(alert)[1] == word


def test_page__asks_no_more_for_more_rows(browser, house, django_assert_max_num_queries):
    """Fewer than ten questions, however many messages, receivers and alerts there are."""
    for n in range(12):
        house.route(house.receiver(f"r{n}"), group_by=["n"], matchers=f"n=~{n}.*")
        house.recorder.script[f"r{n}"] = [refused(404)]
    house.fire_many([{"n": str(n)} for n in range(30)])
    house.deliver()
    with django_assert_max_num_queries(9):
        browser.get(PAGE)


def test_page__draws_what_history_knows(browser, store, settings):
    """Two figures: the outbox, and what became of messages."""
    settings.ZEROSTATE_MONITORING_REDIS_TIMEOUT_SECONDS = 60
    last = now_slot()
    pages = [
        {
            series("zerostate_monitoring_outbox_entries", state="dead"): float(at // 10),
            series("zerostate_monitoring_deliveries_total", receiver="a", outcome="sent"): at
            // 9.0,
            series("zerostate_monitoring_deliveries_total", receiver="canary", outcome="sent"): at,
        }
        for at in range(40)
    ]
    fill(Recorder(store.timeline()), pages, last - 39 * INTERVAL)
    response = browser.get(PAGE, {"hours": "1"})
    assert [one.problem for one in response.context["pictures"]] == ["", ""]
    text = html(response)
    for id_ in ("delivery-state", "delivery-outcome"):
        assert f'id="{id_}"' in text
    # Nobody sends a part of a message; the canary's, one at each moment, are not counted.
    asked = querier().range(charting.became(300), last - 15 * INTERVAL, last, INTERVAL)
    (run,) = asked.value.runs
    assert all(value == int(value) < 20 for value in run.values.tolist())
    assert max(run.values.tolist()) >= 2


@pytest.mark.parametrize("hours", ["", "2", "x", "9" * 50, "-1"])
def test_hours__that_are_no_choice_are_one(browser, hours):
    """No address breaks the page."""
    assert browser.get(PAGE, {"hours": hours}).context["hours"] == 1


def test_store_away__the_page_opens_and_says_so(browser, house):
    """Rows are shown as ever; in the place of pictures stands why there are none."""
    house.route(house.receiver())
    response = browser.get(PAGE)
    assert all(one.problem for one in response.context["pictures"])
    assert "ops" in html(response)


def test_hostile_texts__are_texts(browser, house):
    """An answer, a subject and a name that are markup, or ten kilobytes."""
    bad = "<script>alert(1)</script>\u202egnp.exe" + "x" * 10_000
    receiver = house.receiver("<b>ops</b>")
    for state in ("dead", "due"):
        Message.objects.create(
            key=state, receiver=receiver, receiver_name=receiver.name, subject=bad[:500],
            payload={"a": 1}, state=state, attempts=1, answer=bad, created_at=timezone.now(),
        )  # fmt: skip
    text = browser.get(PAGE).content.decode()
    assert "<script>alert" not in text
    assert "<b>ops" not in text
    assert "\u202e" not in text
    assert len(text) < 60_000


# -- a test message ----------------------------------------------------------------


def test_test__is_sent_from_the_page_and_leads_back(browser, house, monkeypatch):
    """What the receiver answered stands on the page that was left."""
    from zerostate_monitoring.admin import receivers

    receiver = house.receiver()
    monkeypatch.setattr(receivers, "try_out", lambda *args: Trial(0.1, "fine", status=200))
    url = reverse("admin:zerostate_monitoring_receiver_test", args=(receiver.pk,))
    assert url in html(browser.get(PAGE))
    response = browser.post(url, {"back": "delivery"}, follow=True)
    assert response.redirect_chain[0][0] == PAGE
    assert "Test message taken by ops" in html(response)


# -- sending again -----------------------------------------------------------------


def test_resend__says_what_becomes_of_each(browser, letters):
    """Sent as it was, decided anew, or left: in a sentence for all and for each."""
    keys = list(Message.objects.filter(state="dead").values_list("pk", flat=True))
    response = browser.get(RESEND, {"pk": keys})
    assert fates(response) == {("ops", "same"), ("ops", "anew"), ("off", "left")}
    text = html(response)
    assert text.count("can recognise the duplicate") == 1
    assert text.count("Unchanged.") == 1
    assert "1 is sent again as it was, 1 is decided anew, 1 stays as it is." in text
    assert "Nothing is sent yet." in text
    assert Message.objects.filter(state="dead").count() == 3


def test_resend__does_what_it_has_said(browser, letters):
    """By POST; each is written down with what became of it, and the delivery sends it."""
    keys = list(Message.objects.filter(state="dead").values_list("pk", flat=True))
    response = browser.post(RESEND, {"pk": keys}, follow=True)
    assert response.redirect_chain[0][0] == PAGE
    text = html(response)
    assert "1 is sent again." in text
    assert "1 not sent again: the receiver is disabled or was deleted." in text
    said = sorted(entry.change_message for entry in LogEntry.objects.all())
    assert said == ["Decided anew.", "Sent again."]
    letters.now = timezone.now()
    letters.deliver(1)
    assert letters.told[0] == ("ops", "1", "fired")
    assert {n for _name, n, _notice in letters.told} == {"1"}


def test_resend__of_all_of_one_receiver(browser, letters):
    """From its line on the page; those of others are not among them."""
    ops = Receiver.objects.get(name="ops")
    response = browser.get(RESEND, {"receiver": ops.pk})
    assert {name for name, _fate in fates(response)} == {"ops"}


def test_resend__of_what_somebody_else_has_sent_meanwhile(browser, letters):
    """Two operators at one dead letter: the second is told, and nothing is sent twice."""
    message = Message.objects.filter(receiver_name="ops").order_by("pk").first()
    browser.post(RESEND, {"pk": [message.pk]})
    assert "None of what you chose is a dead letter any more" in html(
        browser.get(RESEND, {"pk": [message.pk]})
    )
    text = html(browser.post(RESEND, {"pk": [message.pk]}, follow=True))
    assert "No dead letter that this can be done to." in text
    assert LogEntry.objects.count() == 1


@pytest.mark.parametrize("keys", [["x"], ["9" * 40], [""], ["1;drop"], []])
def test_resend__of_no_keys_is_nothing(browser, letters, keys):
    """Whatever stands in the address."""
    assert fates(browser.get(RESEND, {"pk": keys, "receiver": "x"})) == set()


# -- rights ------------------------------------------------------------------------


def test_nobody__sees_nothing(client, letters):
    """Staff without a right follow a link and are refused."""
    client.force_login(User.objects.create_user("nobody", is_staff=True))
    for url in (PAGE, RESEND):
        assert client.get(url).status_code == 403
    assert client.post(RESEND, {"pk": [1]}).status_code == 403


def test_viewer__sees_and_does_nothing(viewer, letters):
    """No button and no box is drawn that would be refused."""
    text = html(viewer.get(PAGE))
    assert "Send a test" not in text
    assert 'type="checkbox"' not in text
    assert viewer.post(RESEND, {"pk": [1]}).status_code == 403


def test_messages__alone_show_neither_receivers_nor_alerts(client, house):
    """Who may see messages alone sees no more than messages."""
    house.route(house.receiver("secret-name"))
    user = User.objects.create_user("staff", is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="view_message"))
    client.force_login(user)
    text = html(client.get(PAGE))
    assert "secret-name" not in text
    assert "Fires, and nobody was told" not in text
