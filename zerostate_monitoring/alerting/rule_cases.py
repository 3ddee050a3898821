"""The test cases of a rule, run by our own engine: what each finds against what it expects."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from datetime import timedelta
from typing import Final

from zerostate_monitoring.alerting.case_outcomes import (
    SECONDS,
    Found,
    Outcome,
    failing,
    finding_of,
    without_failing,
)
from zerostate_monitoring.alerting.identity import ALERTNAME
from zerostate_monitoring.alerting.states import Live
from zerostate_monitoring.alerting.unit_testing import Run
from zerostate_monitoring.alerting.unit_testing.comparing import alert_faults
from zerostate_monitoring.exceptions import MonitoringError, QuerySyntaxError, QueryTimeoutError
from zerostate_monitoring.models import Rule
from zerostate_monitoring.models.rule_checks import labelled
from zerostate_monitoring.models.words import RuleKind
from zerostate_monitoring.rules.definitions import Group, RecordingRule
from zerostate_monitoring.rules.definitions import Rule as Definition
from zerostate_monitoring.rules.durations import format_duration
from zerostate_monitoring.rules.files import Case, Cases, read_cases
from zerostate_monitoring.rules.files.unit_tests import expected_documents
from zerostate_monitoring.rules.files.writing import dump
from zerostate_monitoring.rules.lint import metrics_of
from zerostate_monitoring.rules.unit_tests import ExpectedAlert

_MOST_FOUND: Final = 20
_MILLISECOND: Final = timedelta(milliseconds=1)


def outcomes_of(row: Rule, seconds: float = SECONDS) -> tuple[Outcome, ...]:
    """Run the test cases that a row holds, as its group labels the rule. One query at most.

    Raises:
        RuleFileError: they cannot be read.
    """
    cases = read_cases(row.tests, "" if row.kind == RuleKind.RECORDING else row.name)
    if not cases.cases:
        return ()
    definition = labelled(row)
    limit = row.group.limit if row.group_id else 0
    return run_cases(definition, cases, _read_by(definition, row.pk), limit=limit, seconds=seconds)


def find_failing(row: Rule, seconds: float = SECONDS) -> tuple[Outcome, ...]:
    """Run its test cases; ``row.findings`` then say which fail. It is not saved.

    Raises:
        RuleFileError: they cannot be read.
    """
    outcomes = outcomes_of(row, seconds)
    row.findings = without_failing(row.findings)
    if found := failing(outcomes):
        row.findings = [*row.findings, finding_of(found)]
    return outcomes


def run_cases(
    rule: Definition,
    cases: Cases,
    recording: Sequence[RecordingRule] = (),
    *,
    limit: int = 0,
    seconds: float = SECONDS,
) -> tuple[Outcome, ...]:
    """How each case goes. ``recording`` are rules whose series ``rule`` reads."""
    groups = (
        Group(name="recorded", rules=tuple(recording)),
        Group(name="tested", rules=(rule,), limit=limit),
    )
    deadline = time.monotonic() + seconds
    interval_ms = cases.interval // _MILLISECOND

    def is_late() -> bool:
        return time.monotonic() > deadline

    return tuple(_outcome(groups, case, interval_ms, is_late) for case in cases.cases)


def _outcome(
    groups: Sequence[Group], case: Case, interval_ms: int, is_late: Callable[[], bool]
) -> Outcome:
    faults, found, late = list[str](), list[Found](), False
    try:
        run = Run(groups, case.test, interval_ms, is_late)
        for test, firing in run.moments():
            wrong = list(alert_faults(test, firing))
            faults += wrong
            if wrong:
                found.append(Found(format_duration(test.eval_time), _as_expected(firing)))
        faults += run.expr_faults()
    except MonitoringError as error:
        faults.append(str(error))
        late = isinstance(error, QueryTimeoutError)
    asked = len(case.test.alert_rule_test) + len(case.test.promql_expr_test)
    return Outcome(case.name, case.line, asked, tuple(faults), tuple(found), late)


def _as_expected(firing: Iterable[Live]) -> str:
    """What fires, in the words of a test: to be copied, where it is what should fire."""
    alerts = [_expected(live) for live in firing][:_MOST_FOUND]
    return dump({"exp_alerts": expected_documents(alerts)}, ())


def _expected(live: Live) -> ExpectedAlert:
    labels = {name: text for name, text in live.labels if name != ALERTNAME}
    return ExpectedAlert(labels, {name: text for name, text in live.annotations.items() if text})


# -- what the rule reads --------------------------------------------------------------


def _read_by(rule: Definition, key: int | None) -> tuple[RecordingRule, ...]:
    """Rules that record what ``rule`` reads, and what these read; in the order of evaluation."""
    rows = Rule.objects.filter(kind=RuleKind.RECORDING, enabled=True, group__enabled=True)
    others = rows if key is None else rows.exclude(pk=key)
    found = [labelled(row) for row in others.select_related("group")]
    recording = [one for one in found if isinstance(one, RecordingRule)]
    needed = _closure(rule.expr, recording)
    return tuple(one for one in recording if one.record in needed)


def _closure(expr: str, recording: Collection[RecordingRule]) -> frozenset[str]:
    """The names that ``expr`` reads, directly and through what is recorded."""
    waiting, known = list(_names(expr)), set[str]()
    while waiting:
        name = waiting.pop()
        if name not in known:
            known.add(name)
            waiting += (n for one in recording if one.record == name for n in _names(one.expr))
    return frozenset(known)


def _names(expr: str) -> Iterator[str]:
    try:
        yield from metrics_of(expr)
    except QuerySyntaxError:
        return
