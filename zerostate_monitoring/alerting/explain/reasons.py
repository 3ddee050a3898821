"""Why an expression gives something or nothing: told from the values of its parts. Pure."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

from zerostate_monitoring.alerting.explain.values import Values, plain, value
from zerostate_monitoring.alerting.operands import COMPARISONS, bare
from zerostate_monitoring.promql.data import NAME, Sample
from zerostate_monitoring.promql.nodes import Binary, Expr, Matching, Number, ValueType
from zerostate_monitoring.promql.printer import format_expr

MOST: Final = 5
"""Series of one part that are told of."""
_DEPTH: Final = 4
_WORDS: Final[Mapping[str, tuple[str, Callable[[float, float], bool]]]] = {
    ">": ("above", operator.gt),
    "<": ("below", operator.lt),
    ">=": ("at least", operator.ge),
    "<=": ("at most", operator.le),
    "==": ("equal to", operator.eq),
    "!=": ("other than", operator.ne),
}
_SETS: Final = {
    "and": "Both sides of “and” must give a series with the same labels.",
    "or": "Either side of “or” is enough.",
    "unless": "What the right side of “unless” gives is taken away.",
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
        yield _SETS[node.op]
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
        yield f"{text} finds nothing."
    for one in samples[:MOST]:
        yield f"{text} is {value(one.value)}{_of(one)}."
    yield from _more(samples, text)


def _lacking(node: Expr, values: Values) -> Iterator[str]:
    text, samples = _side(node, values)
    if samples is not None and not samples:
        yield f"{text} finds nothing."


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
        word = _WORDS[node.op][0]
        verb = "is" if _holds(node.op, one, other) else "is not"
        yield f"{left}{_of(one)}: {value(one.value)} {verb} {word} {_right(right, other, node)}."
    yield from _more(told, left)
    if not told:
        yield f"No series of {left} has the labels of one of {right}: the two never meet."


def _right(text: str, other: Sample, node: Binary) -> str:
    if isinstance(bare(node.right), Number):
        return value(other.value)
    return f"{value(other.value)} ({text})"


def _holds(op: str, one: Sample, other: Sample) -> bool:
    return _WORDS[op][1](one.value, other.value)


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
    if len(told) > MOST:
        yield f"… and {len(told) - MOST} more of {text}."
