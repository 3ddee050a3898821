"""Ways of an operator through admin, in a real browser and without scripts."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.urls import reverse
from django.utils import timezone

from tests.admin.conftest import node_server
from tests.alerting import rows
from tests.alerting.delivery.conftest import house, recorder
from tests.alerting.delivery.house import refused
from tests.real.chromium import chromium
from zerostate_monitoring.alerting.delivery.composing import url_of
from zerostate_monitoring.models import Alert, Collector, Message, Node, Silence

__all__ = ["house", "node_server", "recorder"]

pytestmark = [pytest.mark.real, pytest.mark.django_db(transaction=True)]

APP = reverse("admin:app_list", args=["zerostate_monitoring"])


@pytest.fixture
def letter(house):
    """An alert that fires, of which nobody was told: the receiver refused the message."""
    house.now = timezone.now()
    house.route(house.receiver())
    house.recorder.script["ops"] = [refused(404)]
    house.fire("1", node="edge-7")
    house.deliver()
    return house


def text_of(page):
    return page.inner_text("#content")


def test_alert_that_did_not_notify__is_explained_in_three_clicks(page, store, letter):
    """The app's page → Delivery → Why?: which receiver, what it answered, and all the rest."""
    page.goto(reverse("admin:index"))
    page.click("#content-main caption a:has-text('monitoring')")
    page.click("#content-related a:has-text('Delivery')")
    line = page.inner_text("#untold tbody")
    assert "dead letter" in line
    assert "ops did not take it." in line
    page.click("#untold a:has-text('Why?')")
    said = text_of(page)
    assert "ops is told “fired”: dead letter" in said
    assert "it said 404" in said


def test_alert_that_is_silenced__is_explained_by_the_calendar(page, store, house):
    """Who silenced it and why stands beside the alert; from there it is heard again."""
    house.now = timezone.now()
    house.route(house.receiver())
    house.silence("1")
    house.fire("1")
    house.deliver()
    page.goto(APP)
    page.click("#content-related a:has-text('Delivery')")
    assert "by ann" in page.inner_text("#untold tbody")
    page.goto(APP)
    page.click("#content-related a:has-text('Silences and maintenance')")
    assert page.locator(".zsm-calendar svg rect").count() == 1
    row = page.locator("tr", has_text="planned")
    assert "Holds 1 firing alert back." in row.inner_text()
    row.locator("summary").click()
    row.locator("button:has-text('End now: 1 firing alert is told')").click()
    assert "what still fires is told" in page.inner_text(".messagelist")
    assert Silence.objects.get().ends_at <= timezone.now()


def test_node__is_silenced_for_maintenance(page, store):
    """From its page in one step: how long, why, and what that hits."""
    node = Node.objects.create(name="edge-7", base_url="http://edge-7.example")
    rows.alert(node="edge-7")
    rows.alert("Other", node="edge-8")
    page.goto(reverse("admin:zerostate_monitoring_node_changelist"))
    page.click("#result_list a:has-text('edge-7')")
    page.click("text=Silence for maintenance")
    assert "It hits 1 firing and 0 pending of 2 live alerts." in text_of(page)
    page.click("text=4 hours")
    page.fill("#id_reason", "new disks")
    page.click("[type=submit][value='Silence edge-7']")
    assert "Alerts of edge-7 are not sent until" in page.inner_text(".messagelist")
    assert "root silenced it until" in text_of(page)
    row = Silence.objects.get()
    assert (row.matchers, row.comment) == ('node="edge-7"', "new disks")
    page.click("text=History")
    assert "Silenced for maintenance until" in text_of(page)
    assert LogEntry.objects.filter(object_id=str(node.pk)).exists()


def test_node__is_tried_before_it_is_saved(page, store, node_server):
    """A wrong address is mended while the form is open; nothing is saved before it answers."""
    page.goto(reverse("admin:zerostate_monitoring_node_add"))
    page.fill("#id_name", "edge-7")
    page.fill("#id_base_url", "http://127.0.0.1:1")
    page.click("text=Try it out, without saving")
    assert "Nothing listens there" in page.inner_text(".zsm-trial")
    page.fill("#id_base_url", node_server)
    page.click("text=Try it out, without saving")
    assert "It answered" in page.inner_text(".zsm-trial")
    assert not Node.objects.exists()
    page.click("[name=_save]")
    assert Node.objects.get().base_url == node_server


def test_dead_letter__is_sent_again(page, store, letter):
    """Chosen, looked at, sent: the page says what that does before it is done."""
    page.goto(reverse("admin:zerostate_monitoring_delivery"))
    assert "There is nothing at its address any more" in page.inner_text("#dead")
    page.check("#dead [name=pk]")
    page.click("text=Send the chosen ones again")
    assert "Nothing is sent yet." in text_of(page)
    assert "a receiver that already has it can recognise the duplicate" in text_of(page)
    assert Message.objects.get().state == "dead"
    page.click("[type=submit][value='Send again']")
    assert "1 is sent again." in page.inner_text(".messagelist")
    letter.now = timezone.now()
    letter.deliver(1)
    assert ("ops", "1", "fired") in letter.told
    page.reload()
    assert "None: nothing was given up" in page.inner_text("#dead")
    assert "Of each alert that fires somebody was told." in page.inner_text("#untold")


def test_stale_collector__says_since_when_why_and_what_to_do(page, store):
    """In its row of the list; from there to its last error and its metrics."""
    Collector.objects.filter(name="monitoring").update(
        enabled=True, last_success_at=timezone.now() - timedelta(hours=1), interval_seconds=60
    )
    page.goto(APP)
    page.click("#content-main a:has-text('Collectors')")
    row = page.locator("#result_list tr", has_text="monitoring")
    said = row.inner_text()
    assert "stale" in said
    assert "57 min ago" in said
    assert "A run is due every 60 s, and none was made" in said
    assert "See that beat runs" in said
    row.locator("a:has-text('error and metrics')").click()
    assert "None now: no frame of it is in the store." in text_of(page)
    page.go_back()
    page.click("text=Doctor")
    assert "collector monitoring" in text_of(page)


def test_three_in_the_morning__from_the_link_in_a_mail_to_acknowledged(
    live_server, settings, monkeypatch, house
):
    """Not logged in, on a telephone: the link leads through the login to the alert."""
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    settings.ZEROSTATE_MONITORING_BASE_URL = live_server.url
    User.objects.create_superuser("root", "root@example.org", "x")
    house.now = timezone.now()
    alert = house.fire("1", node="edge-7")
    link = url_of(alert)
    with chromium(java_script_enabled=False) as page:
        page.set_viewport_size({"width": 360, "height": 740})
        page.goto(link)
        assert urlsplit(page.url).path == reverse("admin:login")
        page.fill("#id_username", "root")
        page.fill("#id_password", "x")
        page.click("[type=submit]")
        assert page.url == link
        page.fill("form[action='../acknowledge/'] [name=comment]", "on it")
        page.click("form[action='../acknowledge/'] button")
        assert "on it" in page.inner_text("#timeline")
        wide = page.evaluate("document.documentElement.scrollWidth")
    alert = Alert.objects.get()
    assert (alert.acknowledged_by.username, alert.acknowledgement) == ("root", "on it")
    assert wide <= 360


def test_first_visit__leads_to_what_is_wrong_and_what_to_do(page, store):
    """The index, the app, its overview, and the doctor: each one click from the one before."""
    page.goto(reverse("admin:index"))
    page.click("#content-main caption a:has-text('monitoring')")
    page.click("#content-main a:has-text('Alerts')")
    page.click(".object-tools a:has-text('Overview')")
    assert page.locator("h2").count() >= 2
    page.goto(APP)
    page.click("#content-related a:has-text('Ask the doctor')")
    assert page.locator(".zsm-findings tbody tr").count() > 5


def test_pages__fit_a_desk_and_a_phone_with_anything_in_their_texts(page, store, letter):
    """Markup, directions and ten kilobytes make no page wider, and no script runs."""
    bad = "<script>document.title='evil'</script>\u202egnp.exe" + "x" * 10_000
    now = timezone.now()
    rows.silence('node="edge-7"', now - timedelta(days=1), now + timedelta(days=1), comment=bad)
    rows.window(bad[:200], f'node="{bad[:9000]}"', starts_at=now, ends_at=now + timedelta(days=3))
    Message.objects.update(subject=bad[:500], answer=bad)
    for name in ("calendar", "delivery", "silence_changelist", "maintenancewindow_changelist"):
        page.goto(reverse(f"admin:zerostate_monitoring_{name}"))
        assert "evil" not in page.title()
        for width in (1280, 360):
            page.set_viewport_size({"width": width, "height": 900})
            assert page.evaluate("document.documentElement.scrollWidth") <= width, name


def test_times__are_those_of_the_operators_clock(page, store):
    """From the second page on that a browser opens, by its zone and no click."""
    alert = rows.alert(node="edge-7")
    url = reverse("admin:zerostate_monitoring_alert_change", args=[alert.pk])
    fired = timezone.localtime(alert.fired_at)
    tokyo = fired + timedelta(hours=9)
    context = page.context.browser.new_context(
        base_url=page.url.split("/admin")[0],
        storage_state=page.context.storage_state(),
        timezone_id="Asia/Tokyo",
    )
    there = context.new_page()
    there.goto(url)
    assert f"{fired:%Y-%m-%d %H:%M}" in text_of(there)
    there.reload()
    assert f"{tokyo:%Y-%m-%d %H:%M}" in text_of(there)
    assert "JST" in text_of(there)
    context.close()
