"""Rows of built-in rules follow the code; what is the operator's stays."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tests.alerting.evaluation.harness import Installation, labels_of
from zerostate_monitoring.alerting.shipping import Shipped, fields_of, sync_rules, sync_shipped
from zerostate_monitoring.models import (
    Alert,
    AlertEvent,
    Inhibition,
    Receiver,
    Route,
    Rule,
    RuleGroup,
    RuleState,
)
from zerostate_monitoring.models.words import Health, Origin, RuleKind
from zerostate_monitoring.rules.shipped import GROUPS, INHIBITIONS, RULES, ShippedRule

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 26, 3, tzinfo=UTC)
LATER = NOW + timedelta(days=30)


def sync(groups=GROUPS, now=NOW):
    return sync_rules(groups, now, using="default")


def with_rule(**changes):
    """What a next version ships: NodesDownMany with ``changes``."""

    def changed(rule):
        return replace(rule, **changes) if rule.name == "NodesDownMany" else rule

    return tuple(replace(group, rules=tuple(map(changed, group.rules))) for group in GROUPS)


def without_rule():
    """What a next version ships that no longer has NodesDownMany."""
    return tuple(
        replace(group, rules=tuple(r for r in group.rules if r.name != "NodesDownMany"))
        for group in GROUPS
    )


def row(name="NodesDownMany"):
    return Rule.objects.get(name=name)


def test_sync__makes_a_row_of_every_rule():
    """63 rows, each of which says what is shipped, passes the checks, and has its version."""
    assert sync() == Shipped(added=63)

    rows = list(Rule.objects.select_related("group"))
    assert {r.name for r in rows if r.kind == RuleKind.ALERTING} == {
        rule.name for group in GROUPS for rule in group.rules if isinstance(rule, ShippedRule)
    }
    for rule in rows:
        rule.full_clean()
        assert rule.origin == Origin.SHIPPED
        assert rule.versions.count() == 1
    assert row().definition().labels == {
        "severity": "critical",
        "layer": "p2p",
        "fault": "nodes_down_many",
    }


def test_sync__changes_nothing_the_second_time(django_assert_max_num_queries):
    """What is there as it should be is read and not written."""
    sync()
    with django_assert_max_num_queries(16) as queries:
        assert sync(now=LATER) == Shipped()
    assert not [q for q in queries if q["sql"].startswith(("UPDATE", "INSERT", "DELETE"))]


def test_sync__observes_at_the_first_installation_alone(settings):
    """All rules but the watchdog send nothing for a day; one that comes later does at once."""
    settings.ZEROSTATE_MONITORING_OBSERVE_SECONDS = 3600
    sync(without_rule())
    observed = Rule.objects.filter(kind=RuleKind.ALERTING).exclude(name="Watchdog")

    assert set(observed.values_list("observing_until", flat=True)) == {NOW + timedelta(hours=1)}
    assert row("Watchdog").observing_until is None

    sync(now=LATER)
    assert row().observing_until is None


def test_sync__observes_nothing_where_the_setting_is_zero(settings):
    """0 sends from the first evaluation on."""
    settings.ZEROSTATE_MONITORING_OBSERVE_SECONDS = 0
    sync()
    assert not Rule.objects.exclude(observing_until=None).exists()


def test_sync__mends_an_expression_and_keeps_overrides_and_state():
    """A new version's expression comes in with the operator's numbers; the row is the same."""
    sync()
    Rule.objects.filter(name="NodesDownMany").update(
        overrides={"parameters": {"share": 0.5}, "severity": "warning", "for": "10m"},
        owner="network team",
    )
    before = row()
    RuleState.objects.create(rule=before, health=Health.OK)
    mended = "1 - avg(zerostate_node_up) > <share> and count(zerostate_node_up) >= <nodes>"

    assert sync(with_rule(expr=mended)) == Shipped(changed=1)

    after = row()
    assert after.pk == before.pk
    assert after.expr == "1 - avg(zerostate_node_up) > 0.5 and count(zerostate_node_up) >= 5"
    assert (after.severity, after.for_duration) == ("warning", timedelta(minutes=10))
    assert "limit 50%" in after.annotations["summary"]
    assert (after.owner, after.version) == ("network team", 2)
    assert after.state.health == Health.OK
    assert after.versions.get(version=1).fields["expr"] == before.expr


def test_sync__an_alert_goes_on_through_a_new_version(monkeypatch, settings):
    """It fired before, fires on under the mended expression with the set number, and ends."""
    settings.ZEROSTATE_MONITORING_OBSERVE_SECONDS = 0

    def alone(**changes):
        return (replace(GROUPS[1], rules=(replace(RULES["NodesDownMany"], **changes),)),)

    sync(alone())
    rule = row()
    rule.overrides = {"parameters": {"share": 0.5}}
    rule.save()
    sync(alone())
    installation = Installation(monkeypatch)
    up = {labels_of("zerostate_node_up", node=f"n{n}", node_role="edge"): 1.0 for n in range(5)}
    most_down = {key: float(place > 2) for place, key in enumerate(up)}
    for _ in range(12):
        installation.step(most_down)
    before = Alert.objects.get()
    assert (before.state, before.rule) == ("firing", rule)

    mended = "1 - avg(zerostate_node_up) > <share> and count(zerostate_node_up) >= <nodes>"
    assert sync(alone(expr=mended)) == Shipped(changed=1)
    for _ in range(4):
        installation.step(most_down)

    after = Alert.objects.get()
    assert (after.pk, after.state, after.fired_at) == (before.pk, "firing", before.fired_at)
    assert "> 0.5" in row().expr

    for _ in range(24):
        installation.step(up)
    after.refresh_from_db()
    assert (after.state, after.end_reason) == ("resolved", "resolved")
    kinds = AlertEvent.objects.filter(alert=after).values_list("kind", flat=True)
    assert [kind for kind in kinds if kind in {"pending", "firing", "resolved"}] == [
        "pending", "firing", "resolved",
    ]  # fmt: skip


def test_sync__leaves_the_switch_to_the_operator():
    """A rule that was disabled in any way stays so."""
    sync()
    Rule.objects.filter(name="NodesDownMany").update(enabled=False)

    sync(with_rule(for_=timedelta(minutes=9)))
    assert not row().enabled

    Rule.objects.filter(name="NodesDownMany").update(overrides={"enabled": True})
    sync()
    assert row().enabled


def test_sync__sets_aside_what_can_no_longer_be_and_says_so(caplog):
    """A parameter that a new version has dropped stays among the overrides, and is told of."""
    sync()
    Rule.objects.filter(name="NodesDownMany").update(
        overrides={"parameters": {"share": 0.5, "nodes": 7}}
    )
    old = RULES["NodesDownMany"]
    only_nodes = tuple(p for p in old.parameters if p.name == "nodes")
    expr = old.expr.replace("<share>", "0.4")

    sync(with_rule(expr=expr, parameters=only_nodes, summary="{{ $value }} of <nodes>"))

    after = row()
    assert "> 0.4" in after.expr
    assert ">= 7" in after.expr
    assert after.overrides == {"parameters": {"share": 0.5, "nodes": 7}}
    assert "parameters.share" in after.versions.get(version=2).remark


def test_sync__gives_what_is_no_longer_shipped_to_the_operator():
    """It goes on as it was, and its row says that it is theirs."""
    sync()
    expr = row().expr

    assert sync(without_rule()) == Shipped(retired=1)

    after = row()
    assert (after.origin, after.shipped_key, after.enabled) == (Origin.OWN, "", True)
    assert after.expr == expr
    assert "yours" in after.annotations["retired"]
    assert sync(without_rule()) == Shipped()


def test_sync__touches_no_row_of_an_operator():
    """Groups, rules and inhibitions of the same names stay, and stand beside."""
    group = RuleGroup.objects.create(name="zerostate-p2p", interval_seconds=77)
    own = Rule.objects.create(group=group, name="NodeDown", expr="vector(2)")
    Inhibition.objects.create(name="store down", source_matchers="a=b", target_matchers="c=d")

    sync()

    group.refresh_from_db()
    own.refresh_from_db()
    assert (group.interval_seconds, group.rules.count(), own.expr) == (77, 1, "vector(2)")
    assert RuleGroup.objects.get(shipped_key="zerostate-p2p").name == "zerostate-p2p (built-in)"
    assert Inhibition.objects.get(name="store down").source_matchers == "a=b"
    assert Inhibition.objects.filter(shipped_key="store down").exists()


def test_sync__group_and_place_are_the_operators():
    """An interval that was changed stays; so does the group that a rule was moved to."""
    sync()
    own = RuleGroup.objects.create(name="mine")
    RuleGroup.objects.filter(shipped_key="zerostate-slo").update(interval_seconds=120)
    Rule.objects.filter(name="NodesDownMany").update(group=own)

    sync(with_rule(for_=timedelta(minutes=9)))

    assert RuleGroup.objects.get(shipped_key="zerostate-slo").interval_seconds == 120
    assert row().group == own


def test_sync__inhibitions_and_the_watchdogs_route():
    """All inhibitions, and one route: to the canary, which tells nobody. No other receiver."""
    sync()
    assert Inhibition.objects.count() == len(INHIBITIONS)
    route = Route.objects.get()
    assert (route.matchers, route.position) == ('alertname="Watchdog"\nseverity="none"', 0)
    assert [step.receiver.kind for step in route.steps.all()] == ["canary"]
    assert Receiver.objects.count() == 1

    route.repeat_interval_seconds = 30
    route.save()
    sync()
    assert Route.objects.get().repeat_interval_seconds == 30


def test_sync__runbooks_can_be_opened(settings, client):
    """The address of each leads to its page, with and without an address of the project."""
    settings.ZEROSTATE_MONITORING_BASE_URL = "https://ops.example"
    sync()
    url = row().runbook_url
    assert url == "https://ops.example/monitoring/runbooks/NodesDownMany/"

    settings.ZEROSTATE_MONITORING_RUNBOOK_URL = "https://wiki.example/{name}"
    sync()
    assert row().runbook_url == "https://wiki.example/NodesDownMany"


def test_migrate__ships_where_it_is_wanted(settings):
    """Not by the setting's word; not while the app is off."""
    sync_shipped("default", NOW)
    assert not Rule.objects.exists()

    settings.ZEROSTATE_MONITORING_BUILT_IN_RULES = True
    settings.ZEROSTATE_MONITORING_ENABLED = False
    sync_shipped("default", NOW)
    assert not Rule.objects.exists()

    settings.ZEROSTATE_MONITORING_ENABLED = True
    sync_shipped("default", NOW)
    assert Rule.objects.count() == 63


def test_fields__are_columns():
    """Each is one of the row's."""
    columns = {field.name for field in Rule._meta.get_fields()}
    for group in GROUPS:
        for rule in group.rules:
            assert set(fields_of(rule, {})) <= columns
