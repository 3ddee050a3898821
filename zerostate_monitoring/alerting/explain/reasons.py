"""Why an expression gives something or nothing: told from the values of its parts.

Pure but for the language, which is that of who asks.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext

from zerostate_monitoring.alerting.explain.values import Values, plain, value
from zerostate_monitoring.alerting.operands import COMPARISONS, bare
from zerostate_monitoring.promql.data import NAME, Sample
from zerostate_monitoring.promql.nodes import Binary, Expr, Matching, Number, ValueType
from zerostate_monitoring.promql.printer import format_expr

MOST: Final = 5
"""Series of one part that are told of."""
_DEPTH: Final = 4
_HOLDS: Final[Mapping[str, Callable[[float, float], bool]]] = {
    ">": operator.gt,
    "<": operator.lt,
    ">=": operator.ge,
    "<=": operator.le,
    "==": operator.eq,
    "!=": operator.ne,
}
_WORDS: Final[Mapping[str, tuple[str, str]]] = {
    ">": (
        gettext_noop("%(series)s: %(value)s is above %(other)s."),
        gettext_noop("%(series)s: %(value)s is not above %(other)s."),
    ),
    "<": (
        gettext_noop("%(series)s: %(value)s is below %(other)s."),
        gettext_noop("%(series)s: %(value)s is not below %(other)s."),
    ),
    ">=": (
        gettext_noop("%(series)s: %(value)s is at least %(other)s."),
        gettext_noop("%(series)s: %(value)s is not at least %(other)s."),
    ),
    "<=": (
        gettext_noop("%(series)s: %(value)s is at most %(other)s."),
        gettext_noop("%(series)s: %(value)s is not at most %(other)s."),
    ),
    "==": (
        gettext_noop("%(series)s: %(value)s is equal to %(other)s."),
        gettext_noop("%(series)s: %(value)s is not equal to %(other)s."),
    ),
    "!=": (
        gettext_noop("%(series)s: %(value)s is other than %(other)s."),
        gettext_noop("%(series)s: %(value)s is not other than %(other)s."),
    ),
}
"""What is said where a comparison holds, and where it does not."""
_SETS: Final = {
    "and": gettext_noop("Both sides of “and” must give a series with the same labels."),
    "or": gettext_noop("Either side of “or” is enough."),
    "unless": gettext_noop("What the right side of “unless” gives is taken away."),
}
_NAMELESS: Final = frozenset({NAME})

_Side = tuple[str, tuple[Sample, ...] | None]


def reasons(expr: Expr, values: Values) -> tuple[str, ...]:
    """Sentences, from the outside inwards."""
    return tuple(dict.fromkeys(_reasons(bare(expr), values, _DEPTH)))


def _reasons(node: Expr, values: Values, depth: int) -> Iterator[str]:
    if not isinstance(node, Binary) or not depth:
        yield from _found(node, values)
    elif node.op in COMPARISONS:
        yield from _compared(node, values, depth)
    elif node.op in _SETS:
        yield _(_SETS[node.op])
        yield from _reasons(bare(node.left), values, depth - 1)
        yield from _reasons(bare(node.right), values, depth - 1)
    else:
        yield from _found(node, values)
        for side in (bare(node.left), bare(node.right)):
            yield from _lacking(side, values)


def _found(node: Expr, values: Values) -> Iterator[str]:
    text, samples = _side(node, values)
    if samples is None:
        return
    if not samples:
        yield _("%(expr)s finds nothing.") % {"expr": text}
    for one in samples[:MOST]:
        values_of = {"expr": text, "value": f"{value(one.value)}{_of(one)}"}
        yield _("%(expr)s is %(value)s.") % values_of
    yield from _more(samples, text)


def _lacking(node: Expr, values: Values) -> Iterator[str]:
    text, samples = _side(node, values)
    if samples is not None and not samples:
        yield _("%(expr)s finds nothing.") % {"expr": text}


def _compared(node: Binary, values: Values, depth: int) -> Iterator[str]:
    (left, mine), (right, others) = (
        _side(bare(node.left), values),
        _side(bare(node.right), values),
    )
    if mine is None or others is None:
        return
    if not mine or not others:
        for side, samples in ((node.left, mine), (node.right, others)):
            if not samples:
                yield from _reasons(bare(side), values, depth - 1)
        return
    told = list(_pairs(node, mine, others))
    # What holds, or nearly does, is what one looks for.
    told.sort(key=lambda pair: not _holds(node.op, *pair))
    for one, other in told[:MOST]:
        holds, fails = _WORDS[node.op]
        said = _(holds) if _holds(node.op, one, other) else _(fails)
        yield said % {
            "series": f"{left}{_of(one)}",
            "value": value(one.value),
            "other": _right(right, other, node),
        }
    yield from _more(told, left)
    if not told:
        said = _("No series of %(left)s has the labels of one of %(right)s: the two never meet.")
        yield said % {"left": left, "right": right}


def _right(text: str, other: Sample, node: Binary) -> str:
    if isinstance(bare(node.right), Number):
        return value(other.value)
    return f"{value(other.value)} ({text})"


def _holds(op: str, one: Sample, other: Sample) -> bool:
    return _HOLDS[op](one.value, other.value)


def _pairs(
    node: Binary, mine: Sequence[Sample], others: Sequence[Sample]
) -> Iterator[tuple[Sample, Sample]]:
    """Values that are compared with each other."""
    if ValueType.SCALAR in {node.left.type, node.right.type}:
        yield from ((one, other) for one in mine for other in others)
        return
    matching = node.matching or Matching()
    known: dict[tuple[tuple[str, str], ...], list[Sample]] = {}
    for other in others:
        known.setdefault(_key(other, matching), []).append(other)
    for one in mine:
        yield from ((one, other) for other in known.get(_key(one, matching), ()))


def _key(sample: Sample, matching: Matching) -> tuple[tuple[str, str], ...]:
    if matching.on:
        return tuple(pair for pair in sample.labels if pair[0] in matching.labels)
    without = {NAME, *matching.labels}
    return tuple(pair for pair in sample.labels if pair[0] not in without)


def _side(node: Expr, values: Values) -> _Side:
    if isinstance(node, Number):
        return format_expr(node), (Sample((), node.value),)
    text = format_expr(node)
    return text, values.parts.get(text)


def _of(sample: Sample) -> str:
    told = plain(sample.labels, _NAMELESS)
    return f" {told}" if told else ""


def _more(told: Sequence[object], text: str) -> Iterator[str]:
    more = len(told) - MOST
    if more > 0:
        said = ngettext("… and %(n)d more of %(expr)s.", "… and %(n)d more of %(expr)s.", more)
        yield said % {"n": more, "expr": text}
