"""Rule files into rows and out again: nothing is lost, nothing is taken by halves."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.rules.strategies import GROUPS
from zerostate_monitoring.alerting.rule_import import (
    DEFAULT_INTERVAL,
    File,
    group_columns,
    rule_columns,
    take,
)
from zerostate_monitoring.exceptions import RuleFileError
from zerostate_monitoring.generators.prometheus_rules import outgoing
from zerostate_monitoring.generators.rule_files import read, written
from zerostate_monitoring.models import Rule, RuleGroup
from zerostate_monitoring.models.words import NoDataPolicy, Origin
from zerostate_monitoring.rules.definitions import AlertingRule, Group
from zerostate_monitoring.rules.files import write_rules

FILE = """
groups:
- name: mine
  interval: 15s
  limit: 7
  query_offset: 0s
  labels: {team: network}
  rules:
  - alert: FewNodes
    expr: count(zerostate_node_up) < 3
    for: 90s
    keep_firing_for: 1m
    labels: {severity: critical, layer: p2p, zone: ""}
    annotations: {summary: "{{ $value }} nodes", runbook_url: https://wiki.example/x, owner: ops}
  - record: nodes:up:sum
    expr: sum(zerostate_node_up)
    labels: {severity: page}
- name: others
  rules:
  - alert: ManyNodes
    expr: count(zerostate_node_up) > 300
    labels: {severity: "{{ if true }}critical{{ end }}", layer: strange}
"""


def file(text, name="rules.yml"):
    return File(name, read(text))


def exported(**changes):
    from django.utils import timezone

    return outgoing(timezone.now(), with_outside=False, **changes)


@pytest.mark.django_db
class TestTake:
    def test_take__makes_rows(self, store):
        """What has a column goes there; what does not fit stays a label."""
        report = take([file(FILE)])

        assert report.added == ["mine: FewNodes", "mine: nodes:up:sum", "others: ManyNodes"]
        few, recorded, many = Rule.objects.order_by("group__position", "position")
        assert (few.severity, few.layer, few.owner) == ("critical", "p2p", "ops")
        assert few.runbook_url == "https://wiki.example/x"
        assert few.labels == {"zone": ""}
        assert few.annotations == {"summary": "{{ $value }} nodes"}
        assert few.no_data_policy == NoDataPolicy.RESOLVE
        assert recorded.labels == {"severity": "page"}
        assert many.labels == {"severity": "{{ if true }}critical{{ end }}", "layer": "strange"}
        assert few.group.labels == {"team": "network"}
        assert (few.group.limit, few.group.query_offset_seconds) == (7, 0)

    def test_take__twice_changes_nothing(self, store):
        """All is unchanged, and no version is written."""
        take([file(FILE)])
        report = take([file(FILE)])
        assert report.is_empty
        assert len(report.unchanged) == 3
        assert set(Rule.objects.values_list("version", flat=True)) == {1}

    def test_take__changes_in_place_and_leaves_the_rest(self, store):
        """A rule keeps its row; one that is in no file stays, and is told of."""
        take([file(FILE)])
        before = Rule.objects.get(name="FewNodes")
        text = FILE.replace("< 3", "< 4").split("  - record:")[0]

        report = take([file(text)])

        after = Rule.objects.get(name="FewNodes")
        assert (after.pk, after.version) == (before.pk, 2)
        assert after.expr == "count(zerostate_node_up) < 4"
        assert report.changed == ["mine: FewNodes"]
        assert report.left == ["mine: nodes:up:sum"]
        assert after.versions.get(version=2).remark == "Taken from a file."

    def test_take__check_changes_nothing(self, store):
        """It says what it would do, and does not."""
        report = take([file(FILE)], check=True)
        assert len(report.added) == 3
        assert not RuleGroup.objects.exists()

    def test_take__all_or_nothing(self, store):
        """What the lint refuses keeps out everything; file and line are named."""
        broken = FILE.replace("count(zerostate_node_up) > 300", "zerostate_nodes_up > 300")
        with pytest.raises(RuleFileError) as refused:
            take([file(FILE, "good.yml"), file(broken.replace("name: ", "name: b-"), "bad.yml")])
        assert any("bad.yml, line 20" in fault for fault in refused.value.faults)
        assert any("zerostate_nodes_up" in fault for fault in refused.value.faults)
        assert not RuleGroup.objects.exists()

    def test_take__one_group_in_two_files(self, store):
        """It would be overwritten by the second."""
        with pytest.raises(RuleFileError, match=r"b.yml, line 3: .*stands in a.yml, line 3, too"):
            take([file(FILE, "a.yml"), file(FILE, "b.yml")])

    def test_take__leaves_built_in_groups_alone(self, store):
        """They are not overwritten; a prefix makes room beside them."""
        RuleGroup.objects.create(name="mine", origin=Origin.SHIPPED, shipped_key="mine")
        with pytest.raises(RuleFileError, match="built in"):
            take([file(FILE)])
        report = take([file(FILE)], prefix="copy-")
        assert report.added[0] == "copy-mine: FewNodes"

    def test_take__refuses_what_no_database_keeps(self, store):
        """A character 0 in a text."""
        text = FILE.replace('"{{ $value }} nodes"', '"a\\0b"')
        with pytest.raises(RuleFileError, match="character 0"):
            take([file(text)])

    def test_export__gives_back_what_was_taken(self, store):
        """Through the database: the same groups, but for the interval that stood in none."""
        document = read(FILE)
        take([File("x", document)])
        assert exported().groups == (
            document.groups[0],
            replace(document.groups[1], interval=DEFAULT_INTERVAL),
        )


def rows_of(groups):
    """Groups as they go through rows that are not saved."""
    out = []
    for group in groups:
        row = RuleGroup(name=group.name, **group_columns(group))
        rules = tuple(Rule(**rule_columns(rule)).definition() for rule in group.rules)
        out.append(replace(row.definition(), rules=rules))
    return tuple(out)


WORDS = st.sampled_from(["critical", "none", "p2p", "page", "", " owner ", "https://x.example/1"])
SPECIAL = st.builds(
    AlertingRule,
    alert=st.just("A"),
    expr=st.just("vector(1)"),
    labels=st.dictionaries(st.sampled_from(["severity", "layer", "team"]), WORDS),
    annotations=st.dictionaries(st.sampled_from(["runbook_url", "owner", "summary"]), WORDS),
)


@settings(max_examples=150, deadline=None)
@given(GROUPS)
def test_columns__lose_nothing(groups):
    """Whatever a file holds comes out of the rows as it went in, and is written the same."""
    whole = tuple(replace(group, interval=group.interval or DEFAULT_INTERVAL) for group in groups)
    assert rows_of(groups) == whole
    assert write_rules(rows_of(groups)).text == write_rules(whole).text


@settings(max_examples=150, deadline=None)
@given(SPECIAL)
def test_columns__of_their_own_lose_nothing(rule):
    """Labels and annotations that have columns of their own, and texts that do not fit there."""
    assert rows_of([Group(name="g", rules=(rule,), interval=DEFAULT_INTERVAL)])[0].rules == (rule,)


@settings(max_examples=60, deadline=None)
@given(GROUPS)
def test_files__read_as_they_were_written(groups):
    """The file that is written is read as the same groups, with a line for each."""
    document = read(written(groups, notes=["a note: of some words", "#"]).text)
    assert document.groups == tuple(groups)
    assert {place for place in document.lines if len(place) == 1} == {
        (place,) for place in range(len(groups))
    }


def test_interval__of_milliseconds_is_kept():
    """Seconds in a column are fractions."""
    group = Group(name="g", interval=timedelta(milliseconds=1501))
    assert rows_of([group]) == (group,)
