"""Maintenance windows in the admin."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from html import unescape

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from tests.alerting import rows
from zerostate_monitoring.models import MaintenanceWindow

pytestmark = pytest.mark.django_db

ADD = reverse("admin:zerostate_monitoring_maintenancewindow_add")
LIST = reverse("admin:zerostate_monitoring_maintenancewindow_changelist")
FRIDAY = datetime(2026, 3, 27, 12, tzinfo=UTC)
WEEKLY = {
    "name": "backups",
    "enabled": "on",
    "matchers": "layer=execution",
    "kind": "weekly",
    "zone": "Europe/Berlin",
    "weekdays": ["6"],
    "start_time": "02:30",
    "end_time": "04:00",
}
ONCE = {
    "name": "move",
    "enabled": "on",
    "matchers": "layer=execution",
    "kind": "once",
    "zone": "America/New_York",
    "starts_at_0": "2026-07-01",
    "starts_at_1": "20:00",
    "ends_at_0": "2026-07-01",
    "ends_at_1": "22:00",
}


def html(response):
    return unescape(response.content.decode())


def change(row):
    return reverse("admin:zerostate_monitoring_maintenancewindow_change", args=(row.pk,))


def saved(browser, sent, url=ADD):
    """The page that is looked at, after which it is saved."""
    text = html(browser.post(url, sent))
    seen = text.partition('name="previewed" value="')[2].partition('"')[0]
    assert seen, text
    assert browser.post(url, {**sent, "previewed": seen}).status_code == 302
    return text


@time_machine.travel(FRIDAY, tick=False)
def test_weekly__shows_what_it_hits_and_when_it_comes(browser):
    """The next three, in its zone and in UTC, and what the clock does to one of them."""
    rows.alert(layer="execution")
    text = saved(browser, WEEKLY)
    assert "It hits 1 firing and 0 pending of 1 live alert." in text
    assert "Sun 2026-03-29 03:00 – 04:00" in text
    assert "2026-03-29 01:00 – 02:00" in text
    assert "Europe/Berlin has no 02:30 on this day: 03:00 instead." in text
    assert "Sun 2026-04-12 02:30 – 04:00" in text
    row = MaintenanceWindow.objects.get()
    assert (row.weekdays, row.start_time, row.author) == ([6], time(2, 30), "root")
    assert "Sun 2026-04-05 02:30" in html(browser.get(change(row)))
    listed = html(browser.get(LIST))
    assert "Sun 02:30–04:00" in listed
    assert "to come" in listed


@time_machine.travel(FRIDAY, tick=False)
def test_once__is_of_its_zone(browser):
    """Times are those of the zone that was chosen, on the way in and when it is opened again."""
    text = saved(browser, ONCE)
    assert "Wed 2026-07-01 20:00 – 22:00" in text
    assert "2026-07-02 00:00 – 02:00" in text
    row = MaintenanceWindow.objects.get()
    assert row.starts_at == datetime(2026, 7, 2, 0, tzinfo=UTC)
    page = html(browser.get(change(row)))
    assert 'value="20:00:00"' in page
    saved(browser, {**ONCE, "comment": "again"}, change(row))
    row.refresh_from_db()
    assert row.starts_at == datetime(2026, 7, 2, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({**ONCE, "starts_at_0": "2027-03-14", "starts_at_1": "02:30"}, "may not exist"),
        ({**ONCE, "ends_at_1": "19:00"}, "It must end after it starts."),
        ({**ONCE, "zone": "Mars/Olympus"}, "Select a valid choice."),
        ({**WEEKLY, "weekdays": []}, "Choose at least one weekday."),
        ({**WEEKLY, "start_time": ""}, "A window that comes every week needs it."),
        ({**WEEKLY, "matchers": "layer="}, "Line 1: a value of layer is missing."),
    ],
)
def test_form__says_what_is_wrong(browser, sent, said):
    """An hour that the zone does not have, among others."""
    text = html(browser.post(ADD, sent))
    assert said in text
    assert "Nothing is saved yet" not in text
    assert not MaintenanceWindow.objects.exists()


def test_kinds__do_not_mix(browser):
    """What belongs to the other kind is forgotten."""
    saved(browser, {**ONCE, **WEEKLY})
    row = MaintenanceWindow.objects.get()
    assert (row.starts_at, row.ends_at) == (None, None)


@pytest.mark.parametrize(
    ("fields", "state"),
    [
        ({}, "open"),
        ({"ends_at": rows.NOW - timedelta(minutes=1)}, "over"),
        ({"enabled": False}, "disabled"),
        ({"matchers": "a="}, "broken"),
        ({"kind": "weekly", "weekdays": "x"}, "broken"),
        ({"zone": "Mars/Olympus", "kind": "weekly"}, "broken"),
    ],
)
@time_machine.travel(rows.NOW, tick=False)
def test_list__says_its_state(browser, fields, state):
    """Nothing that stands in a row breaks the list."""
    rows.window("w", **{"matchers": "a=b", **fields})
    response = browser.get(LIST)
    assert f"</span> {state}</span>" in html(response)
    assert browser.get(change(MaintenanceWindow.objects.get())).status_code == 200


def test_zone_that_is_gone__can_be_mended(browser):
    """A row whose zone this machine does not know can be opened."""
    now = timezone.now()
    row = rows.window("w", "a=b", zone="Mars/Olympus", starts_at=now, ends_at=now)
    assert browser.get(change(row)).status_code == 200


def test_matchers__are_explained_where_they_are_asked_for(browser):
    """With the example itself, as in the form of a silence."""
    silence = reverse("admin:zerostate_monitoring_silence_add")
    for address in (ADD, silence):
        html = unescape(browser.get(address).content.decode())
        assert 'Conditions on labels, one per line, such as severity="warning"' in html
