"""Groups of rules in the admin."""

from __future__ import annotations

import pytest
from django.contrib.admin.models import LogEntry
from django.urls import reverse

from tests.admin.rules.posting import GROUP, GROUPS, errors, text
from tests.admin.scene import make_scene
from tests.alerting.alerts import make_alert
from tests.models.rules import make_group, make_rule
from zerostate_monitoring.models import RuleGroup
from zerostate_monitoring.models.words import AlertState, EndReason, Origin

pytestmark = pytest.mark.django_db


def page_of(group, page="change"):
    return reverse(f"admin:zerostate_monitoring_rulegroup_{page}", args=[group.pk])


def test_list__says_how_evaluation_goes(browser):
    """How many rules, how old the last slot is, what was missed, and what is in error."""
    make_scene()
    page = text(browser.get(GROUPS))
    assert "5 of 6" in page
    assert "1 in error" in page
    assert "31 ms" in page


def test_page__has_the_rules_in_their_order(browser):
    """As they are evaluated, each with its state."""
    make_scene()
    page = text(browser.get(page_of(RuleGroup.objects.get(name="nodes"))))
    assert page.index(">EdgeNodeDown<") < page.index(">FewPeers<") < page.index(">site:up:sum<")
    assert "812" in page


def test_add__is_logged(browser):
    """A group is an interval and labels; the audit log has it."""
    posted = {**GROUP, "labels": "team: network", "interval_seconds": "15"}
    assert browser.post(f"{GROUPS}add/", posted).status_code == 302
    group = RuleGroup.objects.get()
    assert (group.labels, group.interval_seconds) == ({"team": "network"}, 15)
    assert LogEntry.objects.get().object_repr == "network"


@pytest.mark.parametrize(
    ("field", "typed"),
    [("interval_seconds", "0"), ("interval_seconds", "-1"), ("name", ""), ("labels", "x")],
)
def test_add__what_cannot_be(browser, field, typed):
    """Refused at its field."""
    assert field in errors(browser.post(f"{GROUPS}add/", {**GROUP, field: typed}))


@pytest.mark.parametrize(
    ("changes", "reason"),
    [({"enabled": ""}, EndReason.DISABLED), ({"labels": "team: network"}, EndReason.EDITED)],
)
def test_edit__that_ends_alerts_is_confirmed(browser, changes, reason):
    """The box must be ticked; who did it stands in the trail."""
    rule = make_rule()
    alert = make_alert(rule)
    posted = {**GROUP, **changes}
    assert "confirm_closing" in errors(browser.post(page_of(rule.group), posted))
    alert.refresh_from_db()
    assert alert.state == AlertState.FIRING

    browser.post(page_of(rule.group), {**posted, "confirm_closing": "on"})
    alert.refresh_from_db()
    assert (alert.state, alert.end_reason) == (AlertState.RESOLVED, reason)
    assert alert.events.get().actor.username == "root"


def test_edit__of_the_interval_keeps_the_alerts(browser):
    """Nothing is asked, nothing ends."""
    alert = make_alert(make_rule())
    posted = {**GROUP, "interval_seconds": "60"}
    assert browser.post(page_of(alert.rule.group), posted).status_code == 302
    alert.refresh_from_db()
    assert alert.state == AlertState.FIRING


def test_delete__shows_what_ends(browser):
    """With the group go its rules, and with these their alerts."""
    alert = make_alert(make_rule(), "edge-7")
    group = alert.rule.group
    assert "node=edge-7" in text(browser.get(page_of(group, "delete")))
    browser.post(page_of(group, "delete"), {"post": "yes"})
    alert.refresh_from_db()
    assert (alert.end_reason, alert.rule) == (EndReason.DELETED, None)
    assert alert.events.get().actor.username == "root"


def test_delete__not_many_at_once_and_not_built_in(browser):
    """Only on the page that shows what ends; what is shipped is disabled."""
    group = make_group(origin=Origin.SHIPPED)
    assert "delete_selected" not in text(browser.get(GROUPS))
    assert browser.post(page_of(group, "delete"), {"post": "yes"}).status_code == 403
    posted = {"action": "delete_selected", "_selected_action": [group.pk], "post": "yes"}
    browser.post(GROUPS, posted)
    assert RuleGroup.objects.count() == 1
