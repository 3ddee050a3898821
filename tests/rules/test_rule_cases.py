"""Test cases of one rule, as an operator writes them: read, or refused with the line."""

from __future__ import annotations

from datetime import timedelta

import pytest

from zerostate_monitoring.exceptions import RuleFileError
from zerostate_monitoring.rules.files import read_cases
from zerostate_monitoring.rules.files.cases import MAX_CASES, MAX_CHARACTERS, MAX_STEPS

CASE = """\
- name: down
  interval: 1m
  input_series:
    - series: 'up{node="a"}'
      values: '0x9'
  alert_rule_test:
    - eval_time: 5m
      exp_alerts:
        - exp_labels: {node: a}
"""


def faults(text, name="NodeDown"):
    with pytest.raises(RuleFileError) as caught:
        read_cases(text, name)
    return caught.value.faults


def test_cases__a_list():
    """Each has its line, and asks for the rule's own alerts where it names none."""
    found = read_cases(CASE + CASE.replace("name: down", "name: again"), "NodeDown")
    assert [(case.name, case.line) for case in found.cases] == [("down", 1), ("again", 10)]
    assert found.interval == timedelta(minutes=1)
    assert found.cases[0].test.alert_rule_test[0].alertname == "NodeDown"


def test_cases__a_whole_file_of_promtool():
    """What a file says of rule files and groups means nothing here, and is no error."""
    tests = "".join(f"  {line}\n" for line in CASE.splitlines())
    text = f"rule_files: [a.yml]\nevaluation_interval: 30s\ngroup_eval_order: [g]\ntests:\n{tests}"
    found = read_cases(text, "NodeDown")
    assert found.interval == timedelta(seconds=30)
    assert [(case.name, case.line) for case in found.cases] == [("down", 5)]


@pytest.mark.parametrize("text", ["", "  \n", "# nothing yet\n"])
def test_cases__none(text):
    """An empty field has none."""
    assert read_cases(text, "NodeDown").cases == ()


def test_cases__without_a_name_are_counted():
    """So that what is said of one can be found."""
    text = CASE.replace("- name: down\n  interval", "- interval") * 2
    assert [case.name for case in read_cases(text, "X").cases] == ["case 1", "case 2"]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("interval: 1m", "interval: soon", "line 2: [0].interval"),
        ("interval: 1m", "intervall: 1m", "line 2: [0].intervall: There is no such field."),
        ("'up{node=\"a\"}'", "'up{node='", "line 4: [0].input_series[0]: "),
        ("'0x9'", "'0y9'", "line 4: [0].input_series[0]: “0y9” is none of"),
        ("eval_time: 5m", "eval_time: 5 parsecs", "line 7: [0].alert_rule_test[0].eval_time"),
        (
            "eval_time: 5m",
            "eval_time: 5m\n      alertname: Other",
            "line 7: [0].alert_rule_test[0]: The alerts of this rule are called NodeDown",
        ),
        ("eval_time: 5m", "eval_time: 52w", f"more than {MAX_STEPS:,} evaluations"),
        ("values: '0x9'", "values: '0x999999'", "values together"),
        ("  alert_rule_test", "  nothing: {}\n  alert_rule_test", "There is no such field"),
        ("- name: down", "- name: [", "line 3: This is no YAML"),
    ],
)
def test_cases__are_refused_at_their_line(old, new, said):
    """What cannot be run is said before it is."""
    assert old in CASE
    assert said in "; ".join(faults(CASE.replace(old, new)))


def test_cases__one_that_asks_for_nothing():
    """It would hold whatever the rule did."""
    assert "asks for nothing" in faults("- name: x\n")[0]


def test_cases__series_that_stand_twice():
    """Their values would be mixed."""
    twice = CASE.replace(
        "  alert_rule", "    - {series: 'up{node=\"a\"}', values: 1}\n  alert_rule"
    )
    assert "stands twice" in faults(twice)[0]


def test_cases__of_a_rule_that_records():
    """It has no alerts; what it records is asked for by an expression."""
    assert "records" in faults(CASE, "")[0]
    asks = "- promql_expr_test:\n    - {expr: 'up', eval_time: 1m}\n"
    assert len(read_cases(asks, "").cases) == 1
    assert "“sum(”" in faults(asks.replace("'up'", "'sum('"), "")[0]


def test_cases__bounds():
    """A text field is no place for a thousand tests."""
    assert f"{MAX_CHARACTERS:,}" in faults("#" * (MAX_CHARACTERS + 1))[0]
    assert f"{MAX_CASES} test cases" in faults(CASE * (MAX_CASES + 1))[0]


@pytest.mark.parametrize(
    "text",
    ["plain", "- 1\n- 2", "a: &x [*x]", "tests: 5", "- !!python/object:os.system {}", "[[[["],
)
def test_cases__whatever_is_typed(text):
    """A sentence, and nothing else."""
    assert faults(text)
