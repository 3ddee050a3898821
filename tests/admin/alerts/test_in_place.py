"""Acknowledge, silence and comment where an alert is listed; and who comes second is told."""

from __future__ import annotations

import re

import pytest
from django.contrib.auth.models import User
from django.urls import reverse

from tests.alerting.alerts import make_alert
from tests.models.rules import make_rule
from zerostate_monitoring.alerting.acknowledging import acknowledge
from zerostate_monitoring.models import Alert, Silence
from zerostate_monitoring.models.words import AlertState

pytestmark = pytest.mark.django_db

ALERTS = reverse("admin:zerostate_monitoring_alert_changelist")
GROUPED = reverse("admin:zerostate_monitoring_alert_grouped")


def url(page, alert):
    return reverse(f"admin:zerostate_monitoring_alert_{page}", args=[alert.pk])


def text(response):
    return response.content.decode()


@pytest.fixture
def alert():
    return make_alert(make_rule(), "edge-7")


@pytest.fixture
def ada():
    return User.objects.create_superuser("ada", "ada@example.org", "x")


def form_in(html, alert):
    """The hidden fields of the form that belongs to a line."""
    form = html.split(f'id="zsm-act-{alert.pk}"')[1].split("</form>")[0]
    return dict(re.findall(r'name="(\w+)" value="([^"]*)"', form))


@pytest.mark.parametrize("page", [ALERTS, f"{ALERTS}?show=firing", GROUPED])
@pytest.mark.parametrize("name", ["acknowledge", "silence", "comment"])
def test_in_place__one_stays_where_one_is(browser, alert, page, name):
    """Each line has its form and its buttons; after it the same page says what was done."""
    html = text(browser.get(page))
    assert f'form="zsm-act-{alert.pk}" formaction="{url(name, alert)}"' in html
    fields = {**form_in(html, alert), "comment": "on it", "until": "", "lasts": "1h"}
    answer = browser.post(url(name, alert), fields, follow=True)
    assert answer.redirect_chain == [(page, 302)]
    assert 'class="success"' in text(answer)


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", "\\\\evil", ""]
)
def test_in_place__leads_nowhere_else(browser, alert, target):
    """Another site is no place to go back to: the alert's page is."""
    answer = browser.post(url("comment", alert), {"comment": "x", "next": target})
    assert answer.headers["Location"] == url("change", alert)


def test_in_place__viewers_have_no_column(viewer, alert):
    """Who may only look finds neither fields nor a form."""
    html = text(viewer.get(ALERTS))
    assert "zsm-act" not in html


def test_in_place__what_has_ended_offers_nothing(browser, alert):
    """Nor is there a form for it."""
    Alert.objects.update(state=AlertState.RESOLVED)
    html = text(browser.get(f"{ALERTS}?show=all"))
    assert "formaction" not in html
    assert f'id="zsm-act-{alert.pk}"' not in html


@pytest.mark.parametrize("bad", ["<script>alert(1)</script>", "zsm-the-key", "{{ key }}"])
def test_in_place__names_are_text(browser, bad):
    """A rule's name stands in the words for readers, escaped."""
    make_alert(make_rule(name=bad))
    html = text(browser.get(ALERTS))
    assert "<script>alert(1)" not in html
    assert html.count('<details class="zsm-act"') == 1


# -- two operators -------------------------------------------------------------------


def test_two__the_second_is_told(browser, alert, ada):
    """Whoever acknowledges what somebody else has acknowledged meanwhile learns who, and why."""
    fields = form_in(text(browser.get(ALERTS)), alert)
    acknowledge(alert, ada, "disks")
    answer = browser.post(url("acknowledge", alert), {**fields, "comment": "mine"}, follow=True)
    assert "Taken on by ada meanwhile" in text(answer)
    assert "disks" in text(answer)
    alert.refresh_from_db()
    assert (alert.acknowledged_by, alert.acknowledgement) == (ada, "disks")


def test_two__the_second_may_take_over(browser, alert, ada):
    """Having seen it, acknowledging is meant."""
    acknowledge(alert, ada, "disks")
    html = text(browser.get(ALERTS))
    assert "Take over" in html
    fields = {**form_in(html, alert), "comment": "mine now"}
    browser.post(url("acknowledge", alert), fields)
    alert.refresh_from_db()
    assert (alert.acknowledged_by.username, alert.acknowledgement) == ("root", "mine now")


def test_two__the_page_of_the_alert_tells_too(browser, alert, ada):
    """The form there knows what it has shown."""
    html = text(browser.get(url("change", alert)))
    seen = re.findall(r'name="seen" value="([^"]*)"', html)[0]
    acknowledge(alert, ada)
    answer = browser.post(url("acknowledge", alert), {"seen": seen}, follow=True)
    assert "Taken on by ada meanwhile" in text(answer)
    assert "Take over" in text(answer)


def test_two__many_at_once(browser, alert, ada):
    """Between the question and the answer somebody was quicker with one of them."""
    other = make_alert(alert.rule, "edge-8")
    posted = {"action": "acknowledge", "_selected_action": [alert.pk, other.pk]}
    asked = text(browser.post(ALERTS, posted))
    seen = dict(re.findall(r'name="(seen-\d+)" value="([^"]*)"', asked))
    assert len(seen) == 2
    acknowledge(alert, ada)
    answer = browser.post(ALERTS, {**posted, **seen, "confirmed": "yes"}, follow=True)
    assert "Taken on by ada meanwhile" in text(answer)
    other.refresh_from_db()
    assert other.acknowledged_by.username == "root"


def test_two__the_same_one_twice_is_no_quarrel(browser, alert):
    """To change one's own comment needs no second look."""
    for comment in ("a", "b"):
        browser.post(url("acknowledge", alert), {"comment": comment, "seen": ""})
    alert.refresh_from_db()
    assert alert.acknowledgement == "b"


def test_as_seen__changes_nothing_that_has_changed(alert, ada):
    """In one statement: between reading and writing nobody gets in."""
    old = Alert.objects.get(pk=alert.pk)
    assert acknowledge(alert, ada, "first", as_seen=True)
    assert not acknowledge(old, ada, "second", as_seen=True)
    alert.refresh_from_db()
    assert alert.acknowledgement == "first"
    assert Silence.objects.count() == 0
