"""Looking at charts and asking in Explore, in a real browser with its script."""

from __future__ import annotations

import re
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.contrib.auth.models import User
from django.urls import reverse
from django.utils import timezone

from tests.admin.scene import make_history, make_scene
from tests.real.chromium import chromium
from zerostate_monitoring.alerting.evidence.packing import Line, Pack, Part, pack
from zerostate_monitoring.models import Evidence, Metric, Silence

pytestmark = [pytest.mark.real, pytest.mark.django_db(transaction=True)]

EXPLORE = reverse("admin:zerostate_monitoring_explore")
ASKED = EXPLORE + "?window=1h&query=zerostate_peer_connections"
PLOT = ".zsm-plot"
EMPTY = "document.querySelector('.zsm-readout').hidden"


@pytest.fixture
def network(settings, request):
    """An hour of a small network."""
    settings.ZEROSTATE_MONITORING_REDIS_TIMEOUT_SECONDS = 60
    return make_history(request.getfixturevalue("store"))


@pytest.fixture
def scripted(live_server, monkeypatch, network):
    """A page with scripts, on which root is logged in; no error stood in its console."""
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    User.objects.create_superuser("root", "root@example.org", "x")
    faults = []
    with chromium(base_url=live_server.url) as opened:
        opened.goto(reverse("admin:login"))
        opened.fill("#id_username", "root")
        opened.fill("#id_password", "x")
        opened.click("[type=submit]")
        opened.on("pageerror", lambda error: faults.append(str(error)))
        yield opened
    assert faults == []


def values(page):
    return page.locator(".zsm-readout output").all_inner_texts()


def test_chart__is_read_with_the_pointer_and_with_keys(scripted):
    """Time, names and values under the pointer; arrows go on, and readers hear it."""
    scripted.goto(ASKED)
    assert scripted.evaluate(EMPTY)
    scripted.hover(PLOT, position={"x": 500, "y": 90})
    assert len(values(scripted)) == 5
    assert "edge-1" in scripted.inner_text(".zsm-readout")
    scripted.mouse.move(5, 5)
    scripted.focus(PLOT)
    scripted.keyboard.press("End")
    last = scripted.inner_text(".zsm-readout strong")
    heard = scripted.inner_text("[aria-live=polite]")
    scripted.keyboard.press("ArrowLeft")
    assert scripted.inner_text(".zsm-readout strong") != last
    assert scripted.inner_text("[aria-live=polite]") != heard
    scripted.keyboard.press("Escape")
    assert scripted.evaluate(EMPTY)


def test_chart__is_looked_at_closer_and_back(scripted):
    """A span that is drawn is asked for by the address; the button back undoes it."""
    scripted.goto(ASKED)
    box = scripted.locator(PLOT).bounding_box()
    y = box["y"] + 80
    scripted.mouse.move(box["x"] + 300, y)
    scripted.mouse.down()
    scripted.mouse.move(box["x"] + 600, y, steps=3)
    with scripted.expect_navigation():
        scripted.mouse.up()
    query = parse_qs(urlsplit(scripted.url).query)
    assert query["query"] == ["zerostate_peer_connections"]
    assert "window" not in query
    assert scripted.input_value("#id_from")
    assert scripted.locator(PLOT).count() == 1
    scripted.go_back()
    assert parse_qs(urlsplit(scripted.url).query)["window"] == ["1h"]


def test_chart__one_series_alone(scripted):
    """A click on a name shows only that, on a scale of its own; another one shows all again."""
    scripted.goto(ASKED)
    button = scripted.locator(".zsm-key button").first
    levels = scripted.locator("[data-levels] text").all_text_contents()
    button.click()
    assert scripted.locator(".zsm-plot g.zsm-hidden-line").count() == 4
    assert button.get_attribute("aria-pressed") == "true"
    scripted.hover(PLOT, position={"x": 500, "y": 90})
    assert len(values(scripted)) == 1
    button.click()
    assert scripted.locator(".zsm-plot g.zsm-hidden-line").count() == 0
    assert scripted.locator("[data-levels] text").all_text_contents() == levels


def test_explore__is_written_with_suggestions(scripted):
    """A metric, a label and its value by keys alone; Ctrl+Enter asks."""
    scripted.goto(EXPLORE)
    scripted.focus("#id_query")
    scripted.keyboard.type("sum(zerostate_peer_c")
    option = scripted.locator("[role=option]", has_text="zerostate_peer_connections")
    option.first.wait_for()
    scripted.keyboard.press("ArrowDown")
    active = scripted.get_attribute("#id_query", "aria-activedescendant")
    assert scripted.get_attribute(f"#{active}", "aria-selected") == "true"
    scripted.keyboard.press("Enter")
    assert scripted.input_value("#id_query") == "sum(zerostate_peer_connections"
    scripted.keyboard.type("{no")
    scripted.locator("[role=option]", has_text=re.compile(r"^node\s*$")).wait_for(timeout=60_000)
    scripted.keyboard.press("ArrowDown")
    scripted.keyboard.press("Enter")
    scripted.keyboard.type('="ed')
    scripted.locator("[role=option]", has_text="edge-2").wait_for(timeout=60_000)
    scripted.keyboard.press("ArrowDown")
    scripted.keyboard.press("Enter")
    scripted.keyboard.type("})")
    assert scripted.input_value("#id_query") == 'sum(zerostate_peer_connections{node="edge-1"})'
    with scripted.expect_navigation():
        scripted.keyboard.press("Control+Enter")
    assert scripted.locator("figure.zsm-chart").count() == 1


def test_explore__the_cursor_stands_at_the_error(scripted):
    """What is wrong is marked, and typing replaces it."""
    scripted.goto(EXPLORE + "?query=sum(zerostate_node_up) by by (node)")
    marked = "document.getElementById('id_query')"
    start = scripted.evaluate(f"{marked}.selectionStart")
    end = scripted.evaluate(f"{marked}.selectionEnd")
    assert scripted.input_value("#id_query")[start:end] == "by"


def test_metric__limits_bands_and_a_rule_of_it(scripted):
    """From a metric's page through Explore to the form of a new rule."""
    make_scene()
    row = Metric.objects.get(name="zerostate_peer_connections")
    scripted.goto(reverse("admin:zerostate_monitoring_metric_change", args=[row.pk]) + "?by=node")
    assert scripted.locator("[data-limit]").count() == 1
    scripted.click(".zsm-copied a")
    scripted.locator("#id_query").fill("sum by (node) (zerostate_peer_connections) < 30")
    scripted.click("text=Make a rule of this")
    assert scripted.input_value("#id_expr") == "sum by (node) (zerostate_peer_connections) < 30"


@pytest.mark.parametrize("width", [360, 1280])
def test_pages__fit_the_window(scripted, width):
    """A phone scrolls down, not sideways."""
    scripted.set_viewport_size({"width": width, "height": 800})
    row = Metric.objects.get(name="zerostate_http_request_duration_seconds")
    page = reverse("admin:zerostate_monitoring_metric_change", args=[row.pk])
    for address in (ASKED, page, EXPLORE + "?query=sum("):
        scripted.goto(address)
        assert scripted.evaluate("document.documentElement.scrollWidth") <= width


def test_explore__without_a_script(page, network):
    """Ask, choose a window by its button, and read: all by a plain form."""
    page.goto(EXPLORE)
    page.fill("#id_query", "zerostate_peer_connections")
    page.click("button.default")
    page.click("button[value='15m']")
    assert page.locator("figure.zsm-chart g[data-line]").count() == 5
    assert page.get_attribute("button[value='15m']", "aria-pressed") == "true"
    assert page.input_value("#id_query") == "zerostate_peer_connections"
    assert page.locator("[role=listbox]").count() == 0


@pytest.mark.parametrize("width", [360, 768, 1280])
def test_calendar__an_hour_in_three_weeks_can_be_seen(scripted, width):
    """And one that lasts long enough to be wider than that is as long as it lasts."""
    start = timezone.now() + timedelta(days=1)
    for hours in (1, 5, 12, 24 * 7):
        Silence.objects.create(
            matchers="a=b",
            author="root",
            comment="c",
            starts_at=start,
            ends_at=start + timedelta(hours=hours),
        )
    scripted.set_viewport_size({"width": width, "height": 800})
    scripted.goto(reverse("admin:zerostate_monitoring_calendar"))
    sizes = "[...document.querySelectorAll('.zsm-calendar rect')].map((one) => one.getBBox().width)"
    widths = sorted(scripted.evaluate(sizes))
    whole = scripted.evaluate("document.querySelector('.zsm-calendar svg').clientWidth")
    assert widths[0] >= 7.9
    assert abs(widths[-1] - whole / 3) < 2


@pytest.mark.parametrize("width", [360, 1280])
def test_alert__its_pictures_are_read_on_a_telephone(scripted, width):
    """No letter is smaller than eleven dots, in what is now and in what was kept."""
    alert = make_scene()
    now = round(timezone.now().timestamp() * 1000)
    times = [now + 15_000 * k for k in range(60)]
    line = Line({"node": "a"}, times, [float(k % 7) for k in range(60)])
    found = Pack(now, times[-1], 15_000, (Part("up > 3", (line,)), Part("up", (line,))))
    Evidence.objects.create(alert=alert, kind="firing", at_ms=now, series=pack(found))
    scripted.set_viewport_size({"width": width, "height": 800})
    scripted.goto(reverse("admin:zerostate_monitoring_alert_change", args=[alert.pk]))
    assert scripted.locator("#now figure").count() == 1
    sizes = """() => [...document.querySelectorAll("#now .zsm-plot text, .zsm-evidence text")].map(
        (one) => parseFloat(getComputedStyle(one).fontSize) * one.getScreenCTM().d)"""
    assert min(scripted.evaluate(sizes)) >= 11
    assert scripted.evaluate("document.documentElement.scrollWidth") <= width
