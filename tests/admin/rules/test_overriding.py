"""What an operator changes of a built-in rule stands beside what is shipped."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.utils import timezone

from tests.admin.rules.posting import change_url, errors, text
from tests.alerting.alerts import make_alert
from zerostate_monitoring.admin.rules.overriding import overrides_form
from zerostate_monitoring.alerting.shipping import sync_shipped
from zerostate_monitoring.models import Rule
from zerostate_monitoring.models.words import AlertState
from zerostate_monitoring.rules.shipped import GROUPS, ShippedRule

pytestmark = pytest.mark.django_db

DEFINITIONS = [rule for group in GROUPS for rule in group.rules if isinstance(rule, ShippedRule)]
SHOWN = {
    "enabled": "on",
    "own_for": "",
    "own_keep": "",
    "own_severity": "",
    "own_labels": "",
    "observing_until_0": "",
    "observing_until_1": "",
    "remark": "",
}


@pytest.fixture
def rule(settings):
    """PeersLow as it is shipped."""
    settings.ZEROSTATE_MONITORING_BUILT_IN_RULES = True
    sync_shipped("default", timezone.now())
    return Rule.objects.get(name="PeersLow")


def parameters(browser, rule):
    form = browser.get(change_url(rule)).context["adminform"].form
    return sorted(name for name in form.fields if name.startswith("parameter_"))


def test_page__shows_what_is_shipped(browser, store, rule):
    """Expression and texts to be read; each parameter with its bounds and its shipped value."""
    page = text(browser.get(change_url(rule)))
    assert "zerostate_peer_connections" in page
    assert "Shipped value:" in page
    assert "Back to shipped" in page
    assert "delete" not in page.split("submit-row")[1].split("</div>")[0].lower()


def test_save__nothing_is_no_override(browser, store, rule):
    """A form that is sent as it came changes nothing."""
    before = Rule.objects.values().get(pk=rule.pk)
    assert browser.post(change_url(rule), SHOWN).status_code == 302
    after = Rule.objects.values().get(pk=rule.pk)
    assert {**after, "changed_at": 0, "observing_until": 0} == {
        **before, "changed_at": 0, "observing_until": 0,
    }  # fmt: skip


def test_save__overrides_outlive_the_next_version(browser, store, rule):
    """for, severity and a label are the operator's after another migrate; then taken back."""
    shipped_for = rule.for_duration
    shipped_keep = rule.keep_firing_for
    posted = {**SHOWN, "own_for": "17m", "own_keep": "0s", "own_labels": "team: network"}
    assert browser.post(change_url(rule), posted).status_code == 302
    sync_shipped("default", timezone.now())
    rule.refresh_from_db()
    assert rule.overrides == {
        "for": "17m", "keep_firing_for": "0s", "labels": {"team": "network"},
    }  # fmt: skip
    assert (rule.for_duration, rule.keep_firing_for) == (timedelta(minutes=17), timedelta(0))
    form = browser.get(change_url(rule)).context["adminform"].form
    assert (form["own_for"].value(), form["own_keep"].value()) == ("17m", "0s")
    assert "for_duration" in LogEntry.objects.get().change_message

    assert browser.post(change_url(rule), {**posted, "back": "on"}).status_code == 302
    rule.refresh_from_db()
    assert (rule.overrides, rule.for_duration) == ({}, shipped_for)
    assert rule.keep_firing_for == shipped_keep != timedelta(0)


def test_save__a_parameter_changes_the_expression(browser, store, rule):
    """Another threshold; the alerts that live are kept, for name and labels are the same."""
    alert = make_alert(rule)
    field, before = parameters(browser, rule)[0], rule.expr
    found = errors(browser.post(change_url(rule), {**SHOWN, field: "1e9"}))
    assert list(found) == [field]
    assert browser.post(change_url(rule), {**SHOWN, field: "4"}).status_code == 302
    rule.refresh_from_db()
    alert.refresh_from_db()
    assert rule.expr != before
    assert alert.state == AlertState.FIRING


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("own_for", "x"),
        ("own_keep", "x"),
        ("own_severity", "deadly"),
        ("own_labels", "x"),
        ("own_labels", "a\x00: b"),
    ],
)
def test_save__what_cannot_be(browser, store, rule, field, typed):
    """Refused at its field, and nothing is changed."""
    assert field in errors(browser.post(change_url(rule), {**SHOWN, field: typed}))
    rule.refresh_from_db()
    assert rule.overrides == {}


def test_severity__ends_alerts_and_is_confirmed(browser, store, rule):
    """Severity is a label, so alerts that live would be others."""
    alert = make_alert(rule, "edge-7")
    posted = {**SHOWN, "own_severity": "critical"}
    assert "1 alert will be closed" in text(browser.post(change_url(rule), posted))
    assert browser.post(change_url(rule), {**posted, "_confirmed": "yes"}).status_code == 302
    alert.refresh_from_db()
    assert alert.state == AlertState.RESOLVED


@pytest.mark.parametrize(
    ("shipped", "parameter"),
    [(one, each) for one in DEFINITIONS for each in one.parameters],
    ids=lambda one: one.name,
)
def test_placeholder__is_what_is_shipped(shipped, parameter):
    """What stands in an empty field is the shipped value as it would be typed there."""
    field = overrides_form(shipped).base_fields[f"parameter_{parameter.name}"]
    typed = field.clean(field.widget.attrs["placeholder"])
    number = typed.total_seconds() if isinstance(typed, timedelta) else typed
    assert number == parameter.default
