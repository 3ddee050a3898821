"""Alerts: do they have a condition, and can their templates say what they want to?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from zerostate_monitoring.promql.labels import METRIC_NAME
from zerostate_monitoring.promql.nodes import (
    Aggregation,
    Binary,
    Call,
    Expr,
    Paren,
    Span,
    Subquery,
    Unary,
    ValueType,
)
from zerostate_monitoring.promql.operators import COMPARISONS
from zerostate_monitoring.promql.tree import unwrapped
from zerostate_monitoring.rules.definitions import AlertingRule
from zerostate_monitoring.rules.label_flow import LabelSet, labels_of
from zerostate_monitoring.rules.lint.findings import (
    Code,
    Finding,
    Subject,
    error,
    listed,
    parts,
    warning,
)

if TYPE_CHECKING:
    from zerostate_monitoring.rules.templates import Uses

_ABSENT: Final = frozenset({"absent", "absent_over_time"})
_PASSES_NOTHING: Final = frozenset({"vector", "scalar"})


def check(subject: Subject, rule: AlertingRule) -> Iterator[Finding]:
    """What is wrong with the condition of an alert, and with its templates."""
    yield from _condition(subject)
    labels = labels_of(subject.expr, subject.schema)
    for name, text in rule.labels.items():
        uses = _uses_of(text)
        findings = (*_value(uses, rule), *_lost(uses, labels, rule), *_query(uses))
        yield from (finding.within(f"labels.{name}") for finding in findings)
    for name, text in rule.annotations.items():
        uses = _uses_of(text)
        findings = (*_lost(uses, labels, rule), *_query(uses))
        yield from (finding.within(f"annotations.{name}") for finding in findings)


# -- the condition -------------------------------------------------------------------


def _condition(subject: Subject) -> Iterator[Finding]:
    if _filters(subject.expr) or _is_constant(subject.expr):
        return
    for node in parts(subject.expr):
        if isinstance(node, Binary) and node.returns_bool:
            yield error(
                Code.BOOL_IN_ALERT,
                "With “bool” a comparison gives 0 where it is false, and an alert fires for "
                "whatever is there, 0 included. Leave “bool” out.",
                node.span,
            )
            return
    yield warning(
        Code.NO_CONDITION,
        "No comparison and no absent() stands here: the alert fires for each series that is "
        "found, whatever its value.",
        subject.expr.span,
    )


def _is_constant(expr: Expr) -> bool:
    """Whether it is a watchdog's: vector(1)."""
    expr = unwrapped(expr)
    return isinstance(expr, Call) and expr.function.name == "vector"


def _filters(expr: Expr) -> bool:
    """Whether some series of a result may be missing because of their values."""
    match expr:
        case Paren(expr=inner) | Unary(expr=inner) | Aggregation(expr=inner):
            return _filters(inner)
        case Subquery(expr=inner):
            return _filters(inner)
        case Binary():
            return _binary_filters(expr)
        case Call():
            name = expr.function.name
            return name in _ABSENT or (
                name not in _PASSES_NOTHING and any(map(_filters, expr.arguments))
            )
    return False


def _binary_filters(node: Binary) -> bool:
    vectors = ValueType.VECTOR in {node.left.type, node.right.type}
    if node.op in COMPARISONS and not node.returns_bool and vectors:
        return True
    if node.op == "or":
        return _filters(node.left) and _filters(node.right)
    return node.op == "unless" or _filters(node.left) or _filters(node.right)


# -- templates -----------------------------------------------------------------------


def _uses_of(text: str) -> Uses:
    # As in ``definitions``: who saves no rule waits for no templates.
    from zerostate_monitoring.rules.templates import Template  # noqa: PLC0415

    return Template.parse(text).uses


def _value(uses: Uses, rule: AlertingRule) -> Iterator[Finding]:
    if uses.value is None:
        return
    lasting = "the alert starts anew each time it changes"
    if rule.for_:
        lasting = "the alert starts anew each time it changes, and may never last long enough"
    make = error if rule.for_ else warning
    yield make(
        Code.VALUE_IN_LABEL,
        f"A label that depends on $value makes another alert of each value: {lasting}. Put the "
        "value into an annotation.",
        Span(*uses.value),
    )


def _lost(uses: Uses, labels: LabelSet, rule: AlertingRule) -> Iterator[Finding]:
    for name, place in uses.labels.items():
        if labels.may_have(name):
            continue
        hint = f"The result has {listed(labels.names - {METRIC_NAME})}."
        if name in rule.labels or name == "alertname":
            hint = "$labels are those of the expression, without the rule's own."
        elif labels.open:
            hint = "The expression takes it away."
        yield warning(
            Code.LABEL_LOST,
            f"The result of the expression has no label {name}, so this is empty. {hint}",
            Span(*place),
        )


def _query(uses: Uses) -> Iterator[Finding]:
    if uses.queries:
        yield warning(
            Code.QUERY_IN_TEMPLATE,
            "This template asks a query of its own at each evaluation, for each alert; if that "
            "fails, so does the text. Take what it needs from the expression.",
            Span(*uses.functions["query"]),
        )
