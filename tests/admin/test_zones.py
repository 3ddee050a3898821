"""Pages show and take times in the zone that the reader's browser has told."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from tests.alerting import rows
from zerostate_monitoring.admin.zones import COOKIE
from zerostate_monitoring.models import Silence

pytestmark = pytest.mark.django_db

ADD = reverse("admin:zerostate_monitoring_silence_add")
LIST = reverse("admin:zerostate_monitoring_alert_changelist")
AT = datetime(2026, 5, 4, 20, 30, tzinfo=UTC)
IN_TOKYO, IN_UTC = "2026-05-05 05:30", "2026-05-04 20:30"


@pytest.fixture
def alert():
    """One that fires since half past eight in the evening, UTC."""
    row = rows.alert(node="edge-7")
    row.fired_at = AT
    row.save()
    return row


def page(browser, alert, zone=None):
    """The alert's page, as the browser with this cookie gets it."""
    if zone is not None:
        browser.cookies[COOKIE] = zone
    url = reverse("admin:zerostate_monitoring_alert_change", args=(alert.pk,))
    return browser.get(url).content.decode()


def test_page__has_times_in_the_browsers_zone(browser, alert):
    """Also what is rendered after the view; then this thread is back in the project's zone."""
    text = page(browser, alert, "Asia/Tokyo")
    assert IN_TOKYO in text
    assert IN_UTC not in text
    assert timezone.get_current_timezone_name() == timezone.get_default_timezone_name()


@pytest.mark.parametrize(
    "cookie", ["", "Nowhere/Atlantis", "../../../etc/passwd", "Europe", "a" * 5000, "é", "/UTC"]
)
def test_page__is_in_the_projects_zone_where_a_cookie_names_none(cookie, browser, alert):
    """A cookie holds anything."""
    assert IN_UTC in page(browser, alert, cookie)


def test_page__is_in_the_projects_zone_before_the_browser_has_told(browser, alert):
    """The first one that it opens, which brings the script that tells."""
    text = page(browser, alert)
    assert IN_UTC in text
    assert "zerostate_monitoring/zone.js" in text


def test_page__is_in_the_zone_that_the_project_activates(browser, alert):
    """It has zones of its own, of its users perhaps."""
    with timezone.override("Asia/Kolkata"):
        assert "2026-05-05 02:00" in page(browser, alert, "Asia/Tokyo")


def test_page__is_in_the_projects_zone_where_that_is_set(settings, browser, alert):
    """Operators who all speak of one clock."""
    settings.ZEROSTATE_MONITORING_BROWSER_TIME_ZONE = False
    assert IN_UTC in page(browser, alert, "Asia/Tokyo")


def test_form__takes_times_in_the_zone_in_which_it_shows_them(browser):
    """A silence until nine in the morning in Tokyo ends at midnight UTC."""
    browser.cookies[COOKIE] = "Asia/Tokyo"
    assert "Time zone: Asia/Tokyo" in browser.get(ADD).content.decode()
    day = (timezone.now() + timedelta(days=3)).date()
    sent = {
        "matchers": "alertname=NodeDown",
        "comment": "disks",
        "lasts": "",
        "ends_at_0": f"{day:%Y-%m-%d}",
        "ends_at_1": "09:00:00",
    }
    looked = browser.post(ADD, sent).content.decode()
    seen = looked.partition('name="previewed" value="')[2].partition('"')[0]
    browser.post(ADD, {**sent, "previewed": seen})
    assert Silence.objects.get().ends_at == datetime.combine(day, datetime.min.time(), UTC)
