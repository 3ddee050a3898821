"""What is done to many rules at once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.utils import timezone

from tests.admin.rules.posting import RULES, text
from tests.alerting.alerts import make_alert
from tests.models.rules import make_rule
from zerostate_monitoring.models import Rule
from zerostate_monitoring.models.words import AlertState, EndReason, Origin

pytestmark = pytest.mark.django_db


def act(client, action, rules, **more):
    posted = {"action": action, "_selected_action": [rule.pk for rule in rules], **more}
    return client.post(RULES, posted, follow=True)


def logged():
    return {(entry.object_repr, entry.change_message) for entry in LogEntry.objects.all()}


def test_enable__those_that_still_can(browser, store):
    """One that cannot work any more stays disabled, and the page says why."""
    good, bad = make_rule(enabled=False), make_rule(name="Bad", expr="nothing == 0", enabled=False)
    page = text(act(browser, "enable", [good, bad]))

    assert "1 rule enabled." in page
    assert "Bad: " in page
    assert dict(Rule.objects.values_list("name", "enabled")) == {"NodeDown": True, "Bad": False}
    assert logged() == {("NodeDown", "Enabled.")}


def test_disable__asks_where_alerts_end(browser, store):
    """First which; then they end with the reason, and each rule stands in the audit log."""
    rules = [make_rule(), make_rule(name="Other")]
    alert = make_alert(rules[0], "edge-7")

    page = text(act(browser, "disable", rules))
    assert "Disable 2 rules?" in page
    assert "node=edge-7" in page
    assert Rule.objects.filter(enabled=True).count() == 2

    assert "2 rules disabled." in text(act(browser, "disable", rules, confirmed="yes"))
    assert not Rule.objects.filter(enabled=True).exists()
    alert.refresh_from_db()
    assert (alert.state, alert.end_reason) == (AlertState.RESOLVED, EndReason.DISABLED)
    assert logged() == {("NodeDown", "Disabled."), ("Other", "Disabled.")}


def test_disable__of_a_built_in_rule_outlives_the_next_version(browser, store):
    """It stands among the overrides; enabling takes it back."""
    rule = make_rule(origin=Origin.SHIPPED, shipped_key="NodeDown", overrides={"for": "9m"})
    act(browser, "disable", [rule], confirmed="yes")
    rule.refresh_from_db()
    assert rule.overrides == {"for": "9m", "enabled": False}
    act(browser, "enable", [rule])
    rule.refresh_from_db()
    assert (rule.enabled, rule.overrides) == (True, {"for": "9m"})


def test_send_now__ends_the_observation(browser, store):
    """What fires is sent from now on; rules that were not observed are left alone."""
    rule = make_rule(observing_until=timezone.now() + timedelta(hours=9))
    alert = make_alert(rule, observed=True)
    assert "1 rule sends from now on." in text(
        act(browser, "send_now", [rule, make_rule(name="Other")])
    )
    alert.refresh_from_db()
    rule.refresh_from_db()
    assert (rule.observing_until, alert.observed) == (None, False)
    assert logged() == {("NodeDown", "Observation ended: sent from now on.")}


@pytest.mark.parametrize("action", ["enable", "disable", "send_now", "delete_selected"])
def test_viewer__can_do_nothing_to_many(viewer, store, action):
    """Who may only look changes nothing, with or without a confirmation."""
    until = timezone.now() + timedelta(hours=9)
    rule = make_rule(enabled=action != "enable", observing_until=until)
    before = Rule.objects.values().get(pk=rule.pk)
    act(viewer, action, [rule], confirmed="yes", post="yes")
    assert Rule.objects.values().get(pk=rule.pk) == before
    assert not LogEntry.objects.exists()
