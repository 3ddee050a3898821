"""Comparisons and matching: can they ever be true, are they ever not?"""

from __future__ import annotations

from collections.abc import Iterator

from zerostate_monitoring.promql.nodes import Binary, Call, Expr, Number
from zerostate_monitoring.promql.numerals import format_number
from zerostate_monitoring.promql.operators import COMPARISONS
from zerostate_monitoring.promql.printer import format_expr
from zerostate_monitoring.promql.tree import unwrapped
from zerostate_monitoring.rules.bounds import Bounds, bounds_of, bucket_bounds, verdict
from zerostate_monitoring.rules.label_flow import LabelSet, labels_of, matched
from zerostate_monitoring.rules.lint.findings import (
    Code,
    Finding,
    Subject,
    error,
    listed,
    parts,
    warning,
)


def check(subject: Subject) -> Iterator[Finding]:
    """Comparisons with one outcome, and sides that never meet."""
    for node in parts(subject.expr):
        if not isinstance(node, Binary):
            continue
        if node.op in COMPARISONS:
            yield from _comparison(subject, node)
        if node.matching is not None and node.op != "or":
            yield from _meeting(subject, node)


# -- one outcome -------------------------------------------------------------------


def _comparison(subject: Subject, node: Binary) -> Iterator[Finding]:
    left, right = bounds_of(node.left, subject.schema), bounds_of(node.right, subject.schema)
    outcome = verdict(node.op, left, right)
    if outcome is None or _are_numbers(node):
        return
    quantile = _quantile_of(node)
    if quantile is not None:
        yield _beyond(subject, node, quantile, outcome=outcome)
        return
    why = _why(node, left, right)
    if outcome:
        yield warning(Code.ALWAYS_TRUE, f"This is true for all values: {why}.", node.span)
    else:
        yield error(Code.NEVER_TRUE, f"This is never true: {why}.", node.span)


def _are_numbers(node: Binary) -> bool:
    # Written out on purpose, as “1 == bool 1”.
    return isinstance(unwrapped(node.left), Number) and isinstance(unwrapped(node.right), Number)


def _quantile_of(node: Binary) -> Call | None:
    for side in (unwrapped(node.left), unwrapped(node.right)):
        if isinstance(side, Call) and side.function.name == "histogram_quantile":
            return side
    return None


def _beyond(subject: Subject, node: Binary, quantile: Call, *, outcome: bool) -> Finding:
    buckets = bucket_bounds(quantile.arguments[1], subject.schema)
    last = format_number(buckets[-1])
    message = (
        f"The last bucket ends at {last}, and a quantile beyond it is shown as {last}: this is "
        f"{'always' if outcome else 'never'} true. Take a threshold below, or more buckets."
    )
    return (warning if outcome else error)(Code.BEYOND_BUCKETS, message, node.span)


def _why(node: Binary, left: Bounds, right: Bounds) -> str:
    sides = ((node.left, left), (node.right, right))
    said = [_range(side, bounds) for side, bounds in sides if not _is_number(side)]
    return " and ".join(said)


def _is_number(expr: Expr) -> bool:
    return isinstance(unwrapped(expr), Number)


def _range(expr: Expr, bounds: Bounds) -> str:
    text = format_expr(expr)
    shown = text if len(text) <= 60 else f"{text[:59]}…"
    low, high = bounds.low, bounds.high
    if low == high:
        return f"{shown} is {format_number(low)}"
    if high == float("inf"):
        return f"{shown} is never below {format_number(low)}"
    if low == -float("inf"):
        return f"{shown} is never above {format_number(high)}"
    if low > high:
        return f"{shown} gives nothing"
    return f"{shown} lies between {format_number(low)} and {format_number(high)}"


# -- sides that never meet -----------------------------------------------------------


def _meeting(subject: Subject, node: Binary) -> Iterator[Finding]:
    if node.matching is None:
        return
    left = matched(labels_of(node.left, subject.schema), node.matching)
    right = matched(labels_of(node.right, subject.schema), node.matching)
    for one, other, here, there in (
        (left, right, "left", "right"),
        (right, left, "right", "left"),
    ):
        missing = _missing(one, other)
        if not missing:
            continue
        message = (
            f"The two sides of “{node.op}” never meet: each series on the {here} has the label "
            f"{listed(missing)}, none on the {there} has it. "
            "Say by which labels they meet: on (…) or ignoring (…)."
        )
        make = warning if node.op == "unless" else error
        yield make(Code.NO_MATCH, message, node.span)
        return


def _missing(one: LabelSet, other: LabelSet) -> frozenset[str]:
    return frozenset(name for name in one.always if not other.may_have(name))
