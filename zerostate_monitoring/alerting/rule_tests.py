"""Tests of rules: those in files, and those of the built-in rules as they stand here."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from zerostate_monitoring.alerting.rule_cases import outcomes_of
from zerostate_monitoring.alerting.unit_testing import run_tests
from zerostate_monitoring.exceptions import RuleFileError
from zerostate_monitoring.generators.rule_files import from_file, is_as_shipped, read
from zerostate_monitoring.models import Rule
from zerostate_monitoring.models.words import RuleKind
from zerostate_monitoring.rules.definitions import AlertingRule, Group
from zerostate_monitoring.rules.files import read_unit_tests
from zerostate_monitoring.rules.shipped.testing import unit_test_files


def file_failures(paths: Iterable[Path]) -> tuple[int, list[str]]:
    """How many tests there are in files as promtool's, and what of them fails.

    Raises:
        RuleFileError: a file cannot be read; it is named.
        OSError: likewise.
    """
    count, failures = 0, list[str]()
    for path in paths:
        tests = from_file(path, read_unit_tests)
        groups = [
            group
            for pattern in tests.rule_files
            for file in _files(path.parent, pattern)
            for group in from_file(file, read).groups
        ]
        count += len(tests.tests)
        failures += (f"{path}: {failure}" for failure in run_tests(groups, tests))
    return count, failures


def _files(directory: Path, pattern: str) -> list[Path]:
    """Rule files that a file of tests names, from where it stands; a pattern may name many."""
    found = (
        [directory / pattern] if Path(pattern).is_absolute() else sorted(directory.glob(pattern))
    )
    if not found:
        raise RuleFileError([f"rule_files: no file is called {pattern}, seen from {directory}."])
    return found


def built_in_failures() -> tuple[int, list[str]]:
    """How many tests the built-in rules of this installation have, and what of them fails.

    A rule whose numbers an operator has changed is not tested: its tests are about others.
    """
    rows = Rule.objects.exclude(shipped_key="").select_related("group")
    definitions = [row.definition() for row in rows]
    recording = tuple(row.definition() for row in rows if row.kind == RuleKind.RECORDING)
    tested = [r for r in definitions if isinstance(r, AlertingRule) and is_as_shipped(r)]
    groups = [Group(name="recorded", rules=recording), Group(name="tested", rules=tuple(tested))]
    files = unit_test_files(tested)
    count = sum(len(file.tests) for file in files.values())
    return count, [str(f) for file in files.values() for f in run_tests(groups, file)]


def own_failures() -> tuple[int, list[str]]:
    """How many test cases operators have written with their rules, and what of them fails."""
    count, failures = 0, list[str]()
    for row in Rule.objects.exclude(tests="").select_related("group"):
        try:
            outcomes = outcomes_of(row)
        except RuleFileError as error:
            failures += (f"{row.name}: {fault}" for fault in error.faults)
            continue
        count += len(outcomes)
        failures += (f"{row.name}: {one.said}" for one in outcomes if not one.holds)
    return count, failures


def all_failures() -> tuple[int, list[str]]:
    """Of the built-in rules and of the operators' own."""
    (count, failures), (own, more) = built_in_failures(), own_failures()
    return count + own, [*failures, *more]
