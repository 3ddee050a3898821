"""Silences in the admin: looked at before they are saved, ended, extended, repeated."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission, User
from django.urls import reverse
from django.utils import timezone

from tests.alerting import rows
from zerostate_monitoring.admin.holding.silences import silence_alert_url
from zerostate_monitoring.models import Alert, Silence
from zerostate_monitoring.models.words import AlertState

pytestmark = pytest.mark.django_db

ADD = reverse("admin:zerostate_monitoring_silence_add")
LIST = reverse("admin:zerostate_monitoring_silence_changelist")
HOUR = timedelta(hours=1)


def html(response):
    return unescape(response.content.decode())


def change(row):
    return reverse("admin:zerostate_monitoring_silence_change", args=(row.pk,))


def data(**fields):
    """What the form sends."""
    return {"matchers": "alertname=NodeDown", "comment": "disks", "lasts": "1h", **fields}


def previewed(browser, url=ADD, **fields):
    """The page that the first sending gives, and what it says was looked at."""
    response = browser.post(url, data(**fields))
    assert response.status_code == 200
    text = html(response)
    return text, text.partition('name="previewed" value="')[2].partition('"')[0]


def silence(matchers="alertname=NodeDown", starts=-HOUR, ends=HOUR, **fields):
    now = timezone.now()
    return rows.silence(matchers, now + starts, now + ends, **fields)


def test_form__shows_what_it_hits_before_it_saves(browser):
    """First the alerts, the rules, how many; nothing is saved until it is sent again."""
    rows.alert(node="edge-7", severity="warning")
    rows.alert(node="edge-8", state=AlertState.PENDING)
    rows.alert("Other")
    text, seen = previewed(browser)
    assert "It hits 1 firing and 1 pending of 3 live alerts." in text
    assert "NodeDown (2)" in text
    assert 'node="edge-7"' in text
    assert "Please correct" not in text
    assert not Silence.objects.exists()
    response = browser.post(ADD, data(previewed=seen))
    assert response.status_code == 302
    row = Silence.objects.get()
    assert (row.author, row.created_by.username, row.had_alerts) == ("root", "root", True)
    assert row.ends_at - row.starts_at == HOUR
    assert abs(row.starts_at - timezone.now()) < timedelta(minutes=1)
    assert LogEntry.objects.get().is_addition()


def test_form__that_was_changed_is_shown_again(browser):
    """What is saved is what was looked at."""
    _text, seen = previewed(browser)
    text, again = previewed(browser, matchers="alertname=Other", previewed=seen)
    assert "Nothing is saved yet" in text
    assert again != seen
    assert not Silence.objects.exists()


@pytest.mark.parametrize(
    ("chip", "length"),
    [("1h", HOUR), ("4h", 4 * HOUR), ("1d", 24 * HOUR), ("1w", 168 * HOUR)],
)
def test_chip__says_how_long(browser, chip, length):
    """From the start that was entered, or from now."""
    start = {"starts_at_0": "2199-01-01", "starts_at_1": "12:00"}
    _text, seen = previewed(browser, lasts=chip, **start)
    browser.post(ADD, data(lasts=chip, previewed=seen, **start))
    row = Silence.objects.get()
    assert row.starts_at.isoformat() == "2199-01-01T12:00:00+00:00"
    assert row.ends_at - row.starts_at == length


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"matchers": "alertname="}, "Line 1: a value of alertname is missing."),
        ({"matchers": ""}, "This field is required."),
        ({"matchers": 'alertname=~".*"'}, "These matchers leave nothing out"),
        ({"lasts": "until"}, "Say until when: a silence ends."),
        ({"lasts": "until", "ends_at_0": "2020-01-01", "ends_at_1": "00:00"}, "must end after"),
        ({"comment": ""}, "This field is required."),
    ],
)
def test_form__says_what_is_wrong(browser, fields, said):
    """A broken one is refused with the reason, and no preview."""
    text = html(browser.post(ADD, data(**fields)))
    assert said in text
    assert "Nothing is saved yet" not in text


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"matchers": "alertname!=Other"}, "may hit nearly all alerts"),
        ({"matchers": "alertname=NodeDown"}, "It hits all 2 alerts that live now."),
        (
            {"lasts": "until", "ends_at_0": "2199-01-01", "ends_at_1": "00:00"},
            "It lasts more than 30 days.",
        ),
    ],
)
def test_broad_or_long__must_be_confirmed(browser, fields, said):
    """Looking is not enough: a box must be ticked."""
    rows.alert(node="1")
    rows.alert(node="2")
    text, seen = previewed(browser, **fields)
    assert said in text
    again, seen_again = previewed(browser, **fields, previewed=seen)
    assert said in again
    assert not Silence.objects.exists()
    browser.post(ADD, data(**fields, previewed=seen_again, confirmed="on"))
    assert Silence.objects.exists()


def test_alert__is_silenced_with_one_click(browser):
    """The form holds all its labels, written so that they are read back; and the alert."""
    row = rows.alert(node='a "b"', severity="critical")
    response = browser.get(silence_alert_url(row))
    text = html(response)
    assert 'alertname="NodeDown"\nnode="a \\"b\\""\nseverity="critical"' in text
    fields = {"matchers": response.context["adminform"].form["matchers"].value(), "alert": row.pk}
    _text, seen = previewed(browser, **fields)
    browser.post(ADD, data(previewed=seen, **fields))
    assert Silence.objects.get().alert == row


@pytest.mark.parametrize(
    "query", ["alert=99", "alert=x", "alert=", "repeat=99", f"repeat={'9' * 40}"]
)
def test_strange_addresses__give_an_empty_form(browser, query):
    """An alert that is gone, or none at all."""
    assert browser.get(f"{ADD}?{query}").status_code == 200


def test_repeating__begins_with_what_was(browser):
    """Same matchers and length, from now on."""
    row = silence(starts=-5 * HOUR, ends=-HOUR, comment="again")
    form = browser.get(f"{ADD}?repeat={row.pk}").context["adminform"].form
    begun_with = [form[name].value() for name in ("matchers", "comment", "lasts")]
    assert begun_with == ["alertname=NodeDown", "again", "4h"]
    response = browser.post(LIST, {"action": "repeat", "_selected_action": [row.pk]})
    assert response.url == f"{ADD}?repeat={row.pk}"


def test_active_silence__keeps_its_matchers(browser):
    """Its end and comment can be changed, its matchers cannot: the trail of alerts names it."""
    row = silence()
    later = timezone.now() + 3 * HOUR
    fields = {
        "matchers": "a=b",
        "comment": "longer",
        "ends_at_0": f"{later:%Y-%m-%d}",
        "ends_at_1": f"{later:%H:%M:%S}",
    }
    _text, seen = previewed(browser, change(row), **fields)
    response = browser.post(change(row), data(**fields, previewed=seen))
    assert response.status_code == 302
    row.refresh_from_db()
    assert (row.matchers, row.comment) == ("alertname=NodeDown", "longer")
    assert abs(row.ends_at - later) < timedelta(seconds=2)


def test_broken_active_silence__can_be_opened_and_sent(browser):
    """What is wrong with a field that cannot be changed stands above the form."""
    row = silence("alertname=")
    later = timezone.now() + 3 * HOUR
    sent = {"comment": "x", "ends_at_0": f"{later:%Y-%m-%d}", "ends_at_1": "23:59"}
    assert "It holds nothing back. Line 1" in html(browser.get(LIST))
    text = html(browser.post(change(row), sent))
    assert "Line 1: a value of alertname is missing." in text


def test_ended_silence__stays_as_it_was(browser):
    """It can be looked at and repeated."""
    row = silence(starts=-3 * HOUR, ends=-HOUR)
    text = html(browser.get(change(row)))
    assert 'name="comment"' not in text
    assert f"?repeat={row.pk}" in text
    browser.post(change(row), data(comment="other"))
    row.refresh_from_db()
    assert row.comment == "upgrade"


@pytest.mark.parametrize("page", ["end", "extend"])
def test_buttons__end_and_extend(browser, page):
    """By a post alone, with a line in the log; what has ended stays ended."""
    row = silence(reminded_at=timezone.now())
    url = reverse(f"admin:zerostate_monitoring_silence_{page}", args=(row.pk,))
    assert browser.get(url).status_code == 405
    before = row.ends_at
    assert browser.post(url).url == change(row)
    row.refresh_from_db()
    if page == "end":
        assert row.ends_at <= timezone.now()
    else:
        assert (row.ends_at, row.reminded_at) == (before + HOUR, None)
    assert LogEntry.objects.count() == 1
    Silence.objects.update(ends_at=timezone.now())
    text = html(browser.post(url, follow=True))
    assert "What has ended cannot be changed." in text
    assert LogEntry.objects.count() == 1


@pytest.mark.parametrize("action", ["extend", "end_now"])
def test_list__the_second_who_acts_is_told(browser, action):
    """What a list showed of each chosen row must still stand; the others are done."""
    one, two = silence(comment="one"), silence(comment="two")
    text = html(browser.get(LIST))
    seen = dict(re.findall(r'name="(seen-[0-9]+)" value="([^"]*)"', text))
    assert set(seen) == {f"seen-{one.pk}", f"seen-{two.pk}"}
    theirs = one.ends_at + 4 * HOUR
    Silence.objects.filter(pk=one.pk).update(ends_at=theirs)
    chosen = {"action": action, "_selected_action": [one.pk, two.pk], **seen}
    said = html(browser.post(LIST, chosen, follow=True))
    assert "Somebody changed it meanwhile" in said
    assert "1 silence" in said
    before = two.ends_at
    one.refresh_from_db()
    two.refresh_from_db()
    assert one.ends_at == theirs
    assert two.ends_at == before + HOUR if action == "extend" else two.ends_at <= timezone.now()
    assert [entry.object_id for entry in LogEntry.objects.all()] == [str(two.pk)]


def test_list__says_state_end_and_hits(browser):
    """Active, to come, ended, broken; what ends soon is marked."""
    rows.alert(node="1")
    silence(starts=-HOUR, ends=timedelta(minutes=5), comment="soon")
    silence(starts=HOUR, ends=2 * HOUR, comment="later")
    silence(starts=-2 * HOUR, ends=-HOUR, comment="over")
    silence("a=", comment="broken one")
    text = html(browser.get(LIST))
    for word in ("active", "to come", "ended", "broken", "1 firing", "It ends soon."):
        assert word in text
    for state, comment in (("active", "soon"), ("pending", "later"), ("ended", "over")):
        found = browser.get(LIST, {"state": state}).context["cl"].result_list
        assert comment in {row.comment for row in found}
        assert "over" in {row.comment for row in found} or state != "ended"


def test_list__takes_as_many_queries_for_one_as_for_many(browser, django_assert_max_num_queries):
    """What lives is read once."""
    rows.alert()
    for _ in range(20):
        silence()
    with django_assert_max_num_queries(8):
        browser.get(LIST)


@pytest.fixture
def staff(client):
    """A member of staff with named permissions."""

    def log_in(*names):
        user = User.objects.create_user("carl", is_staff=True)
        user.user_permissions.set(Permission.objects.filter(codename__in=names))
        client.force_login(user)
        return client

    return log_in


@pytest.mark.parametrize("permission", ["add_silence", "silence_alert"])
def test_silencing__needs_one_of_two_permissions(staff, permission):
    """To add silences, or to silence alerts."""
    client = staff(permission)
    _text, seen = previewed(client)
    client.post(ADD, data(previewed=seen))
    assert Silence.objects.get().author == "carl"


def test_looking__is_not_silencing(staff):
    """Whoever may look may neither add nor end."""
    row = silence()
    client = staff("view_silence")
    assert client.get(ADD).status_code == 403
    assert client.get(change(row)).status_code == 200
    url = reverse("admin:zerostate_monitoring_silence_end", args=(row.pk,))
    assert client.post(url).status_code == 403
    assert "End now" not in html(client.get(change(row)))


def test_begun_silence__is_not_deleted(browser):
    """The trail of alerts names it; one that has not begun can go."""
    begun, coming = silence(), silence(starts=HOUR, ends=2 * HOUR)
    for row, status in ((begun, 403), (coming, 302)):
        url = reverse("admin:zerostate_monitoring_silence_delete", args=(row.pk,))
        assert browser.post(url, {"post": "yes"}).status_code == status
    assert list(Silence.objects.all()) == [begun]
    assert not Alert.objects.exists()


def test_broken_silence__says_why_and_can_be_mended(browser):
    """In the list and on its page; though it has begun, its matchers can be edited."""
    row = silence()
    Silence.objects.update(matchers='node=~"("')
    assert "is no regular expression" in html(browser.get(LIST))
    page = browser.get(change(row))
    assert "is no regular expression" in html(page).partition('class="errornote"')[2]
    fields = {"ends_at_0": f"{row.ends_at:%Y-%m-%d}", "ends_at_1": f"{row.ends_at:%H:%M:%S}"}
    start = {"starts_at_0": f"{row.starts_at:%Y-%m-%d}", "starts_at_1": f"{row.starts_at:%H:%M}"}
    sent = {**fields, **start, "matchers": "node=edge-7"}
    _text, seen = previewed(browser, change(row), **sent)
    assert browser.post(change(row), data(**sent, previewed=seen)).status_code == 302
    row.refresh_from_db()
    assert row.matchers == "node=edge-7"


def test_form__is_as_high_as_its_matchers(browser):
    """An alert with many labels is seen whole."""
    row = rows.alert(**{f"label_{n}": "x" for n in range(8)})
    assert 'rows="10"' in html(browser.get(silence_alert_url(row)))
