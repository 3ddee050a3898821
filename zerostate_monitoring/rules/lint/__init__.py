"""What is wrong with a rule although it can be parsed: exact, without a server.

Of a metric that the schema does not know nothing further is said: what is reported is known.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from zerostate_monitoring.exceptions import QuerySyntaxError
from zerostate_monitoring.promql.labels import METRIC_NAME
from zerostate_monitoring.promql.query import Query, parse
from zerostate_monitoring.rules.definitions import AlertingRule, RecordingRule, Rule
from zerostate_monitoring.rules.label_flow import labels_of
from zerostate_monitoring.rules.lint import alerts, comparisons, functions, selectors
from zerostate_monitoring.rules.lint.findings import Code, Finding, Severity, Subject
from zerostate_monitoring.rules.schema import Joined, Metric, Metrics, Schema


def lint(rule: Rule, schema: Schema, *, interval_s: float | None = None) -> tuple[Finding, ...]:
    """All findings of a rule, errors first.

    ``interval_s`` are the seconds between two samples of metrics that do not say it
    themselves. A rule that has ``problems()`` has no findings: what it says is not known.
    """
    if rule.problems():
        return ()
    found = [*_of_expr(parse(rule.expr), rule.expr, schema, interval_s)]
    if isinstance(rule, AlertingRule):
        found += alerts.check(_subject(parse(rule.expr), rule.expr, schema, interval_s), rule)
    return _sorted(found)


def lint_expr(expr: str, schema: Schema, *, interval_s: float | None = None) -> tuple[Finding, ...]:
    """All findings of an expression that stands alone.

    Raises:
        QuerySyntaxError: it cannot be parsed.
    """
    return _sorted(_of_expr(parse(expr), expr, schema, interval_s))


def _subject(query: Query, text: str, schema: Schema, interval_s: float | None) -> Subject:
    return Subject(text, query.expr, schema, interval_s)


def _of_expr(
    query: Query, text: str, schema: Schema, interval_s: float | None
) -> Iterator[Finding]:
    subject = _subject(query, text, schema, interval_s)
    for room in (selectors, functions, comparisons):
        yield from room.check(subject)


def _sorted(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    unique = dict.fromkeys(findings)
    return tuple(sorted(unique, key=lambda f: (f.severity is Severity.WARNING, f.field, f.start)))


def metrics_of(expr: str) -> frozenset[str]:
    """The names of the metrics that an expression reads, where it says them outright.

    Raises:
        QuerySyntaxError: it cannot be parsed.
    """
    return frozenset(
        matcher.value
        for selection in parse(expr).selectors
        for matcher in selection.selector.matchers
        if matcher.name == METRIC_NAME and matcher.op == "="
    )


def recorded(rules: Iterable[Rule], schema: Schema) -> Schema:
    """``schema`` with the series that recording rules among ``rules`` write.

    A rule may read what those before it write; one that cannot be parsed writes anything.
    """
    for rule in rules:
        if isinstance(rule, RecordingRule):
            schema = Joined(schema, Metrics([_series_of(rule, schema)]))
    return schema


def _series_of(rule: RecordingRule, schema: Schema) -> Metric:
    try:
        labels = labels_of(parse(rule.expr).expr, schema).without([METRIC_NAME])
    except QuerySyntaxError:
        return Metric(name=rule.record)
    given = {name for name, value in rule.labels.items() if value}
    removed = [name for name, value in rule.labels.items() if not value]
    labels = labels.without(removed).possibly(given)
    return Metric(
        name=rule.record,
        labels=None if labels.open else labels.names,
        always=labels.always | given,
    )


__all__ = [
    "Code",
    "Finding",
    "Severity",
    "lint",
    "lint_expr",
    "metrics_of",
    "recorded",
]
