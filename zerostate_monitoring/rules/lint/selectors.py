"""Selectors: is there such a metric, such a label, such a value?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from zerostate_monitoring.promql.labels import METRIC_NAME
from zerostate_monitoring.promql.lexer import NAME, STRING, Token, tokenize
from zerostate_monitoring.promql.matchers import compile_matcher
from zerostate_monitoring.promql.nodes import (
    Aggregation,
    Binary,
    Matcher,
    Span,
    VectorSelector,
)
from zerostate_monitoring.rules.label_flow import LabelSet, labels_of
from zerostate_monitoring.rules.lint.findings import (
    Code,
    Finding,
    Subject,
    error,
    listed,
    nearest,
    parts,
    warning,
)
from zerostate_monitoring.rules.schema import Metric

_OF_A_HISTOGRAM: Final = "_bucket"
_LISTS: Final = frozenset({"by", "without", "on", "ignoring", "group_left", "group_right"})


def check(subject: Subject) -> Iterator[Finding]:
    """What is wrong with the selectors, and with the labels that operations name."""
    for node in parts(subject.expr):
        match node:
            case VectorSelector():
                yield from _selector(subject, node)
            case Aggregation():
                labels = labels_of(node.expr, subject.schema)
                yield from _named(
                    node.grouping,
                    labels,
                    "by" if not node.without else "without",
                    node.span,
                    subject,
                )
            case Binary(matching=matching) if matching is not None:
                labels = labels_of(node.left, subject.schema).or_(
                    labels_of(node.right, subject.schema)
                )
                word = "on" if matching.on else "ignoring"
                yield from _named(matching.labels, labels, word, node.span, subject)


def _selector(subject: Subject, selector: VectorSelector) -> Iterator[Finding]:
    name = next((m.value for m in selector.matchers if m.name == METRIC_NAME and m.op == "="), None)
    if name is None:
        return
    metric = subject.schema.metric(name)
    if metric is None:
        yield error(Code.UNKNOWN_METRIC, _no_metric(subject, name), _name_span(selector, name))
        return
    for matcher in selector.matchers:
        if matcher.name != METRIC_NAME:
            yield from _matcher(subject, selector, metric, matcher)


def _no_metric(subject: Subject, name: str) -> str:
    names = frozenset(subject.schema.names())
    if name + _OF_A_HISTOGRAM in names:
        return (
            f"{name} is a histogram, whose series end in _bucket, _sum and _count; name one of "
            "these."
        )
    if f"{name}_total" in names:
        return f"There is no metric {name}; the counter is called {name}_total."
    return f"There is no metric {name}{nearest(name, names)}"


def _name_span(selector: VectorSelector, name: str) -> Span:
    if selector.name:
        return Span(selector.span.start, selector.span.start + len(name))
    return selector.span


# -- matchers ------------------------------------------------------------------


def _matcher(
    subject: Subject, selector: VectorSelector, metric: Metric, matcher: Matcher
) -> Iterator[Finding]:
    span = _matcher_span(subject.text, selector.span, matcher)
    if metric.labels is not None and matcher.name not in metric.labels:
        yield _no_label(metric, matcher, span)
        return
    values = metric.values.get(matcher.name, ())
    if not values or not matcher.value:
        return
    fits = compile_matcher(matcher)
    finds_some = any(fits(value) for value in values)
    finds_all = all(fits(value) for value in values)
    known = f"known values of {matcher.name} are {listed(values)}"
    if not finds_some:
        yield warning(Code.UNKNOWN_VALUE, f"No known series of {metric.name} fits; {known}.", span)
    elif finds_all and matcher.op in {"!=", "!~"}:
        yield warning(
            Code.UNKNOWN_VALUE, f"This leaves out no series of {metric.name}; {known}.", span
        )


def _no_label(metric: Metric, matcher: Matcher, span: Span) -> Finding:
    labels = metric.labels or frozenset()
    said = f"{metric.name} has no label {matcher.name}"
    hint = nearest(matcher.name, labels)
    if hint == ".":
        hint = f"; it has {listed(labels)}."
    if compile_matcher(matcher)(""):
        message = f"{said}, so this leaves out nothing{hint}"
        return warning(Code.UNKNOWN_LABEL, message, span)
    return error(Code.UNKNOWN_LABEL, f"{said}, so this finds nothing{hint}", span)


def _matcher_span(text: str, span: Span, matcher: Matcher) -> Span:
    """The place of a matcher in its selector, which keeps none."""
    tokens = tokenize(text)
    inside = [t for t in tokens if span.start <= t.start and t.end <= span.end]
    for place in range(len(inside) - 2):
        name, op, value = inside[place : place + 3]
        if _is(name, op, value, matcher):
            return Span(name.start, value.end)
    return span


def _is(name: Token, op: Token, value: Token, matcher: Matcher) -> bool:
    written = name.text if name.kind == NAME else str(name.value)
    return (
        op.kind == matcher.op
        and value.kind == STRING
        and written == matcher.name
        and value.value == matcher.value
    )


# -- labels that operations name -------------------------------------------------


def _named(
    names: tuple[str, ...], labels: LabelSet, word: str, span: Span, subject: Subject
) -> Iterator[Finding]:
    for name in names:
        if labels.may_have(name):
            continue
        hint = "." if labels.open else nearest(name, labels.names - {METRIC_NAME})
        message = f"“{word} ({name})”: the series here have no label {name}{hint}"
        yield warning(Code.UNKNOWN_LABEL, message, _label_span(subject.text, span, name))


def _label_span(text: str, span: Span, name: str) -> Span:
    """The place of a label in a list behind ``by``, ``on`` and the like."""
    inside = False
    previous = ""
    for token in tokenize(text):
        if not span.start <= token.start < span.end:
            continue
        inside = (token.kind == "(" and previous in _LISTS) or (inside and token.kind != ")")
        written = token.text if token.kind == NAME else str(token.value)
        if inside and token.kind in {NAME, STRING} and written == name:
            return Span(token.start, token.end)
        previous = token.text.lower() if token.kind == NAME else token.kind
    return span
