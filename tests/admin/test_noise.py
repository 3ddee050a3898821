"""The pages that look back: which rules are noisy, and why one alert is as it is."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.urls import reverse
from django.utils import timezone

from tests.alerting.making import alert, entry, event, message, rule
from zerostate_monitoring.admin import noise
from zerostate_monitoring.alerting.evidence.packing import Line, Pack, Part, pack
from zerostate_monitoring.models import Evidence

pytestmark = pytest.mark.django_db

NOISE = reverse("admin:zerostate_monitoring_alert_noise")
MINUTE = timedelta(minutes=1)


def fired(name, minutes_ago, minutes, **fields):
    at = timezone.now() - minutes_ago * MINUTE
    return alert(
        rule_name=name,
        state="resolved",
        started_at=at,
        ended_at=at + minutes * MINUTE,
        **fields,
    )


def test_noise__a_line_for_each_rule(browser, django_assert_max_num_queries):
    """The noisiest first; rules that are gone stand without a link."""
    mine = rule(name="Loud")
    told = message(timezone.now() - 50 * MINUTE)
    for verdict in ("noise", "noise", "useful"):
        one = fired("Loud", 60, 10, rule=mine, verdict=verdict, severity="warning")
        entry(one, timezone.now(), told)
        event(one, "acknowledged", at=one.fired_at + 3 * MINUTE)
    fired("Gone", 30, 5)
    with django_assert_max_num_queries(11):
        page = browser.get(NOISE).content.decode()
    assert page.index(">Loud<") < page.index(">Gone<")
    assert reverse("admin:zerostate_monitoring_rule_change", args=[mine.pk]) in page
    assert "2 of 3 noise" in page
    assert "zsm-bad" in page


def test_noise__of_very_many_the_newest(browser, monkeypatch):
    """A year of a noisy network is cut where it can still be counted, and the page says so."""
    for minutes in (10, 20, 30, 40):
        fired(f"Ago{minutes}", minutes, 1)
    assert "these are the newest" not in browser.get(NOISE).content.decode()
    monkeypatch.setattr(noise, "_MOST", 1)
    page = browser.get(NOISE).content.decode()
    assert "these are the newest" in page
    assert ">Ago20<" in page
    assert ">Ago30<" not in page


@pytest.mark.parametrize(("days", "shown"), [("1", False), ("30", True), ("x", False), ("", False)])
def test_noise__a_period_is_chosen(browser, days, shown):
    """A week where nothing, or nonsense, is said."""
    fired("Old", 10 * 24 * 60, 5)
    page = browser.get(NOISE, {"days": days}).content.decode()
    assert (">Old<" in page) is shown
    assert ("Nothing fired in this time." in page) is not shown


@pytest.fixture
def one():
    """An alert with evidence; its label is no friend of HTML."""
    at = timezone.now() - 60 * MINUTE
    row = alert(rule=rule(expr="up == 0"), labels={"node": "<b>a</b>"}, started_at=at)
    at_ms = round(at.timestamp() * 1000)
    line = Line({"__name__": "up", "node": "<b>a</b>"}, [at_ms, at_ms + 15_000], [1.0, 0.0])
    found = Pack(at_ms, at_ms + 15_000, 15_000, (Part("up == 0"), Part("up", (line,), 3)))
    Evidence.objects.create(
        alert=row, kind="firing", at_ms=at_ms, series=pack(found), complete_at=timezone.now()
    )
    return row


def explain(row):
    return reverse("admin:zerostate_monitoring_alert_explain", args=[row.pk])


def test_explain__sections_and_evidence(browser, one):
    """What a terminal says, and the pictures; nothing of a label becomes markup."""
    page = browser.get(explain(one)).content.decode()
    for text in (
        "<h2>Rule</h2>",
        "<h2>Slot</h2>",
        "It fires since",
        "The numbers when it was firing",
    ):
        assert text in page
    assert "<svg" in page
    assert "and 3 more series" in page
    assert "<b>a</b>" not in page
    assert "added a quarter of an hour later" in page


def test_explain__at_another_time(browser, one):
    """As people say times; one that is none is said, and nothing breaks."""
    page = browser.get(explain(one), {"at": "-2h"}).content.decode()
    assert "There was no alert of it then." in page
    page = browser.get(explain(one), {"at": "someday"}).content.decode()
    assert "is no time" in page


def test_explain__without_a_rule(browser, one):
    """Evidence outlives the rule."""
    one.rule.delete()
    page = browser.get(explain(one)).content.decode()
    assert "Its rule is gone" in page
    assert "<svg" in page


def test_page__of_an_alert_shows_evidence(browser, one):
    """And leads to the explanation."""
    address = reverse("admin:zerostate_monitoring_alert_change", args=[one.pk])
    page = browser.get(address).content.decode()
    assert "The numbers when it was firing" in page
    assert explain(one) in page


def test_evidence__is_drawn_as_large_charts_are(browser, one):
    """Times, several levels, and the limit that it is held to; the folded ones are lighter."""
    row = Evidence.objects.get()
    Evidence.objects.create(alert=one, kind="pending", at_ms=row.at_ms - 9, series=row.series)
    page = browser.get(explain(one)).content.decode()
    newest, before = page.split("The numbers when it was ")[1:]
    for part in (newest, before):
        assert 'data-limit="0.0"' in part
        assert part.count('text-anchor="end"') >= 3
        assert re.search(r">[0-9:]{5,8}</text>", part)
        assert ">UTC<" not in part
    assert "-values" in newest
    assert "-values" not in before
    assert "chart.css" in page


def test_page__of_an_alert_begins_with_what_is_now(browser, one):
    """What the rule compares, before all that was; of one long over there is none."""
    address = reverse("admin:zerostate_monitoring_alert_change", args=[one.pk])
    page = browser.get(address).content.decode()
    assert page.index('id="now"') < page.index('id="timeline"') < page.index("The numbers when")
    type(one).objects.filter(pk=one.pk).update(
        state="resolved", ended_at=timezone.now() - 120 * MINUTE
    )
    assert 'id="now"' not in browser.get(address).content.decode()


def test_evidence__of_the_newest_transition_is_open_and_that_before_folded(browser, one):
    """What led here first is one click away, without scripts."""
    row = Evidence.objects.get()
    Evidence.objects.create(
        alert=one, kind="pending", at_ms=row.at_ms - 1000, series=bytes(row.series)
    )
    address = reverse("admin:zerostate_monitoring_alert_change", args=[one.pk])
    page = browser.get(address).content.decode()
    newest, before = page.split("The numbers when it was ")[1:]
    assert newest.startswith("firing")
    assert "<details open>" in newest
    assert "<details>" in before


def test_evidence__that_cannot_be_read_says_so(browser, one):
    """And the rest of the page stands."""
    Evidence.objects.update(series=b"broken")
    page = browser.get(explain(one)).content.decode()
    assert "these bytes are no evidence" in page


@pytest.mark.parametrize("allowed", [True, False])
def test_pages__are_for_those_who_may_see_alerts(client, viewer, one, allowed):
    """A member of staff without that permission sees neither."""
    if not allowed:
        client.force_login(User.objects.create_user("other", password="x", is_staff=True))
    status = 200 if allowed else 403
    assert client.get(NOISE).status_code == status
    assert client.get(explain(one)).status_code in ({200} if allowed else {403, 404})


def test_explain__of_no_alert_is_not_found(browser):
    """404."""
    address = reverse("admin:zerostate_monitoring_alert_explain", args=[99])
    assert browser.get(address).status_code == 404
