"""The ways of an operator through the overview, in a real browser, with its script and without."""

from __future__ import annotations

import re

import pytest
from django.contrib.auth.models import User
from django.urls import reverse
from django.utils import timezone

from tests.admin.scene import make_history, make_scene
from tests.alerting.alerts import make_alert
from tests.models.rules import make_rule
from tests.real.chromium import chromium
from tests.servers import wait_until
from zerostate_monitoring.alerting.acknowledging import acknowledge
from zerostate_monitoring.models import Alert, AlertEvent, Rule
from zerostate_monitoring.models.words import AlertState

pytestmark = [pytest.mark.real, pytest.mark.django_db(transaction=True)]

INDEX = reverse("admin:index")
OVERVIEW = reverse("admin:zerostate_monitoring_overview_changelist")
ALERTS = reverse("admin:zerostate_monitoring_alert_changelist")
GROUPED = reverse("admin:zerostate_monitoring_alert_grouped")


@pytest.fixture
def network(request, settings):
    """An hour of a small network; the store is waited for, also while that is written."""
    settings.ZEROSTATE_MONITORING_REDIS_TIMEOUT_SECONDS = 60
    make_history(request.getfixturevalue("store"))


@pytest.fixture
def scripted(live_server, monkeypatch):
    """A page with scripts, on which root is logged in; errors of its console are kept."""
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    User.objects.create_superuser("root", "root@example.org", "x")
    with chromium(base_url=live_server.url) as opened:
        opened.set_default_timeout(60_000)
        opened.errors = []
        opened.on("pageerror", lambda error: opened.errors.append(str(error)))
        opened.goto(reverse("admin:login"))
        opened.fill("#id_username", "root")
        opened.fill("#id_password", "x")
        opened.click("[type=submit]")
        yield opened


def refresh(page):
    """What the script does by itself after a while: hidden and seen again it does it at once."""
    page.evaluate(
        """() => {
            const real = performance.now.bind(performance);
            performance.now = () => real() + 600000;
            document.dispatchEvent(new Event('visibilitychange'));
        }"""
    )


def said(page, text):
    return lambda: text in page.inner_text("#content")


def test_3_am__from_the_index_to_acknowledged(page, network):
    """Without a script: index, overview, acknowledge; three clicks and the button."""
    make_scene()
    page.goto(INDEX)
    page.click(f'#content a[href="{OVERVIEW}"] >> nth=0')
    assert "The network is not well." in page.inner_text(".zsm-verdict")
    page.click("text=Acknowledge >> nth=0")
    assert "EdgeNodeDown" in page.inner_text("#content h1")
    page.fill("#acknowledge [name=comment]", "disk full, on it")
    page.click("#acknowledge button")
    alert = Alert.objects.get(rule_name="EdgeNodeDown", state=AlertState.FIRING)
    assert (alert.acknowledged_by.username, alert.acknowledgement) == ("root", "disk full, on it")
    page.goto(OVERVIEW)
    assert "1 warning fires" in page.inner_text(".zsm-verdict")


def test_in_place__a_line_of_the_list(page, network):
    """Without a script: open a line, say why, silence; one stays on the list."""
    make_scene()
    page.goto(f"{ALERTS}?show=firing")
    row = page.locator("#result_list tbody tr", has_text="boot-1")
    row.locator("summary").click()
    row.locator("[name=comment]").fill("new disks")
    row.locator("button", has_text="Silence").click()
    assert page.url.endswith(f"{ALERTS}?show=firing")
    assert "Silenced for 1h" in page.inner_text(".messagelist")
    page.locator("#result_list tbody tr", has_text="boot-1").locator("text=silenced").wait_for()


def test_group__taken_on_whole(page, network):
    """Without a script: a group, its button, what it will do, and done."""
    make_scene()
    page.goto(f"{GROUPED}?by=site")
    page.click("text=/Acknowledge (all|it)/")
    page.fill("#zsm-comment", "the site has no power")
    page.click("[type=submit] >> nth=-1")
    firing = Alert.objects.filter(state=AlertState.FIRING)
    assert {one.acknowledgement for one in firing} == {"the site has no power"}


def test_cause__everything_about_a_node_in_three_clicks(page, network):
    """From the overview over the alert to the node: its series, its alerts before."""
    make_scene()
    page.goto(OVERVIEW)
    page.click("text=EdgeNodeDown >> nth=-1")
    page.click('a.zsm-more[href*="label=node"]')
    assert "Everything about node relay-2" in page.inner_text("#content h1")
    assert page.locator("svg.zsm-spark").count() == 2


def test_many_of_a_rule__from_its_row_to_all_of_them(page, network):
    """Without a script: the row says how many, its name leads to these alone, with one button."""
    make_scene()
    page.goto(OVERVIEW)
    page.locator(".zsm-fires tr", has_text="2 alerts").locator("a >> nth=0").click()
    assert page.locator("details.zsm-group").count() == 1
    assert page.locator("details.zsm-group[open] tbody tr").count() == 3
    page.locator("text=/Acknowledge all/").wait_for()


def test_phone__three_rows_then_the_figures(page, network):
    """Without a script: whatever fires, three rows are seen; the link leads to the others."""
    make_scene()
    for place in range(9):
        make_alert(make_rule(name=f"Rule{place}"), f"n{place}")
    rows = page.locator(".zsm-fires tbody tr")
    page.goto(OVERVIEW)
    seen = [row.is_visible() for row in rows.all()]
    assert all(seen)
    page.set_viewport_size({"width": 360, "height": 740})
    assert [row.is_visible() for row in rows.all()] == [place < 3 for place in range(len(seen))]
    assert page.locator("text=/and 9 rules more/").is_visible()
    page.click("text=All that fires, grouped")
    assert page.locator("details.zsm-group").count() == 11


def test_refresh__replaces_what_changed_and_nothing_else(scripted, network):
    """A new alert comes in; focus, scroll and untouched parts stay as they were."""
    make_scene()
    scripted.goto(OVERVIEW)
    scripted.evaluate("document.querySelector('[data-part=network]').firstElementChild.id = 'same'")
    link = scripted.locator("[data-part=monitoring] a").last
    link.scroll_into_view_if_needed()
    link.focus()
    before = scripted.evaluate("scrollY")
    make_alert(Rule.objects.get(name="NewRule"), "edge-9", fired_at=timezone.now())
    refresh(scripted)
    wait_until(said(scripted, "edge-9"), 60, "the new alert is shown")
    assert scripted.evaluate("document.activeElement.matches('[data-part=monitoring] a')")
    assert abs(scripted.evaluate("scrollY") - before) < 200
    assert scripted.locator("#same").count() == 1
    assert scripted.errors == []


def test_refresh__says_how_old_it_is_and_why(scripted, network):
    """The server does not answer: a sentence with the age; when it is back, it says that."""
    make_scene()
    scripted.goto(OVERVIEW)
    assert re.search(r"\d+ s old", scripted.inner_text(".zsm-age"))
    scripted.route(f"**{OVERVIEW}", lambda route: route.abort())
    refresh(scripted)
    wait_until(said(scripted, "It cannot be refreshed"), 60, "it says that it is old")
    assert "The network is not well." in scripted.inner_text(".zsm-verdict")
    scripted.unroute(f"**{OVERVIEW}")
    refresh(scripted)
    wait_until(said(scripted, "Refreshed again."), 60, "it says that it is fresh")


def test_refresh__can_be_stopped(scripted, network):
    """WCAG 2.2.2: a switch, that is remembered; stopped, nothing is fetched."""
    scripted.goto(OVERVIEW)
    asked = []
    scripted.click("text=Stop refreshing")
    scripted.reload()
    scripted.on("request", lambda request: asked.append(request.url))
    assert scripted.locator("text=Refresh by itself").count() == 1
    refresh(scripted)
    with scripted.expect_response(f"**{OVERVIEW}"):
        scripted.click("text=Refresh by itself")
    assert sum(OVERVIEW in one for one in asked) == 1


def test_second_operator__is_told(page, network):
    """Somebody was quicker: who, when, why; and the page then offers to take over."""
    make_scene()
    alert = Alert.objects.get(rule_name="EdgeNodeDown", state=AlertState.FIRING)
    page.goto(reverse("admin:zerostate_monitoring_alert_change", args=[alert.pk]))
    ada = User.objects.create_superuser("ada", "ada@example.org", "x")
    acknowledge(alert, ada, "disks")
    page.click("#acknowledge button")
    assert "Taken on by ada meanwhile" in page.inner_text(".messagelist")
    assert page.inner_text("#acknowledge button") == "Take over"
    assert AlertEvent.objects.filter(kind="acknowledged", alert=alert).count() == 1


@pytest.mark.parametrize("address", [OVERVIEW, GROUPED, ALERTS])
def test_phone__nothing_is_wider_than_the_window(page, network, address):
    """360 pixels: tables scroll by themselves, the page does not."""
    make_scene()
    page.set_viewport_size({"width": 360, "height": 800})
    page.goto(address)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
