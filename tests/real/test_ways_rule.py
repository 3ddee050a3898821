"""The way of an operator from nothing to a tested alert, in a real browser with its scripts."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from tests.admin.rules.posting import ADD, THRESHOLD, change_url, url
from tests.admin.rules.test_cases import CASE
from tests.admin.scene import make_history
from tests.alerting.alerts import make_alert
from tests.models.rules import make_rule
from tests.real.chromium import chromium
from tests.real.screens.documented import keep
from zerostate_monitoring.alerting.shipping import sync_shipped
from zerostate_monitoring.models import Rule

pytestmark = [pytest.mark.real, pytest.mark.django_db(transaction=True)]

EXPR = "max by (node) (zerostate_node_up) == 0"
MS = 60_000
EXPECTED = ("status of 404", "status of 503")
"""An icon that the test server has not, and an answer that one test is about."""


def enter(page, name):
    page.goto(reverse("admin:login"))
    page.fill("#id_username", name)
    page.fill("#id_password", "x")
    page.click("[type=submit]")
    return page


@pytest.fixture
def operator(live_server, monkeypatch, settings):
    """A page with scripts, on which root is logged in; an error in its console is one of ours."""
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    settings.ZEROSTATE_MONITORING_REDIS_TIMEOUT_SECONDS = 60
    User.objects.create_superuser("root", "root@example.org", "x")
    said = []
    with chromium(base_url=live_server.url) as page:
        page.set_default_timeout(MS)
        expect.set_options(timeout=MS)
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("console", lambda m: said.append(m.text) if m.type == "error" else None)
        yield enter(page, "root")
    ours = [one for one in said if not any(code in one for code in EXPECTED)]
    assert ours == []


@pytest.fixture
def past(request):
    """An hour in which edge-1 was down for a while, and relay-2 is now."""
    return make_history(request.getfixturevalue("store"))


def status(page):
    return page.locator(".zsm-said")


def test_rule__from_nothing_to_a_tested_alert(operator, past):
    """A wrong name is said at its place while it is typed; a case fails, then holds; saved."""
    page = operator
    page.goto(ADD)
    page.fill("#id_name", "NodeUnreachable")
    expect(status(page)).to_have_text("Still empty: Expression.")
    assert page.locator(".field-expr ul.errorlist").count() == 0
    field = page.locator("#id_expr")
    field.fill("max by (node) (zerostate_nodes_up) == 0")
    error = page.locator(".field-expr ul.errorlist")
    expect(error).to_contain_text("did you mean zerostate_node_up")
    expect(error).to_contain_text(f"\n{' ' * 15}{'^' * 18}")
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(field).to_be_focused()
    assert not Rule.objects.exists()

    field.fill(EXPR)
    expect(page.locator("#meaning")).to_contain_text("One alert for each node")
    expect(error).to_have_count(0)
    expect(page.locator("#foreseen")).to_contain_text("relay-2")
    page.fill("#id_for_duration", "1m")
    page.fill("#id_annotations", "summary: {{ $labels.node }} is down")
    page.select_option("#id_severity", "critical")
    page.fill("#id_tests", CASE.replace("a is down", "b is down"))
    expect(status(page)).to_have_text("1 test case fails")
    expect(page.locator(".field-tests ul.errorlist")).to_contain_text('{summary="a is down"}')
    keep(page, "rule-writing", 2_000)

    page.click("[name=_save]")
    expect(page.locator("#untested")).to_contain_text("Save although 1 test case fails.")
    assert not Rule.objects.exists()
    page.fill("#id_tests", CASE)
    expect(status(page)).to_have_text("1 test case holds")

    page.click("[name=_preview]")
    expect(page.locator("#preview")).to_contain_text("It would have fired 2 times, 1 still firing.")
    assert page.locator("#preview figure [data-limit]").count() == 1
    assert page.locator("#preview figure title", has_text="firing").count() > 0
    # What would have fired lies below where the chart shows it.
    bands, bars = (
        page.locator(f"#preview {one} .zsm-plot > svg") for one in ("figure", ".zsm-strips")
    )
    assert bands.bounding_box()["x"] == bars.bounding_box()["x"]
    assert bands.bounding_box()["width"] == bars.bounding_box()["width"]
    page.click("[name=_save]")
    expect(page.locator(".messagelist")).to_contain_text("was added successfully")
    rule = Rule.objects.get()
    assert (rule.name, rule.expr, rule.findings) == ("NodeUnreachable", EXPR, [])


def test_rule__by_the_builder(operator, past):
    """Its parts are checked as they are chosen, and the same is said in PromQL."""
    page = operator
    page.goto(ADD + THRESHOLD)
    page.fill("#id_name", "NodeUnreachable")
    page.fill("#id_metric", "zerostate_node_up")
    page.select_option("#id_comparison", "==")
    page.fill("#id_threshold", "none")
    expect(page.locator(".field-threshold ul.errorlist")).to_contain_text("A number")
    page.fill("#id_threshold", "0")
    expect(page.locator(".zsm-panel .zsm-expr")).to_have_text("zerostate_node_up == 0")
    page.click("[name=_preview]")
    expect(page.locator("#preview")).to_contain_text("It would have fired")
    keep(page, "rule-builder", 1_700)
    page.click("[name=_save]")
    expect(page.locator(".messagelist")).to_contain_text("was added successfully")
    assert Rule.objects.get().expr == "zerostate_node_up == 0"


def test_rule__an_edit_and_the_way_back(operator, past):
    """What an edit ends is said while it is typed; the old version goes through the same form."""
    page, rule = operator, make_rule(expr=EXPR, tests=CASE)
    alert = make_alert(rule, "relay-2")
    page.goto(change_url(rule))
    page.fill("#id_name", "NodeGone")
    expect(page.locator("#foreseen")).to_contain_text("end at once, when it is saved")
    page.click("[name=_save]")
    page.check("#closing input")
    keep(page, "rule-closing", 900)
    page.click("[name=_save]")
    expect(page.locator(".messagelist")).to_contain_text("was changed successfully")
    alert.refresh_from_db()
    assert alert.ended_at is not None

    page.goto(url("versions", rule))
    keep(page, "rule-versions", 700)
    page.click("text=Go back to this version")
    expect(page.locator("#id_name")).to_have_value("NodeDown")
    expect(page.locator("#id_remark")).to_have_value("Back to version 1.")
    page.click("[name=_save]")
    expect(page.locator(".messagelist")).to_contain_text("was changed successfully")
    rule.refresh_from_db()
    assert (rule.name, rule.version) == ("NodeDown", 3)
    assert rule.versions.get(version=3).remark == "Back to version 1."
    said = LogEntry.objects.order_by("-pk").first().get_change_message()
    assert said == "Version 3. name: NodeGone → NodeDown (Back to version 1.)"


def test_rule__two_operators(operator, past):
    """The second sees while typing who was first, and is asked before theirs is gone."""
    User.objects.create_superuser("second", "s@example.org", "x")
    rule = make_rule(expr=EXPR)
    context = operator.context.browser.new_context(base_url=operator.url.split("/admin")[0])
    context.set_default_timeout(MS)
    other = enter(context.new_page(), "second")
    for page in (operator, other):
        page.goto(change_url(rule))
    operator.fill("#id_for_duration", "9m")
    operator.click("[name=_save]")
    expect(operator.locator(".messagelist")).to_contain_text("was changed successfully")

    other.fill("#id_for_duration", "2m")
    conflict = other.locator(".zsm-panel #conflict")
    expect(conflict).to_contain_text("root")
    other.click("[name=_save]")
    told = other.locator("#rule_form > div > #conflict, #rule_form #conflict").first
    expect(told).to_contain_text("for_duration: 1m → 9m")
    expect(other.locator("#id_for_duration")).to_have_value("2m")
    keep(other, "rule-conflict", 560)
    rule.refresh_from_db()
    assert str(rule.for_duration) == "0:09:00"
    other.click("[name=_save]")
    expect(other.locator(".messagelist")).to_contain_text("was changed successfully")
    rule.refresh_from_db()
    assert (str(rule.for_duration), rule.version) == ("0:02:00", 3)
    context.close()


def test_rule__older_answers_are_dropped(operator, past):
    """Whoever types on sees what is said of the last text, however the answers come in."""
    page, held = operator, []

    def hold_the_first(route):
        if held:
            route.continue_()
        else:
            held.append(route)

    page.goto(ADD)
    page.fill("#id_name", "NodeUnreachable")
    expect(status(page)).to_have_text("Still empty: Expression.")
    page.route("**/check/**", hold_the_first)
    page.fill("#id_expr", "zerostate_nodes_up")
    page.wait_for_function("document.querySelector('.zsm-check[aria-busy]') !== null")
    page.fill("#id_expr", EXPR)
    expect(page.locator("#meaning")).to_contain_text("One alert for each node")
    assert len(held) == 1
    expect(page.locator(".field-expr ul.errorlist")).to_have_count(0)


def test_rule__the_server_is_away(operator, past):
    """It is said that nothing is checked, and the form is as it was."""
    page = operator
    page.goto(ADD)
    page.route("**/check/**", lambda route: route.fulfill(status=503, body="away"))
    page.fill("#id_name", "NodeUnreachable")
    expect(status(page)).to_contain_text("No answer from the server")
    expect(page.locator("#id_name")).to_have_value("NodeUnreachable")


# -- what is shown ---------------------------------------------------------------------

CUT = """() => [...document.querySelectorAll(".form-row")].filter(
    (one) => one.scrollWidth > one.clientWidth).map((one) => one.className)
"""
"""Rows of the form of which something is cut off."""


PHONE = 360


@pytest.mark.parametrize("width", [1280, PHONE])
def test_expression__that_is_only_shown_is_shown_whole(operator, store, settings, width):
    """The longest line of what is shipped is broken, not cut."""
    settings.ZEROSTATE_MONITORING_BUILT_IN_RULES = True
    sync_shipped("default", timezone.now())
    longest = max(Rule.objects.filter(kind="alerting"), key=lambda rule: len(rule.expr))
    operator.set_viewport_size({"width": width, "height": 900})
    operator.goto(change_url(longest))
    assert operator.inner_text(".field-expr .readonly").split() == longest.expr.split()
    assert operator.evaluate(CUT) == []
    if width > PHONE:
        keep(operator, "rule-built-in", 1_500)


def is_seen(page, selector):
    """Whether an element stands within the window."""
    box, size = page.locator(selector).bounding_box(), page.viewport_size
    return box is not None and box["y"] >= 0 and box["y"] + box["height"] <= size["height"]


def test_rule__from_a_question_of_explore(operator, past):
    """What the address fills in is checked without a key being touched."""
    page = operator
    page.goto(f"{ADD}?{urlencode({'expr': 'sum by (node) (zerostate_node_up)'})}")
    expect(page.locator("#meaning")).to_contain_text("One alert for each node")
    expect(page.locator(".field-expr ul.zsm-warnings")).to_contain_text("(no-condition)")
    expect(status(page)).to_contain_text("Still empty: Name.")


@pytest.mark.parametrize("width", [1280, 360])
def test_preview__is_what_one_sees(operator, past, width):
    """On the page of a new rule, too, whose first field has the focus otherwise."""
    page = operator
    page.set_viewport_size({"width": width, "height": 740})
    page.goto(ADD)
    page.fill("#id_name", "NodeUnreachable")
    page.fill("#id_expr", EXPR)
    page.click("[name=_preview]")
    expect(page.locator("#preview-head")).to_be_focused()
    assert is_seen(page, "#preview-head")


def test_check__stands_below_the_expression_where_there_is_no_room(operator, past):
    """What is said while one types is seen beside what is typed, however narrow the window."""
    page = operator
    page.set_viewport_size({"width": 360, "height": 740})
    for address, row in ((ADD, "expr"), (ADD + THRESHOLD, "comparison")):
        page.goto(address)
        near = page.locator(f".form-row.field-{row} + .zsm-check")
        expect(near).to_have_count(1)
    page.goto(ADD)
    page.fill("#id_name", "NodeUnreachable")
    page.locator("#id_expr").fill("max by (node) (zerostate_nodes_up) == 0")
    expect(page.locator(".field-expr ul.errorlist")).to_contain_text("did you mean")
    page.locator("#id_expr").fill(EXPR)
    expect(page.locator("#meaning")).to_contain_text("One alert for each node")
    assert is_seen(page, "#id_expr")
    assert is_seen(page, ".zsm-said")
    page.set_viewport_size({"width": 1280, "height": 900})
    expect(page.locator(".zsm-writing > .zsm-check")).to_have_count(1)
    expect(page.locator("#meaning")).to_contain_text("One alert for each node")


def test_silence__asks_for_times_only_where_they_count(operator):
    """A length is an end already; what is filled in, or wrong, stays in sight."""
    page = operator
    page.goto(reverse("admin:zerostate_monitoring_silence_add"))
    times = [page.locator(f".field-{name}") for name in ("starts_at", "ends_at")]
    for chosen, is_asked in (("1h", False), ("until", True), ("1d", False), ("until", True)):
        page.check(f"[name=lasts][value='{chosen}']")
        assert [one.is_visible() for one in times] == [is_asked, is_asked], chosen
    page.fill("#id_starts_at_0", "2035-01-01")
    page.check("[name=lasts][value='1h']")
    assert [one.is_visible() for one in times] == [True, False]
