"""In which unit the values of a rule are told: as its expression has it, else as its summary says.

A value of an alert stands in its headline, in lists and on pages: it is written alike in each.
"""

from __future__ import annotations

import re
from typing import Final

from zerostate_monitoring.admin.exploring.units import unit_of
from zerostate_monitoring.exceptions import QuerySyntaxError
from zerostate_monitoring.promql.nodes import Aggregation, Binary, Call, Expr, Number, Paren
from zerostate_monitoring.promql.operators import COMPARISONS
from zerostate_monitoring.promql.query import parse

ABOUT: Final = "about"
"""No unit of a family: things that were counted over a window, which is worked out, not whole."""
SHARE_OR_COUNT: Final = "share or count"
"""A share where it is at most 1, else a count: what a rule with two branches gives."""

_FILTERS: Final = {
    "humanizePercentage": "ratio",
    "humanizeDuration": "seconds",
    "humanize1024": "bytes",
}
_FILTERED: Final = re.compile(rf"\$value\s*\|\s*({'|'.join(_FILTERS)})\b")
_SHARE: Final = re.compile(r"\{\{-?\s*if le \$value 1(?:\.0)?\s*-?\}\}")
_WHOLE: Final = re.compile(r'printf "%\.0f" \$value')
_AS_THEY_ARE: Final = frozenset({"sum", "min", "max", "avg", "topk", "bottomk"})


def rule_unit(expr: str, summary: str = "") -> str:
    """``seconds``, ``ratio`` and the like, or one of the above; empty where it is not known."""
    if known := unit_of(expr):
        return known
    filtered = _FILTERED.search(summary)
    unit = _FILTERS[filtered[1]] if filtered else ""
    if unit == "ratio" and _SHARE.search(summary):
        return SHARE_OR_COUNT
    if unit:
        return unit
    return ABOUT if _WHOLE.search(summary) or _is_counted(expr) else ""


def _is_counted(expr: str) -> bool:
    try:
        return _counts(parse(expr).expr)
    except QuerySyntaxError:
        return False


def _counts(node: Expr) -> bool:
    match node:
        case Paren():
            return _counts(node.expr)
        case Aggregation() if node.op in _AS_THEY_ARE:
            return _counts(node.expr)
        case Binary() if node.op in COMPARISONS and not node.returns_bool:
            return _counts(node.right if isinstance(node.left, Number) else node.left)
        case Binary() if node.op in {"and", "unless"}:
            return _counts(node.left)
        case Call():
            return node.function.name == "increase"
    return False
