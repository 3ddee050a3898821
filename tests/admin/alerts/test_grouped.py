"""What lives, by a label: groups in order, and what can be done about a whole group."""

from __future__ import annotations

import pytest
from django.urls import reverse
from django.utils import timezone

from tests.admin.scene import make_scene
from tests.alerting.alerts import make_alert
from tests.models.rules import make_rule
from zerostate_monitoring.admin.alerts import grouped as module
from zerostate_monitoring.models import Alert
from zerostate_monitoring.models.words import AlertState

pytestmark = pytest.mark.django_db

GROUPED = reverse("admin:zerostate_monitoring_alert_grouped")
ALERTS = reverse("admin:zerostate_monitoring_alert_changelist")


def text(response):
    return response.content.decode()


def groups(browser, **query):
    found = browser.get(GROUPED, query).context["groups"]
    return [(one["value"], one["firing"], one["taken"], one["pending"]) for one in found]


def test_groups__by_rule_the_gravest_first(browser):
    """Without a choice by rule: how many fire, of them taken on, how many are pending."""
    make_scene()
    assert groups(browser) == [("EdgeNodeDown", 1, 0, 0), ("FewPeers", 2, 1, 1)]


def test_groups__by_a_label(browser):
    """By any label that an alert has; an alert without it stands in a group of its own."""
    make_scene()
    Alert.objects.filter(rule_name="EdgeNodeDown").update(labels={"alertname": "EdgeNodeDown"})
    found = groups(browser, by="node")
    assert ("boot-1", 1, 0, 0) in found
    assert ("without it", 1, 0, 0) in found
    offered = [name for name, _title, _chosen in browser.get(GROUPED).context["choices"]]
    assert {"alertname", "node", "site", "severity"} <= set(offered)


@pytest.mark.parametrize("by", ["", "nothing", "x" * 10_000, "<script>", "a__b"])
def test_groups__by_what_nobody_has(browser, by):
    """All stand together; an address by hand is no error."""
    make_scene()
    response = browser.get(GROUPED, {"by": by})
    assert response.status_code == 200
    assert "<script>&" not in text(response)
    assert len(response.context["groups"]) == 1


def test_groups__one_alone(browser):
    """The rest of a long group stands on a page of its own."""
    make_scene()
    assert groups(browser, by="alertname", value="FewPeers") == [("FewPeers", 2, 1, 1)]
    assert "All groups" in text(browser.get(GROUPED, {"value": "FewPeers"}))


def test_groups__lead_to_everything_about_a_label(browser):
    """But a rule has its own page."""
    make_scene()
    assert "?label=node&amp;value=boot-1" in text(browser.get(GROUPED, {"by": "node"}))


def test_group__is_acknowledged_whole(browser):
    """Its button asks first, and names what it will do; then all that fire are taken on."""
    make_scene()
    keys = browser.get(GROUPED).context["groups"][1]["keys"]
    posted = {"action": "acknowledge", "_selected_action": keys, "index": "0"}
    asked = browser.post(ALERTS, posted)
    assert "Acknowledge 2 alerts" in text(asked)
    assert "taken on by root: this takes it over" in text(asked)
    browser.post(ALERTS, {**posted, "confirmed": "yes", "comment": "disks"})
    fewpeers = Alert.objects.filter(rule_name="FewPeers", state=AlertState.FIRING)
    assert {one.acknowledgement for one in fewpeers} == {"disks"}


def test_rows__are_bounded(browser, monkeypatch):
    """However much fires, a page has so many rows, and says where the others are."""
    monkeypatch.setattr(module, "_ROWS", 12)
    for place in range(4):
        rule = make_rule(name=f"Rule{place}")
        for node in range(6):
            make_alert(rule, f"n{node}", fingerprint=f"{place}-{node}")
    found = browser.get(GROUPED).context["groups"]
    assert sum(len(one["alerts"]) for one in found) == 12
    assert [one["more"] for one in found] == [0, 0, 6, 6]
    assert "6 more" in text(browser.get(GROUPED))


def test_order__urgent_before_many():
    """One critical that nobody has goes before many that somebody has; a watchdog is last."""
    open_one = Alert(rule_name="A", severity="critical", state="firing", labels={})
    taken = [
        Alert(rule_name="B", severity="critical", state="firing", acknowledged_at=timezone.now())
        for _ in range(9)
    ]
    dog = Alert(rule_name="C", severity="none", state="firing", labels={})
    pending = Alert(rule_name="D", severity="warning", state="pending", labels={})
    order = [one.value for one in module.grouped([dog, *taken, pending, open_one], "alertname")]
    assert order == ["A", "B", "D", "C"]


def test_nothing__says_so(browser):
    """An empty page is a sentence."""
    assert "Nothing fires, and nothing is pending." in text(browser.get(GROUPED))
