"""Writing a rule in the admin: refused, warned of, previewed, saved, and brought back."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.admin.models import ADDITION, CHANGE, LogEntry
from django.contrib.auth.models import Permission, User
from django.utils import timezone

from tests.admin.rules.posting import (
    ADD,
    PARTS,
    PROMQL,
    RULES,
    THRESHOLD,
    change_url,
    errors,
    said_by,
    text,
    url,
)
from tests.alerting.alerts import make_alert
from tests.models.rules import EXPR, make_group, make_rule
from zerostate_monitoring.models import Rule, RuleGroup, Silence
from zerostate_monitoring.models.words import AlertState, EndReason, Origin

pytestmark = pytest.mark.django_db


@pytest.fixture
def viewer(viewer):
    """One to whom permissions can be given."""

    def give(*names):
        found = Permission.objects.filter(codename__in=names)
        User.objects.get(username="viewer").user_permissions.add(*found)

    viewer.give = give
    return viewer


# -- a new one ---------------------------------------------------------------------


def test_add__a_first_rule_needs_no_group(browser):
    """One is made for it, and the audit log says so of both."""
    response = browser.post(ADD, PROMQL)

    assert response.status_code == 302
    rule = Rule.objects.get()
    assert (rule.group.name, rule.for_duration) == ("own-rules", timedelta(minutes=1))
    logged = LogEntry.objects.filter(action_flag=ADDITION)
    assert {entry.object_repr for entry in logged} == {"own-rules", "NodeDown"}


def test_add__the_next_one_stands_with_it(browser):
    """The page of a new rule begins with the operator's own group, and a warning."""
    browser.post(ADD, PROMQL)
    form = browser.get(ADD).context["adminform"].form
    assert form.initial["group"] == RuleGroup.objects.get(name="own-rules")
    assert form.initial["severity"] == "warning"
    browser.post(ADD, {**PROMQL, "name": "Other"})
    assert RuleGroup.objects.count() == 1


def test_add__who_may_add_no_group_chooses_one(viewer):
    """Without the permission the group is asked for."""
    viewer.give("add_rule")
    response = viewer.post(ADD, PROMQL)
    assert "group" in errors(response)
    assert not RuleGroup.objects.exists()
    assert viewer.post(ADD, {**PROMQL, "group": make_group().pk}).status_code == 302


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        ("expr", "sum(rate(", "an expression is expected"),
        ("expr", "zerostate_node_up[5m]", "range vector"),
        ("expr", "zerostate_nodes_up == 0", "zerostate_node_up"),
        ("expr", 'zerostate_node_up{stie="a"} == 0', "stie"),
        ("expr", "rate(zerostate_peer_connections[5m]) > 1", "deriv"),
        ("expr", "count(zerostate_node_up) == 0", "never below 1"),
        ("annotations", "summary: {{ $labels.node", "summary"),
        ("annotations", "no text", "Line 1"),
        ("labels", "team: {{ $value }}", "team"),
        ("labels", "alertname: x", "alertname"),
        ("for_duration", "5 fortnights", "5fortnights"),
        ("for_duration", "-5m", "-5m"),
        ("name", "", "required"),
    ],
)
def test_errors__refuse_at_their_field(browser, store, field, typed, said):
    """Syntax, type, lint, templates, labels and durations; nothing is saved."""
    found = errors(browser.post(ADD, {**PROMQL, field: typed}))

    assert list(found) == [field]
    assert said in " ".join(found[field])
    assert not Rule.objects.exists()


def test_errors__have_their_place(browser, store):
    """The part of the expression that is wrong is underlined."""
    found = errors(browser.post(ADD, {**PROMQL, "expr": 'zerostate_node_up{stie="a"} == 0'}))
    lines = found["expr"][0].splitlines()
    assert any(set(line.strip()) == {"^"} for line in lines)


def test_warnings__are_shown_and_kept(browser, store):
    """A rule with a finding is saved; the message, the list and its page say so."""
    lost = {**PROMQL, "annotations": "summary: {{ $labels.site }} is down"}
    page = text(browser.post(ADD, lost, follow=True))

    rule = Rule.objects.get()
    assert [finding["code"] for finding in rule.findings] == ["label-lost"]
    assert "site" in page
    assert "▲ 1" in page
    assert "(label-lost)" in text(browser.get(change_url(rule)))


# -- the builder -------------------------------------------------------------------


def test_builder__makes_the_expression(browser, store):
    """Metric, condition, reading, aggregation and threshold become PromQL."""
    parts = {
        **PARTS,
        "metric": "zerostate_peer_connections",
        "conditions": 'site="fra1"\nnode!="a"',
        "function": "avg_over_time",
        "window": "10m",
        "aggregation": "sum",
        "comparison": "<",
        "threshold": "25",
    }
    assert browser.post(ADD + THRESHOLD, parts).status_code == 302
    assert Rule.objects.get().expr == (
        'sum by (node) (avg_over_time(zerostate_peer_connections{node!="a",site="fra1"}[10m])) < 25'
    )


def test_builder__and_back_again(browser, store):
    """A rule whose expression has the form is shown in parts, and says the same when saved."""
    rule = make_rule(expr=EXPR)
    form = browser.get(change_url(rule) + THRESHOLD).context["adminform"].form
    shown = {name: form.initial[name] for name in ("metric", "aggregation", "by", "comparison")}
    assert shown == {
        "metric": "zerostate_node_up", "aggregation": "max", "by": "node", "comparison": "==",
    }  # fmt: skip
    posted = {**PARTS, "group": rule.group_id}
    assert browser.post(change_url(rule) + THRESHOLD, posted).status_code == 302
    rule.refresh_from_db()
    assert (rule.expr, rule.version) == (EXPR, 1)


def test_builder__is_not_offered_where_it_cannot_say_it(browser, store):
    """Whatever is more than a threshold stays in PromQL."""
    rule = make_rule(expr="zerostate_node_up == 0 and zerostate_peer_connections > 3")
    response = browser.get(change_url(rule) + THRESHOLD)
    assert "expr" in response.context["adminform"].form.fields
    assert "zsm-ways" not in text(response)


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("metric", "zerostate_nodes_up"),
        ("conditions", 'site="fra1'),
        ("window", "5 x"),
        ("threshold", "many"),
        ("threshold", ""),
    ],
)
def test_builder__errors_stand_at_their_part(browser, store, field, typed):
    """Refused where it was typed, and nothing is saved."""
    parts = {**PARTS, "function": "avg_over_time", "window": "5m", field: typed}
    assert field in errors(browser.post(ADD + THRESHOLD, parts))
    assert not Rule.objects.exists()


# -- preview -----------------------------------------------------------------------


def test_preview__says_when_how_often_and_whom(browser, history):
    """Over the history: how often, when, a picture, and that nobody would be told; not saved."""
    response = browser.post(ADD, {**PROMQL, "_preview": "1", "_span": "3600"})

    page = " ".join(text(response).split())
    assert "It would have fired <strong>2 times</strong>, 1 still firing" in page
    assert "2 alerts would have gone to nobody" in page
    assert "node=edge-1" in page
    assert "<svg" in page
    assert "Nothing is saved yet." in page
    assert not Rule.objects.exists()


def test_preview__says_what_would_be_held_back(browser, history):
    """Else no message would stand there, and no reason why."""
    Silence.objects.create(
        matchers='node="edge-1"',
        starts_at=timezone.now() - timedelta(minutes=1),
        ends_at=timezone.now() + timedelta(hours=1),
        author="ann",
        comment="planned",
    )
    page = text(browser.post(ADD, {**PROMQL, "_preview": "1", "_span": "3600"}))
    assert "would be held back as things are now: silenced." in page


@pytest.mark.parametrize("changed", [{"expr": "sum(rate("}, {"kind": "recording", "name": "a:b"}])
def test_preview__of_what_has_none(browser, store, changed):
    """What is refused is refused; a recording rule makes no alerts."""
    response = browser.post(ADD, {**PROMQL, **changed, "_preview": "1"})
    assert "It would" not in text(response)
    assert not Rule.objects.exists()


def test_preview__without_a_store(browser):
    """It says why, and the form is there."""
    page = text(browser.post(ADD, {**PROMQL, "_preview": "1"}))
    assert 'id="preview"' in page
    assert "errornote" in page


# -- an edit -----------------------------------------------------------------------


def test_edit__of_anything_else_keeps_the_alerts(browser, store):
    """Expression and for are others, the alert fires on; version and audit log say what."""
    rule = make_rule()
    alert = make_alert(rule)
    posted = said_by(rule, for_duration="2m", remark="too nervous")
    assert browser.post(change_url(rule), posted).status_code == 302

    alert.refresh_from_db()
    rule.refresh_from_db()
    assert alert.state == AlertState.FIRING
    assert rule.version == 2
    said = LogEntry.objects.get(action_flag=CHANGE).change_message
    assert said == "Version 2. for_duration: 1m → 2m (too nervous)"
    assert rule.versions.first().remark == "too nervous"
    assert rule.versions.first().changed_by.username == "root"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"name": "NodeGone"}, EndReason.EDITED),
        ({"labels": "team: network"}, EndReason.EDITED),
        ({"severity": "warning"}, EndReason.EDITED),
        ({"enabled": ""}, EndReason.DISABLED),
    ],
)
def test_edit__that_ends_alerts_is_confirmed(browser, store, changes, reason):
    """First the alerts are shown and nothing is changed; with the box ticked they end."""
    rule = make_rule()
    alert = make_alert(rule, "edge-7")
    posted = said_by(rule, **changes)

    page = text(browser.post(change_url(rule), posted))
    assert "1 alert will be closed" in page
    assert "node=edge-7" in page
    alert.refresh_from_db()
    assert alert.state == AlertState.FIRING

    assert browser.post(change_url(rule), {**posted, "_confirmed": "yes"}).status_code == 302
    alert.refresh_from_db()
    assert (alert.state, alert.end_reason) == (AlertState.RESOLVED, reason)
    assert alert.events.get().actor.username == "root"


def test_edit__of_two_at_once_keeps_both(browser, store):
    """The page of a rule that is gone meanwhile says so, and is no error."""
    rule = make_rule()
    posted = said_by(rule)
    address = change_url(rule)
    rule.delete()
    assert browser.post(address, posted, follow=True).status_code == 200


# -- versions ----------------------------------------------------------------------


def test_versions__what_was_changed_and_the_way_back(browser, store):
    """Old and new beside each other; the form of an old version, saved, is a new version."""
    rule = make_rule()
    rule.for_duration = timedelta(minutes=9)
    rule.save()

    page = text(browser.get(url("versions", rule)))
    assert "<del>1m</del>" in page
    assert "<ins>9m</ins>" in page
    assert f"{change_url(rule)}?version=1" in page

    response = browser.get(change_url(rule), {"version": "1"})
    assert "This is what version 1 said." in text(response)
    assert response.context["adminform"].form.initial["for_duration"] == timedelta(minutes=1)
    rule.refresh_from_db()
    assert rule.for_duration == timedelta(minutes=9)

    browser.post(change_url(rule) + "?version=1", said_by(rule, for_duration="1m"))
    rule.refresh_from_db()
    assert (rule.for_duration, rule.version) == (timedelta(minutes=1), 3)


@pytest.mark.parametrize("version", ["9", "x", "-1", "9" * 40, ""])
def test_versions__one_that_is_not_there(browser, store, version):
    """The page shows what is now."""
    rule = make_rule()
    assert browser.get(change_url(rule), {"version": version}).status_code == 200


def test_versions__of_no_rule(browser):
    """Not found, whatever stands in the address."""
    for key in ("77", "x", "_5F"):
        assert browser.get(f"/admin/zerostate_monitoring/rule/{key}/versions/").status_code == 404


# -- deletion ----------------------------------------------------------------------


def test_delete__shows_what_ends_and_who_did_it(browser, store):
    """The alerts that will be closed, and the rules that read what is recorded."""
    rule = make_rule()
    alert = make_alert(rule, "edge-7")
    page = text(browser.get(url("delete", rule)))
    assert "1 alert will be closed" in page
    assert "node=edge-7" in page

    browser.post(url("delete", rule), {"post": "yes"})
    alert.refresh_from_db()
    assert (alert.rule, alert.end_reason) == (None, EndReason.DELETED)
    assert alert.events.get().actor.username == "root"
    assert LogEntry.objects.filter(object_repr="NodeDown", action_flag=3).count() == 1


def test_delete__of_many_shows_what_ends(browser, store):
    """Built-in ones are left out with a word; the others end with their alerts, when confirmed."""
    own, shipped = make_rule(name="Own"), make_rule(origin=Origin.SHIPPED, shipped_key="NodeDown")
    alert = make_alert(own, "edge-7")
    posted = {"action": "delete_selected", "_selected_action": [own.pk, shipped.pk]}

    page = text(browser.post(RULES, posted))
    assert "Delete 1 rule?" in page
    assert "node=edge-7" in page
    assert "disabled, not deleted" in page
    assert Rule.objects.count() == 2

    browser.post(RULES, {**posted, "confirmed": "yes"})
    assert list(Rule.objects.values_list("name", flat=True)) == ["NodeDown"]
    alert.refresh_from_db()
    assert alert.end_reason == EndReason.DELETED
    assert alert.events.get().actor.username == "root"
    assert [(one.object_repr, one.action_flag) for one in LogEntry.objects.all()] == [("Own", 3)]


def test_delete__of_a_recording_rule_names_its_readers(browser, store):
    """Rules that read its series will find nothing."""
    record = make_rule(
        name="site:up:sum", kind="recording", expr="sum by (site) (zerostate_node_up)", severity=""
    )
    make_rule(name="SiteDown", expr="site:up:sum == 0")
    page = text(browser.get(url("delete", record)))
    assert "will find nothing:" in page
    assert "SiteDown" in page
