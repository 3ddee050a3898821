"""Which labels the result of an expression has: what an operation keeps, drops and adds.

Source of the rules: ``promql/engine.go`` and ``promql/functions.go`` of Prometheus 3.14.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from zerostate_monitoring.promql.labels import METRIC_NAME
from zerostate_monitoring.promql.matchers import compile_matcher
from zerostate_monitoring.promql.nodes import (
    Aggregation,
    Binary,
    Call,
    Card,
    Expr,
    Matching,
    MatrixSelector,
    Paren,
    String,
    Subquery,
    Unary,
    ValueType,
    VectorSelector,
)
from zerostate_monitoring.promql.operators import COMPARISONS, SETS
from zerostate_monitoring.promql.tree import unwrapped
from zerostate_monitoring.rules.schema import Metric, Schema

_NAME: Final = frozenset({METRIC_NAME})
_KEEPS_LABELS: Final = frozenset({"topk", "bottomk", "limitk", "limit_ratio"})
_KEEPS_NAME: Final = frozenset({"first_over_time", "last_over_time", "sort", "sort_desc"})
_FROM_MATCHERS: Final = frozenset({"absent", "absent_over_time"})
_EATS_LE: Final = frozenset({"histogram_quantile", "histogram_fraction"})


@dataclass(frozen=True, slots=True)
class LabelSet:
    """What is known of the labels of series.

    Where ``open``, they may have any label but ``names``; else none but ``names``.
    ``always`` are those that each series has.
    """

    names: frozenset[str] = frozenset()
    always: frozenset[str] = frozenset()
    open: bool = False

    def may_have(self, name: str) -> bool:
        """Whether a series can have the label."""
        return (name not in self.names) if self.open else name in self.names

    def only(self, names: Collection[str]) -> LabelSet:
        """Without all labels but these."""
        kept = frozenset(name for name in names if self.may_have(name))
        return LabelSet(kept, self.always & kept)

    def without(self, names: Collection[str]) -> LabelSet:
        """Without these labels."""
        gone = frozenset(names)
        left = self.names | gone if self.open else self.names - gone
        return LabelSet(left, self.always - gone, self.open)

    def possibly(self, names: Collection[str]) -> LabelSet:
        """With these labels, perhaps."""
        more = frozenset(names)
        return LabelSet(
            self.names - more if self.open else self.names | more, self.always, self.open
        )

    def or_(self, other: LabelSet) -> LabelSet:
        """Series of this set or of the other."""
        always = self.always & other.always
        if self.open and other.open:
            return LabelSet(self.names & other.names, always, open=True)
        if self.open or other.open:
            refused, given = (self, other) if self.open else (other, self)
            return LabelSet(refused.names - given.names, always, open=True)
        return LabelSet(self.names | other.names, always)


NONE: Final = LabelSet()
ANY: Final = LabelSet(open=True)


def labels_of(expr: Expr, schema: Schema) -> LabelSet:
    """The labels of what ``expr`` gives."""
    match expr:
        case VectorSelector():
            return _selected(expr, schema)
        case MatrixSelector(selector=selector):
            return _selected(selector, schema)
        case Paren(expr=inner) | Subquery(expr=inner):
            return labels_of(inner, schema)
        case Unary(op=op, expr=inner):
            labels = labels_of(inner, schema)
            return labels if op == "+" else labels.without(_NAME)
    return _combined(expr, schema)


def _combined(expr: Expr, schema: Schema) -> LabelSet:
    match expr:
        case Aggregation():
            return _aggregated(expr, labels_of(expr.expr, schema))
        case Binary():
            return _joined(expr, labels_of(expr.left, schema), labels_of(expr.right, schema))
        case Call():
            return _called(expr, schema)
    return NONE


# -- selectors -----------------------------------------------------------------


def selected_metrics(selector: VectorSelector, schema: Schema) -> list[Metric] | None:
    """The metrics that a selector can find; ``None`` where one of them is not known."""
    conditions = [m for m in selector.matchers if m.name == METRIC_NAME]
    exact = next((m.value for m in conditions if m.op == "="), None)
    if exact is not None:
        metric = schema.metric(exact)
        return None if metric is None else [metric]
    if not conditions:
        return None
    fits = [compile_matcher(condition) for condition in conditions]
    names = [name for name in schema.names() if all(fit(name) for fit in fits)]
    found = [metric for name in sorted(names) if (metric := schema.metric(name))]
    return found or None


def _selected(selector: VectorSelector, schema: Schema) -> LabelSet:
    metrics = selected_metrics(selector, schema)
    labels = ANY
    if metrics is not None:
        sets = [_of_metric(metric) for metric in metrics]
        labels = sets[0]
        for other in sets[1:]:
            labels = labels.or_(other)
    absent = [m.name for m in selector.matchers if m.op == "=" and not m.value]
    present = {m.name for m in selector.matchers if not compile_matcher(m)("")}
    labels = labels.without(absent)
    return LabelSet(labels.names, labels.always | (present - {METRIC_NAME}), labels.open)


def _of_metric(metric: Metric) -> LabelSet:
    if metric.labels is None:
        return LabelSet(always=metric.always, open=True)
    return LabelSet(metric.labels | _NAME, metric.always)


# -- operations ----------------------------------------------------------------


def _aggregated(node: Aggregation, inner: LabelSet) -> LabelSet:
    if node.op in _KEEPS_LABELS:
        return inner
    labels = inner.without({*node.grouping, METRIC_NAME}) if node.without else None
    labels = inner.only(node.grouping) if labels is None else labels
    if node.op == "count_values" and node.parameter is not None:
        labels = _with_written(labels, node.parameter)
    return labels


def _with_written(labels: LabelSet, name: Expr) -> LabelSet:
    name = unwrapped(name)
    if not isinstance(name, String):
        return ANY
    # What is written may be empty, which takes the label away.
    return labels.without({name.value}).possibly({name.value})


def _called(call: Call, schema: Schema) -> LabelSet:
    name = call.function.name
    if name in _FROM_MATCHERS:
        return _of_matchers(unwrapped(call.arguments[0]))
    vector = next(
        (a for a in call.arguments if a.type in {ValueType.VECTOR, ValueType.MATRIX}), None
    )
    if vector is None or call.function.gives is not ValueType.VECTOR:
        return NONE
    labels = labels_of(vector, schema)
    if name in {"label_replace", "label_join"}:
        return _with_written(labels, call.arguments[1])
    if name in _EATS_LE:
        labels = labels.without({"le"})
    return labels if name in _KEEPS_NAME else labels.without(_NAME)


def _of_matchers(argument: Expr) -> LabelSet:
    selector = argument.selector if isinstance(argument, MatrixSelector) else argument
    if not isinstance(selector, VectorSelector):
        return NONE
    given = [m.name for m in selector.matchers if m.name != METRIC_NAME]
    kept = frozenset(
        m.name for m in selector.matchers if m.op == "=" and m.value and given.count(m.name) == 1
    )
    return LabelSet(kept, kept)


def _joined(node: Binary, left: LabelSet, right: LabelSet) -> LabelSet:
    filters = node.op in COMPARISONS and not node.returns_bool
    matching = node.matching
    if matching is None:
        labels = left if node.left.type is ValueType.VECTOR else right
        return labels if filters else labels.without(_NAME)
    if node.op in SETS:
        return left.or_(right) if node.op == "or" else left
    if matching.card is Card.ONE_TO_MANY:
        left, right = right, left
    labels = left if filters else left.without(_NAME)
    if matching.card is Card.ONE_TO_ONE:
        on = (*matching.labels,)
        return labels.only(on) if matching.on else labels.without(on)
    return _included(labels, right, matching)


def _included(many: LabelSet, one: LabelSet, matching: Matching) -> LabelSet:
    # A label that the one side lacks is taken away from the many.
    taken = many.without(matching.include)
    given = one.only(matching.include)
    more = taken.possibly(given.names)
    return LabelSet(more.names, more.always | given.always, more.open)


def matched(labels: LabelSet, matching: Matching) -> LabelSet:
    """The labels by which the series of one side are matched with those of the other."""
    if matching.on:
        return labels.only(matching.labels)
    return labels.without({*matching.labels, METRIC_NAME})
