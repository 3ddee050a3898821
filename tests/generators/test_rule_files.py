"""Rule files and tests of rules as texts."""

from __future__ import annotations

from datetime import timedelta

import pytest

from zerostate_monitoring.alerting.unit_testing import run_tests
from zerostate_monitoring.exceptions import RuleFileError
from zerostate_monitoring.generators.rule_files import (
    Form,
    from_file,
    longer,
    outside_group,
    read,
    written,
    written_tests,
)
from zerostate_monitoring.rules.definitions import Group
from zerostate_monitoring.rules.files import Target, read_unit_tests
from zerostate_monitoring.rules.shipped import RULES, applied


def group(*names, change=lambda rule: rule):
    return Group(name="g", rules=tuple(change(applied(RULES[name]).rule()) for name in names))


def test_written__both_forms_read_the_same():
    """A rule file, and an object of Kubernetes, with notes above."""
    groups = (group("NodeDown", "PaymentsFailing"), outside_group())
    plain = written(groups, notes=["why " * 60])
    made = written(groups, form=Form.OBJECT, name="zs", namespace="ops", target=Target.DEBIAN_12)

    assert plain.text.startswith("# why why")
    assert max(map(len, plain.text.splitlines()[:3])) <= 100
    assert "kind: PrometheusRule" in made.text
    assert read(plain.text).groups == read(made.text).groups == groups


def test_read__names_lines_of_rules():
    """Of rule files and of objects; so that what a database refuses can be found, too."""
    groups = (group("NodeDown", "PeersLow"),)
    for form in Form:
        text = written(groups, form=form).text
        lines = text.splitlines()
        document = read(text)
        assert "alert: PeersLow" in lines[document.lines[(0, 1)] - 1]
        assert "name: g" in lines[document.lines[(0,)] - 1]


@pytest.mark.parametrize("text", ["groups: 5", "groups:\n- rules: []\n", "kind: PrometheusRule\n"])
def test_from_file__names_the_file(tmp_path, text):
    """Several may be taken at once."""
    path = tmp_path / "broken.yml"
    path.write_text(text)
    with pytest.raises(RuleFileError, match=r"broken\.yml"):
        from_file(path, read)


def test_from_file__of_bytes_that_are_no_text(tmp_path):
    """Said as what it is."""
    path = tmp_path / "broken.yml"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(RuleFileError, match="UTF-8"):
        from_file(path, read)


@pytest.mark.parametrize("name", ["BootnodeDown", "TaskBudgetBurnSlow", "OutboxDelayed"])
def test_tests__follow_a_longer_end(name):
    """Of a rule that fires on for an hour the end is looked for an hour later: it passes."""
    changed = group(name, change=longer)
    texts = written_tests(changed.rules, [changed], "rules.yml")

    assert changed.rules[0].keep_firing_for == timedelta(hours=1)
    for text in texts.values():
        tests = read_unit_tests(text)
        assert tests.rule_files == ("rules.yml",)
        assert run_tests([changed], tests) == []
        assert run_tests([group(name, change=lambda r: longer(longer(r)))], tests) == []


def test_tests__of_a_longer_end_fail_with_a_shorter_one():
    """They do look for it: an alert that goes on is not quiet."""
    changed = group("BootnodeDown", change=longer)
    [text] = written_tests(group("BootnodeDown").rules, [changed], "rules.yml").values()
    assert run_tests([changed], read_unit_tests(text))
