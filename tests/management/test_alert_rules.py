"""``manage.py alert_rules``: what it says, what it writes, how it ends."""

from __future__ import annotations

import io
from datetime import UTC, datetime

import pytest
from django.core.management import CommandError, call_command

from tests.alerting.test_rule_import import FILE
from zerostate_monitoring.alerting.shipping import sync_rules
from zerostate_monitoring.generators.rule_files import read
from zerostate_monitoring.models import Rule
from zerostate_monitoring.rules.shipped import GROUPS

pytestmark = pytest.mark.django_db


def call(*arguments):
    out = io.StringIO()
    call_command("alert_rules", *map(str, arguments), stdout=out, no_color=True)
    return out.getvalue()


@pytest.fixture
def rules_file(tmp_path):
    path = tmp_path / "mine.yml"
    path.write_text(FILE)
    return path


@pytest.fixture
def shipped():
    sync_rules(GROUPS[:2], datetime(2026, 11, 26, tzinfo=UTC), using="default")


def test_import__tells_what_it_did(store, rules_file):
    """Rule by rule, with a sum; and nothing but the sum the second time."""
    assert call("import", rules_file).splitlines() == [
        "added      mine: FewNodes",
        "added      mine: nodes:up:sum",
        "added      others: ManyNodes",
        "3 added, 0 changed, 0 unchanged.",
    ]
    assert call("import", rules_file) == "0 added, 0 changed, 3 unchanged.\n"
    assert "unchanged  mine: FewNodes" in call("-v2", "import", rules_file)


def test_import__check_ends_with_1_where_something_would_change(store, rules_file):
    """And with 0 where nothing would."""
    with pytest.raises(CommandError) as ended:
        call("import", "--check", rules_file)
    assert ended.value.returncode == 1
    assert not Rule.objects.exists()

    call("import", rules_file)
    call("import", "--check", rules_file)


def test_import__ends_with_2_on_an_error(store, rules_file, tmp_path):
    """The line is named, and nothing of any file is taken."""
    broken = tmp_path / "broken.yml"
    broken.write_text("groups:\n- name: x\n  rules:\n  - alert: A\n    exp: up\n")
    with pytest.raises(CommandError, match=r"broken\.yml: line 4") as ended:
        call("import", rules_file, broken)
    assert ended.value.returncode == 2
    assert not Rule.objects.exists()

    with pytest.raises(CommandError, match="No such file"):
        call("import", tmp_path / "nowhere.yml")


def test_import__with_a_prefix(store, rules_file):
    """So that groups of one name stand beside each other."""
    call("import", rules_file)
    Rule.objects.update(enabled=False)
    assert "added      copy-mine: FewNodes" in call("import", rules_file, "--group-prefix=copy-")


def test_export__prints_or_writes(shipped, tmp_path):
    """What is printed can be read; a file is written with tests beside it."""
    printed = call("export", "--target", "2.42")
    assert len(read(printed).groups) == 3

    said = call("export", "--output", tmp_path / "all.yml", "--tests")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["all.yml", "all_tests_30s.yml"]
    assert "20 rules" in said
    assert read((tmp_path / "all.yml").read_text()).groups


def test_export__as_an_object(shipped):
    """For the Prometheus operator."""
    text = call("export", "--format", "prometheusrule", "--name", "zs", "--namespace", "ops")
    assert "kind: PrometheusRule" in text
    assert "namespace: ops" in text


def test_export__tests_need_a_place(shipped):
    """They name the rule file."""
    with pytest.raises(CommandError, match="--output"):
        call("export", "--tests")


def test_export__what_is_written_passes_its_own_tests(shipped, tmp_path):
    """The same files go to promtool."""
    call("export", "--output", tmp_path / "all.yml", "--tests", "--no-outside")
    assert "passed" in call("test", tmp_path / "all_tests_30s.yml")


def test_test__of_the_built_in_rules(shipped):
    """As they stand in this installation; one that was changed is not tested."""
    Rule.objects.filter(name="NodesDownMany").update(expr="vector(1)")
    assert call("test") == "20 tests passed.\n"


def test_test__tells_what_fails_and_ends_with_1(tmp_path, rules_file, capsys):
    """Which alert, when, and what it was."""
    tests = tmp_path / "tests.yml"
    tests.write_text(
        """
rule_files: [mi*.yml]
tests:
- name: few
  input_series: [{series: 'zerostate_node_up{node="a"}', values: 1x10}]
  alert_rule_test: [{eval_time: 5m, alertname: FewNodes}]
"""
    )
    out = io.StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("alert_rules", "test", str(tests), stdout=out, no_color=True)
    assert ended.value.code == 1
    assert "few: FewNodes at 5m: fires, and is not expected" in out.getvalue()


def test_test__of_a_file_that_names_no_rules(tmp_path):
    """A pattern that finds nothing is an error, not a success."""
    tests = tmp_path / "tests.yml"
    tests.write_text("rule_files: [nowhere.yml]\ntests: []\n")
    with pytest.raises(CommandError, match=r"nowhere\.yml") as ended:
        call("test", tests)
    assert ended.value.returncode == 2
