"""What is said of a rule while it is written: what saving would say, and nothing is changed."""

from __future__ import annotations

import pytest
from django.contrib.admin.models import LogEntry
from django.urls import reverse

from tests.admin.rules.posting import ADD, PARTS, PROMQL, THRESHOLD, errors, said_by, text
from tests.admin.rules.test_cases import CASE, FAILS
from tests.alerting.alerts import make_alert
from tests.models.rules import make_rule
from zerostate_monitoring.admin.rules import checking
from zerostate_monitoring.models import Receiver, Route, RouteStep, Rule, RuleGroup, RuleVersion

pytestmark = pytest.mark.django_db

NEW = reverse("admin:zerostate_monitoring_rule_check_new")


def check(rule):
    return reverse("admin:zerostate_monitoring_rule_check", args=[rule.pk])


def rows():
    models = (Rule, RuleGroup, RuleVersion, LogEntry)
    return [list(model.objects.order_by("pk").values()) for model in models]


@pytest.mark.parametrize(
    ("url", "form"),
    [
        ("", {**PROMQL, "expr": "sum(rate("}),
        ("", {**PROMQL, "expr": "zerostate_nodes_up == 0", "for_duration": "soon"}),
        ("", {**PROMQL, "annotations": "summary: {{ $labels.node", "labels": "no text"}),
        ("", {**PROMQL, "tests": "- name: x"}),
        ("", {**PROMQL, "tests": FAILS}),
        ("", {**PROMQL, "name": "", "expr": ""}),
        ("?way=threshold", {**PARTS, "metric": "zerostate_nodes_up"}),
        ("?way=threshold", {**PARTS, "threshold": "many", "conditions": "x"}),
    ],
)
def test_errors__are_those_of_saving(browser, store, url, form):
    """The same sentences at the same fields."""
    saved = errors(browser.post(ADD + url, form))
    answer = browser.post(NEW + url, form).json()
    assert saved
    assert answer["errors"] == saved


def test_warnings__have_their_field_and_place(browser, store):
    """As the lint's findings are kept with a saved rule."""
    lost = {**PROMQL, "annotations": "summary: {{ $labels.site }} is down"}
    answer = browser.post(NEW, lost).json()
    assert answer["errors"] == {}
    (said,) = answer["warnings"]["annotations"]
    assert "(label-lost)" in said
    assert "^^^" in said
    assert answer["said"] == "1 warning"
    assert "zsm-warn" in answer["panel"]


def test_meaning__in_sentences(browser, store):
    """For what it fires, when, how often it is looked at, and whom it tells."""
    route = Route.objects.create(name="all", position=1)
    receiver = Receiver.objects.create(name="night watch", kind="webhook")
    RouteStep.objects.create(route=route, receiver=receiver, position=0)
    panel = browser.post(NEW, {**PROMQL, "keep_firing_for": "10m"}).json()["panel"]
    for said in (
        "One alert for each node of max by (node) (zerostate_node_up).",
        "It fires once its value was == 0 for 1m.",
        "It fires on for 10m after it was last seen.",
        "It is evaluated every 30s, with the group own-rules.",
        "As routes are now, it tells night watch.",
    ):
        assert said in panel


def test_meaning__says_a_threshold_in_its_unit(browser, store):
    """Beside the number as it is written."""
    expr = "max(zerostate_node_scrape_duration_seconds) > 0.25"
    assert (
        "&gt; 0.25 (250 ms) for 1m" in browser.post(NEW, {**PROMQL, "expr": expr}).json()["panel"]
    )


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"expr": "sum(zerostate_node_up) < 3"}, "One alert at most"),
        ({"expr": "zerostate_node_up", "for_duration": ""}, "as soon as the expression gives"),
        ({"for_duration": ""}, "It fires as soon as its value is == 0."),
        ({"enabled": ""}, "It is disabled"),
        ({"kind": "recording", "name": "node:up:max", "severity": "", "annotations": "",
          "for_duration": "", "expr": "max(zerostate_node_up)"}, "series of the name node:up:max"),
        ({}, "no route takes it"),
    ],
)  # fmt: skip
def test_meaning__of_other_rules(browser, store, changes, said):
    """Each says what it does."""
    form = {
        name: value for name, value in {**PROMQL, **changes}.items() if value or name != "enabled"
    }
    assert said in browser.post(NEW, form).json()["panel"]


def test_meaning__of_a_long_expression(browser, store):
    """The sentence holds its beginning; whole it stands once."""
    many = " or ".join(["zerostate_node_up == 0"] * 60)
    panel = browser.post(NEW, {**PROMQL, "expr": many}).json()["panel"]
    assert "…" in panel
    assert panel.count("zerostate_node_up") < 70


def test_check__changes_nothing(browser, store):
    """Neither a rule nor a group, a version or a line in the log."""
    rule = make_rule()
    before = rows()
    for url, form in (
        (NEW, PROMQL),
        (NEW, {**PROMQL, "tests": CASE}),
        (check(rule), said_by(rule, name="Other", enabled="", _confirmed="yes")),
    ):
        assert browser.post(url, {**form, "_save": "1"}).status_code == 200
    assert rows() == before


def test_foreseen__which_end_which_begin_and_who_hears(browser, history):
    """relay-2 is down: it goes on; edge-7 is gone, and ends; another name ends both."""
    receiver = Receiver.objects.create(name="night watch", kind="webhook")
    RouteStep.objects.create(
        route=Route.objects.create(name="all", position=1), receiver=receiver, position=0
    )
    rule = make_rule(expr="max by (node) (zerostate_node_up) == 0")
    make_alert(rule, "edge-7")
    panel = browser.post(check(rule), said_by(rule)).json()["panel"]
    assert "end at the next evaluation" in panel
    assert "node=edge-7" in panel
    assert "begin to wait, and fire after 1m" in panel
    assert "node=relay-2" in panel
    assert "night watch" in panel

    panel = browser.post(check(rule), said_by(rule, name="NodeGone")).json()["panel"]
    assert "end at once, when it is saved" in panel


def test_foreseen__without_a_store(browser, settings):
    """What is known is said, and what to do."""
    rule = make_rule()
    alert = make_alert(rule, "edge-7")
    settings.ZEROSTATE_MONITORING_REDIS_URL = "redis://127.0.0.1:1/0"
    panel = browser.post(check(rule), said_by(rule, labels="team: x")).json()["panel"]
    assert "end at once" in panel
    assert "Which alerts begin cannot be said" in panel
    alert.refresh_from_db()
    assert alert.ended_at is None


def test_check__breaks_and_says_so(browser, store, monkeypatch):
    """What nobody foresaw is logged, and a sentence on the page."""

    def broken(*args):
        raise RuntimeError

    monkeypatch.setattr(checking, "checked", broken)
    answer = browser.post(NEW, PROMQL)
    assert answer.status_code == 200
    assert "the log says why" in answer.json()["said"]


def test_check__permissions(viewer, client, store):
    """Who may not write is not answered; neither is a GET."""
    rule = make_rule()
    assert viewer.post(NEW, PROMQL).status_code == 403
    assert viewer.post(check(rule), PROMQL).status_code == 403
    client.logout()
    assert client.post(NEW, PROMQL).status_code == 302


def test_check__what_is_none(browser, store):
    """Only posts, and only of rules that there are."""
    assert browser.get(NEW).status_code == 405
    assert browser.post(NEW.replace("add/check", "99/change/check"), PROMQL).status_code == 404


def test_page__asks_by_its_script_only_where_one_may_write(browser, viewer, store):
    """The address is on the page of who may write."""
    rule = make_rule()
    viewer_page = viewer.get(f"/admin/zerostate_monitoring/rule/{rule.pk}/change/")
    assert viewer_page.status_code == 200
    assert 'data-check="' not in viewer_page.content.decode()


@pytest.mark.parametrize(
    "bad", ["<img src=x onerror=alert(1)>", "a\u202eb", "x" * 10_000, '"><script>alert(1)</script>']
)
@pytest.mark.parametrize("field", ["name", "expr", "annotations", "labels", "owner", "tests"])
def test_check__any_text(browser, store, field, bad):
    """Markup stays text; what is long or turned around does no harm."""
    typed = f"summary: {bad}" if field in {"annotations", "labels"} else bad
    if field == "expr":
        typed = f'zerostate_node_up{{node="{bad}"}} == 0'.replace('"">', '">')
    answer = browser.post(NEW, {**PROMQL, field: typed})
    assert answer.status_code == 200
    assert "<img" not in answer.json()["panel"]
    assert "<script" not in answer.json()["panel"]


def test_queries__are_few(browser, history, django_assert_max_num_queries):
    """Of the page of a rule with alerts, and of what its script asks."""
    rule = make_rule(tests=CASE)
    for node in range(30):
        make_alert(rule, f"edge-{node}")
    url = reverse("admin:zerostate_monitoring_rule_change", args=[rule.pk])
    browser.get(url)
    with django_assert_max_num_queries(9):
        browser.get(url)
    with django_assert_max_num_queries(16):
        browser.post(check(rule), said_by(rule, tests=CASE))


# -- how long it may take -------------------------------------------------------------


def test_cases__that_take_long_are_left_for_a_button(browser, store, monkeypatch):
    """While one types they are neither run to their end nor called failing."""
    monkeypatch.setattr(checking, "CASES_SECONDS", -1.0)
    answer = browser.post(NEW, {**PROMQL, "tests": CASE}).json()
    assert answer["errors"] == {}
    assert "1 test case takes too long to be run while you type: Preview runs it" in answer["said"]
    assert "Preview runs it" in answer["panel"]
    page = browser.post(ADD, {**PROMQL, "tests": CASE, "_preview": "1"})
    assert [one.holds for one in page.context["check"].outcomes] == [True]


def test_check__one_at_a_time_for_one_person(browser, store, monkeypatch):
    """A second one that comes while the first is answered is sent away; then it is free again."""
    answers = []
    asks = checking.checked

    def asked_meanwhile(*arguments):
        answers.append(browser.post(NEW, PROMQL).status_code)
        return asks(*arguments)

    monkeypatch.setattr(checking, "checked", asked_meanwhile)
    assert browser.post(NEW, PROMQL).status_code == 200
    assert answers == [429]
    monkeypatch.undo()
    assert browser.post(NEW, PROMQL).status_code == 200


def test_turns__others_do_not_wait():
    """Each person has a turn; one that ends with an error is over, too."""
    turns = checking.Turns()
    with turns.of(1) as mine, turns.of(2) as theirs, turns.of(1) as again:
        assert (mine, theirs, again) == (True, True, False)
    with pytest.raises(ZeroDivisionError), turns.of(1):
        raise ZeroDivisionError
    with turns.of(1) as mine:
        assert mine


# -- before it has a name ----------------------------------------------------------------


def test_meaning__is_said_before_there_is_a_name(browser, store):
    """The name is still asked for; nobody is told the one that stands in for it."""
    answer = browser.post(NEW, {**PROMQL, "name": "", "tests": CASE}).json()
    assert list(answer["errors"]) == ["name"]
    assert "One alert for each node" in answer["panel"]
    assert checking._STAND_IN not in str(answer)


def test_warnings__are_said_before_there_is_a_name(browser, store):
    """That it compares with nothing, so it would always fire, for example."""
    asked = {**PROMQL, "name": "", "expr": "sum by (node) (zerostate_peer_connections)"}
    answer = browser.post(NEW, asked).json()
    assert list(answer["errors"]) == ["name"]
    assert "(no-condition)" in str(answer["warnings"]["expr"])


@pytest.mark.parametrize(
    ("asked", "is_asked"),
    [
        ("?expr=zerostate_node_up", True),
        ("?way=threshold&metric=zerostate_node_up", True),
        ("?name=NodeDown", False),
        ("", False),
    ],
)
def test_page__that_an_address_filled_in_is_checked_at_once(browser, store, asked, is_asked):
    """What nobody has typed was never looked at."""
    assert ("data-ask" in text(browser.get(ADD + asked))) is is_asked


def test_page__a_threshold_is_asked_for_in_its_own_words(browser, store):
    """Who chooses parts is not told to write an expression."""
    assert "Write an expression" in text(browser.get(ADD))
    page = text(browser.get(ADD + THRESHOLD))
    assert "Choose a metric and a threshold" in page
    assert "Write an expression" not in page
