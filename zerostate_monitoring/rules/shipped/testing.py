"""The tests of built-in rules in promtool's form, for the rules as they are evaluated."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Final

from zerostate_monitoring.rules.definitions import AlertingRule
from zerostate_monitoring.rules.shipped.cases import CASES
from zerostate_monitoring.rules.shipped.definition import Case, Firing, Moment
from zerostate_monitoring.rules.shipped.groups import RULES
from zerostate_monitoring.rules.templates import Context, Template
from zerostate_monitoring.rules.unit_tests import (
    AlertTest,
    ExpectedAlert,
    InputSeries,
    UnitTest,
    UnitTestFile,
)


def unit_test_files(
    rules: Iterable[AlertingRule],
    rule_files: Sequence[str] = (),
    group_eval_order: Sequence[str] = (),
) -> dict[timedelta, UnitTestFile]:
    """The tests of built-in rules, by the interval at which rules are evaluated in them.

    ``rules`` are those as they are evaluated: labels and annotations are the operator's, too.
    Numbers must be those that are shipped; a rule that is not built in has no tests.
    """
    found: dict[timedelta, list[UnitTest]] = {}
    for rule in rules:
        for case in CASES.get(rule.alert, ()):
            found.setdefault(case.evaluation_interval, []).append(unit_test(rule, case))
    return {
        interval: UnitTestFile(
            rule_files=tuple(rule_files),
            evaluation_interval=interval,
            group_eval_order=tuple(group_eval_order),
            tests=tuple(tests),
        )
        for interval, tests in found.items()
    }


_REPEATED: Final = re.compile(r"(.*x)([0-9]+)", re.DOTALL)


def unit_test(rule: AlertingRule, case: Case) -> UnitTest:
    """One test, with the labels and texts that ``rule`` gives its alerts.

    Where ``rule`` fires on for longer than it is shipped, its end is looked for later.
    """
    later = max(rule.keep_firing_for - RULES[rule.alert].keep_firing_for, timedelta(0))
    more = -(-later // case.interval)
    return UnitTest(
        name=f"{rule.alert}: {case.name}",
        interval=case.interval,
        input_series=tuple(InputSeries(s, _prolonged(v, more)) for s, v in case.series.items()),
        alert_rule_test=tuple(_moments(rule, case.moments, later)),
    )


def _prolonged(values: str, more: int) -> str:
    """Values that go on as they end, for so many more; a series that has ended stays so."""
    found = _REPEATED.fullmatch(values)
    return f"{found[1]}{int(found[2]) + more}" if found else values


def _moments(
    rule: AlertingRule, moments: Iterable[Moment], later: timedelta
) -> Iterator[AlertTest]:
    has_fired = False
    for moment in moments:
        alerts = tuple(_expected(rule, firing) for firing in moment.alerts)
        at = moment.at + later if has_fired and not alerts else moment.at
        has_fired = has_fired or bool(alerts)
        yield AlertTest(eval_time=at, alertname=rule.alert, exp_alerts=alerts)


def _expected(rule: AlertingRule, firing: Firing) -> ExpectedAlert:
    context = Context(labels=dict(firing.labels), value=firing.value)
    labels = {**firing.labels, **_filled(rule.labels, context)}
    return ExpectedAlert(
        exp_labels={name: text for name, text in labels.items() if text},
        exp_annotations=_filled(rule.annotations, context),
    )


def _filled(texts: Mapping[str, str], context: Context) -> dict[str, str]:
    return {name: Template.parse(text).render(context) for name, text in texts.items()}
