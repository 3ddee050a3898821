"""What leaves: enabled rules, as near to ours as a Prometheus can be."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import yaml

from zerostate_monitoring.alerting.shipping import sync_rules
from zerostate_monitoring.exceptions import ConfigurationError, RuleFileError
from zerostate_monitoring.generators.options import ExportOptions
from zerostate_monitoring.generators.prometheus_rules import files, outgoing
from zerostate_monitoring.generators.rule_files import read
from zerostate_monitoring.models import Rule, RuleGroup
from zerostate_monitoring.models.words import NoDataPolicy
from zerostate_monitoring.rules.shipped import GROUPS

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 26, 3, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def shipped(settings):
    settings.ZEROSTATE_MONITORING_OBSERVE_SECONDS = 0
    sync_rules(GROUPS, NOW, using="default")


def rules(found):
    return {rule.name: rule for group in found.groups for rule in group.rules}


def test_outgoing__everything_and_what_is_for_outside(shipped, django_assert_num_queries):
    """63 rules, three more for outside, in two queries."""
    with django_assert_num_queries(2):
        found = outgoing(NOW)
    assert len(rules(found)) == 66
    assert found.groups[-1].name == "zerostate-outside"
    assert len(found.tested) == 51
    assert len(rules(outgoing(NOW, with_outside=False))) == 63


def test_outgoing__keep_becomes_an_hour(shipped):
    """Where a rule keeps its state without data; the file says so."""
    found = outgoing(NOW)
    assert rules(found)["BootnodeDown"].keep_firing_for == HOUR
    assert rules(found)["OutboxDelayed"].keep_firing_for == timedelta(0)
    assert any("keep_firing_for is 1h" in note for note in found.notes)

    Rule.objects.update(no_data_policy=NoDataPolicy.RESOLVE)
    found = outgoing(NOW)
    assert rules(found)["BootnodeDown"].keep_firing_for == timedelta(minutes=2)
    assert found.notes == ()


def test_outgoing__longer_than_an_hour_stays(shipped):
    """The hour is the least."""
    Rule.objects.filter(name="NodeDown").update(keep_firing_for=3 * HOUR)
    assert rules(outgoing(NOW))["NodeDown"].keep_firing_for == 3 * HOUR


def test_outgoing__leaves_out_what_is_disabled_and_names_it(shipped):
    """A rule, and a group with all its rules."""
    Rule.objects.filter(name="NodeDown").update(enabled=False)
    RuleGroup.objects.filter(name="zerostate-service").update(enabled=False)

    found = outgoing(NOW)

    assert "NodeDown" not in rules(found)
    assert "zerostate-service" not in [group.name for group in found.groups]
    note = next(note for note in found.notes if note.startswith("Left out"))
    assert "NodeDown" in note
    assert "ApiErrorsHigh" in note


def test_outgoing__writes_what_is_observed_and_says_so(shipped):
    """Whether a Prometheus's alerts are sent is not decided here."""
    Rule.objects.filter(name="NodeDown").update(observing_until=NOW + HOUR)
    Rule.objects.filter(name="PeersLow").update(observing_until=NOW - HOUR)

    found = outgoing(NOW)

    assert "NodeDown" in rules(found)
    assert [note for note in found.notes if "Observed" in note and note.endswith(" NodeDown.")]


def test_outgoing__tests_those_whose_numbers_are_shipped(shipped):
    """Of a rule with another number the tests would tell nothing; of two of one name neither."""
    Rule.objects.filter(name="NodesDownMany").update(expr="vector(1)")
    Rule.objects.filter(name="NodeDown").update(severity="info", labels={"team": "x"})
    group = RuleGroup.objects.create(name="own")
    Rule.objects.create(group=group, name="PeersLow", expr="vector(1) > 2")

    found = outgoing(NOW)

    tested = {rule.name: rule for rule in found.tested}
    assert "NodesDownMany" not in tested
    assert "PeersLow" not in tested
    assert found.untested == ("NodesDownMany",)
    assert tested["NodeDown"].labels["severity"] == "info"


def test_files__are_the_rules_with_their_tests_beside_them(shipped):
    """Prometheus takes all of rules/*.yml for rules: tests stand in a directory of their own."""
    found = files(ExportOptions())
    assert set(found) == {
        "zerostate.yml",
        "tests/zerostate_tests_30s.yml",
        "tests/zerostate_tests_5m.yml",
    }
    tests = yaml.safe_load(found["tests/zerostate_tests_30s.yml"])
    assert tests["rule_files"] == ["../zerostate.yml"]
    rules = [rule for group in read(found["zerostate.yml"]).groups for rule in group.rules]
    assert len(rules) == 66
    assert "# Warning: keep_firing_for is 1h" in found["zerostate.yml"]


def test_files__of_an_operators_change_have_it(shipped):
    """Overrides are in the rule; its test, which would fail, is not there."""
    Rule.objects.filter(name="NodesDownMany").update(expr="vector(1) > 2")
    found = files(ExportOptions())
    assert "vector(1) > 2" in found["zerostate.yml"]
    assert not any("NodesDownMany:" in text for name, text in found.items() if "tests/" in name)


def test_files__do_not_change_with_time(shipped, settings):
    """What is observed for a while is not said: --check would find a difference tomorrow."""
    before = files(ExportOptions())
    Rule.objects.filter(name="NodeDown").update(observing_until=datetime.now(UTC) + HOUR)
    assert files(ExportOptions()) == before


def test_files__for_an_older_prometheus_refuse_what_it_does_not_know(shipped):
    """By the rule's name, and with the version that knows it; for that one it is written."""
    group = RuleGroup.objects.create(name="own")
    Rule.objects.create(group=group, name="First", expr="first_over_time(up[5m]) > 0")
    with pytest.raises(RuleFileError, match=r"First: first_over_time\(\) came with"):
        files(ExportOptions())
    assert "first_over_time" in files(ExportOptions(prometheus_version="3"))["zerostate.yml"]
    with pytest.raises(ConfigurationError, match="prometheus_version"):
        files(ExportOptions(prometheus_version="1"))
