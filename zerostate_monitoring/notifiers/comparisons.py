"""What an alert's expression compares, and with which number.

Pure but for the language, which is that of who composes.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from zerostate_monitoring.exceptions import QuerySyntaxError
from zerostate_monitoring.notifiers.numbers import number
from zerostate_monitoring.promql.nodes import Binary, Expr, Number, Unary, ValueType
from zerostate_monitoring.promql.printer import format_expr
from zerostate_monitoring.promql.query import parse
from zerostate_monitoring.promql.tree import unwrapped

_HOLDS: Final[Mapping[str, Callable[[float, float], bool]]] = {
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
    "==": operator.eq,
    "!=": operator.ne,
}
_WORDS: Final = {
    ">": gettext_noop("fires above %(value)s"),
    ">=": gettext_noop("fires at %(value)s and above"),
    "<": gettext_noop("fires below %(value)s"),
    "<=": gettext_noop("fires at %(value)s and below"),
    "==": gettext_noop("fires at %(value)s"),
    "!=": gettext_noop("fires at all but %(value)s"),
}
_MIRRORED: Final = {"<": ">", ">": "<", "<=": ">=", ">=": "<="}


@dataclass(frozen=True, slots=True)
class Comparison:
    """What is compared: ``subject`` with ``threshold``, which is ``None`` if it is no number."""

    op: str
    threshold: float | None
    subject: str

    def __str__(self) -> str:
        if self.threshold is None:
            return ""
        return _(_WORDS[self.op]) % {"value": number(self.threshold)}

    def may_give(self, value: float | None) -> bool:
        """Whether an alert of this value can be one of its own."""
        if value is None or self.threshold is None:
            return True
        return _HOLDS[self.op](value, self.threshold)


def comparison_of(expr: str, value: float | None = None) -> Comparison | None:
    """The comparison with a number that decided; ``None`` where there is none, or it is not known.

    Of ``a > 1 or b > 5`` it is known where the value of the alert can come of one alone.
    """
    found = _deciding(expr, value)
    return None if found is None or found.threshold is None else found


def subject_of(expr: str, value: float | None = None) -> str:
    """What is watched: the side whose values an alert has, also while they are no reason to fire.

    The whole expression where it compares nothing, or it is not known which part decided.
    """
    found = _deciding(expr, value)
    return expr if found is None else found.subject


def _deciding(expr: str, value: float | None) -> Comparison | None:
    found = _comparisons(expr)
    possible = [one for one in found if len(found) == 1 or one.may_give(value)]
    return possible[0] if len(possible) == 1 else None


@lru_cache(maxsize=1_024)
def _comparisons(expr: str) -> tuple[Comparison, ...]:
    """Those of which one has decided; one that compares nothing stands for a part without."""
    try:
        tree = parse(expr).expr
    except QuerySyntaxError:
        return ()
    return tuple(_found(tree))


def _found(tree: Expr) -> Iterator[Comparison]:
    tree = unwrapped(tree)
    if isinstance(tree, Binary) and tree.op in {"and", "unless"}:
        # The values are those of the left side.
        yield from _found(tree.left)
    elif isinstance(tree, Binary) and tree.op == "or":
        yield from _found(tree.left)
        yield from _found(tree.right)
    elif isinstance(tree, Binary) and tree.op in _WORDS and not tree.returns_bool:
        yield _comparison(tree)
    else:
        yield Comparison("", None, format_expr(tree))


def _comparison(tree: Binary) -> Comparison:
    left, right = unwrapped(tree.left), unwrapped(tree.right)
    if left.type is ValueType.VECTOR:
        return Comparison(tree.op, _constant(right), format_expr(left))
    turned = Comparison(_MIRRORED.get(tree.op, tree.op), _constant(left), format_expr(right))
    # Between two numbers nothing is watched.
    is_watched = right.type is ValueType.VECTOR
    return turned if is_watched else replace(turned, threshold=None)


def _constant(node: Expr) -> float | None:
    node = unwrapped(node)
    if isinstance(node, Unary):
        inner = _constant(node.expr)
        return None if inner is None else inner * (-1 if node.op == "-" else 1)
    return node.value if isinstance(node, Number) else None
