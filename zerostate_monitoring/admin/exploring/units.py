"""In which unit an expression gives its values, where that is plain."""

from __future__ import annotations

import re
from typing import Final

from zerostate_monitoring.catalogue import CATALOGUE
from zerostate_monitoring.exceptions import QuerySyntaxError
from zerostate_monitoring.promql.labels import METRIC_NAME
from zerostate_monitoring.promql.nodes import (
    Aggregation,
    Binary,
    Call,
    Expr,
    MatrixSelector,
    Number,
    Paren,
    Subquery,
    Unary,
    VectorSelector,
)
from zerostate_monitoring.promql.operators import COMPARISONS
from zerostate_monitoring.promql.printer import format_expr
from zerostate_monitoring.promql.query import parse
from zerostate_monitoring.rules.lint import metrics_of

_SAME_NAMES: Final = (
    "abs ceil floor round clamp clamp_min clamp_max sort sort_desc label_replace label_join "
    "avg_over_time min_over_time max_over_time sum_over_time last_over_time quantile_over_time "
    "stddev_over_time increase delta idelta predict_linear scalar"
)
_SAME: Final = frozenset(_SAME_NAMES.split())
_PER_SECOND: Final = frozenset({"rate", "irate", "deriv"})
_COUNTS: Final = re.compile(
    r"\b(?:count|count_values|group|count_over_time|changes|resets)(?: by| without)? ?\("
)
_COUNTING: Final = frozenset({"count", "group", "count_values", "stdvar"})


def unit_of(expr: str) -> str:
    """``seconds``, ``bytes/s`` and the like; empty where it is not known."""
    try:
        return _unit(parse(expr).expr)
    except QuerySyntaxError:
        return ""


def _unit(node: Expr) -> str:
    match node:
        case VectorSelector():
            return _of_metric(node)
        case MatrixSelector():
            return _of_metric(node.selector)
        case Paren() | Unary() | Subquery():
            return _unit(node.expr)
        case Aggregation() if node.op not in _COUNTING:
            return _unit(node.expr)
    return _of_call(node) if isinstance(node, Call) else _of_others(node)


def _of_metric(selector: VectorSelector) -> str:
    names = [m.value for m in selector.matchers if m.name == METRIC_NAME and m.op == "="]
    definition = CATALOGUE.find(names[0]) if names else None
    # How many there were has no unit, whatever was measured.
    if definition is None or names[0].endswith(("_count", "_bucket")):
        return ""
    return definition.unit


def _of_histogram(node: Expr) -> str:
    """What the histogram measures of which a quantile is taken."""
    for name in metrics_of(format_expr(node)):
        definition = CATALOGUE.find(name)
        if definition is not None and name.endswith("_bucket"):
            return definition.unit
    return ""


def _of_call(call: Call) -> str:
    name = call.function.name
    if name == "time":
        return "seconds"
    if name == "histogram_quantile":
        return _of_histogram(call)
    if name not in _SAME | _PER_SECOND or not call.arguments:
        return ""
    vectors = [unit for unit in map(_unit, call.arguments) if unit]
    unit = vectors[0] if vectors else ""
    if name not in _PER_SECOND:
        return unit
    return f"{unit}/s" if unit else ("/s" if name != "deriv" else "")


def _of_quotient(node: Binary, left: str, right: str) -> str:
    """A mean: what was added up, by how often. Or a share: some of a family, by all of it."""
    if right == "/s" and left != right:
        return left.removesuffix("/s")
    part, whole = format_expr(node.left), format_expr(node.right)
    names = metrics_of(part)
    # A sum by a count of the same is a mean.
    is_alike = bool(_COUNTS.search(part)) == bool(_COUNTS.search(whole))
    return "ratio" if is_alike and len(names) == 1 and names == metrics_of(whole) else ""


def _of_others(node: Expr) -> str:
    if not isinstance(node, Binary) or node.returns_bool:
        return ""
    left, right = _unit(node.left), _unit(node.right)
    if node.op in COMPARISONS or node.op in {"and", "unless"}:
        # What is given is of the left side; a number there is compared with what is given.
        return right if isinstance(node.left, Number) else left
    if node.op == "/":
        return _of_quotient(node, left, right)
    if node.op in {"+", "-", "or"}:
        numbers = isinstance(node.left, Number) or isinstance(node.right, Number)
        return left or right if numbers or left == right else ""
    return ""
