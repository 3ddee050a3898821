"""The test cases of one rule: promtool's tests, without the file around them.

A list of tests, or a whole file of tests as promtool has it; that names rule files and an order
of groups, which mean nothing here. Each test asks for the rule's own alerts: ``alertname`` may
be left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Final

import yaml

from zerostate_monitoring.exceptions import QuerySyntaxError, RuleFileError
from zerostate_monitoring.promql.query import parse
from zerostate_monitoring.rules.files.nodes import Fields, Reading
from zerostate_monitoring.rules.files.unit_tests import unit_test_of
from zerostate_monitoring.rules.sequences import read_series, read_values
from zerostate_monitoring.rules.unit_tests import UnitTest

MAX_CHARACTERS: Final = 20_000
MAX_CASES: Final = 50
MAX_STEPS: Final = 1_500
"""Evaluations of one case."""
MAX_VALUES: Final = 100_000
"""Values of all series of one case."""

_MINUTE: Final = timedelta(minutes=1)
_NOBODY: Final = "-"
_NOT_HERE: Final = ("rule_files", "group_eval_order", "fuzzy_compare")


@dataclass(frozen=True, slots=True)
class Case:
    """One test, and the line in which it begins, counted from 1."""

    test: UnitTest
    line: int

    @property
    def name(self) -> str:
        """What it is called."""
        return self.test.name


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a case cannot be run; at which item of which list, if it is one of these."""

    reason: str
    key: str = ""
    place: int = 0


@dataclass(frozen=True, slots=True)
class Cases:
    """The test cases of a rule; rules are evaluated every ``interval`` in them."""

    cases: tuple[Case, ...] = ()
    interval: timedelta = _MINUTE


NONE: Final = Cases()


def read_cases(text: str, alertname: str) -> Cases:
    """The test cases in a text; ``alertname`` is empty for a rule that records.

    Raises:
        RuleFileError: a case cannot be run; all that is wrong is named with its line.
    """
    if not text.strip():
        return NONE
    if len(text) > MAX_CHARACTERS:
        raise RuleFileError([f"Test cases may have {MAX_CHARACTERS:,} characters together."])
    reading = Reading(text)
    document = reading.document()
    if document is None:
        return NONE
    found = _read(reading, document, alertname)
    reading.done()
    return found


def _read(reading: Reading, document: Any, alertname: str) -> Cases:
    if not isinstance(document, yaml.SequenceNode):
        fields = Fields(reading, document, "")
        for key in _NOT_HERE:
            fields.drop(key)
        interval = fields.duration("evaluation_interval") or _MINUTE
        cases = _cases(reading, fields.items("tests"), alertname, interval)
        fields.done()
        return Cases(cases, interval)
    items = [(f"[{place}]", node) for place, node in enumerate(document.value)]
    return Cases(_cases(reading, items, alertname, _MINUTE), _MINUTE)


def _cases(
    reading: Reading, items: list[tuple[str, Any]], alertname: str, interval: timedelta
) -> tuple[Case, ...]:
    if len(items) > MAX_CASES:
        reading.fault(items[MAX_CASES][1], "", f"A rule may have {MAX_CASES} test cases.")
        return ()
    found = []
    for place, (where, node) in enumerate(items):
        fields = Fields(reading, node, where)
        test = unit_test_of(fields, alertname or _NOBODY)
        fields.done()
        for problem in _problems(test, alertname, interval):
            _note(reading, node, where, problem)
        named = test.name or f"case {place + 1}"
        found.append(Case(replace(test, name=named), node.start_mark.line + 1))
    return tuple(found)


def _note(reading: Reading, node: Any, where: str, problem: Problem) -> None:
    """At the line of the item that is meant, or of the case."""
    lines = [item.start_mark.line + 1 for item in _items(node, problem.key)]
    if problem.place < len(lines):
        path = f"{where}.{problem.key}[{problem.place}]"
        reading.fault_at(lines[problem.place], path, problem.reason)
    else:
        reading.fault(node, where, problem.reason)


def _items(node: Any, key: str) -> list[Any]:
    pairs = node.value if isinstance(node, yaml.MappingNode) else ()
    found = next((value for name, value in pairs if name.value == key), None)
    return list(found.value) if isinstance(found, yaml.SequenceNode) else []


def _problems(test: UnitTest, alertname: str, interval: timedelta) -> Iterator[Problem]:
    """What can be said without running it."""
    times = [one.eval_time for one in test.alert_rule_test]
    times += [one.eval_time for one in test.promql_expr_test]
    if not times:
        yield Problem("It asks for nothing: alert_rule_test is missing.")
    elif max(times) // interval > MAX_STEPS:
        said = f"Its last eval_time is more than {MAX_STEPS:,} evaluations from its start."
        yield Problem(said)
    for place, one in enumerate(test.alert_rule_test):
        if one.alertname != alertname:
            yield Problem(_other_name(alertname), "alert_rule_test", place)
    yield from _series_problems(test)
    for place, asked in enumerate(test.promql_expr_test):
        try:
            parse(asked.expr)
        except QuerySyntaxError as error:
            yield Problem(f"“{asked.expr}”: {error.message}", "promql_expr_test", place)


def _other_name(alertname: str) -> str:
    if not alertname:
        return "This rule records and makes no alerts: ask with promql_expr_test."
    return f"The alerts of this rule are called {alertname}: ask for them, or leave alertname out."


def _series_problems(test: UnitTest) -> Iterator[Problem]:
    seen, values = set[object](), 0
    for place, one in enumerate(test.input_series):
        try:
            labels = read_series(one.series)
            values += len(read_values(one.values))
        except RuleFileError as error:
            yield Problem(str(error), "input_series", place)
            continue
        if labels in seen:
            yield Problem(f"“{one.series}” stands twice.", "input_series", place)
        seen.add(labels)
    if values > MAX_VALUES:
        yield Problem(f"Its series have more than {MAX_VALUES:,} values together.")
