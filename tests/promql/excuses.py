"""Why two answers to a smallest failing query may differ though both are right.

All reasons but those of a version (``differences``) are here, and docs/promql.md names them.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Protocol

from tests.promql import vocabulary as words
from tests.promql.answers import Answer, Ask, difference
from zerostate_monitoring.exceptions import QueryError
from zerostate_monitoring.frames.exemplar import Labels
from zerostate_monitoring.promql.data import NAME
from zerostate_monitoring.promql.lengths import TOO_SHORT
from zerostate_monitoring.promql.nodes import (
    Aggregation,
    Binary,
    Call,
    Expr,
    MatrixSelector,
    Number,
    Subquery,
    ValueType,
    VectorSelector,
    children,
)
from zerostate_monitoring.promql.query import parse
from zerostate_monitoring.promql.tree import unwrapped

TIES = "topk and bottomk choose among equal values as they come"
UNSEEN_TIES = "topk or bottomk in a subquery, whose ties cannot be asked for"
ROUNDING = "the same operation over their operands, which are rounded otherwise, gives theirs"
DATES = "a date of no time that Go's integers hold: as the processor has it"
LENGTHS = "we refuse computed lengths below a millisecond, Prometheus takes them as none"
TWICE = "one text compared with itself, whose sums Prometheus rounds otherwise the second time"
OVERFLOW = "Go's exp, cosh and sinh are infinite a little early"

_CHOICE = frozenset({"topk", "bottomk"})
_PLAIN = (Number, VectorSelector, MatrixSelector)
_LARGEST = 2.0**63
_NEARLY_INFINITE = 6e307
"""Half of e^709.45, from where on Go's ``exp`` is infinite: the hyperbolic ones halve it."""

_Points = dict[tuple[Labels, int], float]


class Sides(Protocol):
    """Who answers: this engine, and a Prometheus."""

    def both(self, ask: Ask) -> tuple[Answer, Answer]:
        """Our answer and theirs."""

    def differs(self, ask: Ask, theirs: Answer) -> str:
        """In what ours is not theirs."""

    def redone(self, ask: Ask, given: Mapping[str, Answer], theirs: Answer) -> str:
        """The same where some names stand for answers of theirs."""


def excuse(ask: Ask, sides: Sides) -> str:
    """The reason; empty where there is none."""
    try:
        whole = unwrapped(parse(ask.text).expr)
    except QueryError:
        return ""
    if TOO_SHORT in sides.both(ask)[0].error:
        return LENGTHS
    return (
        _ties(whole, ask, sides)
        or _at_the_edge(whole, ask, sides)
        or _compared_with_itself(whole, ask)
        or (ROUNDING if _rounded_inside(whole, ask, sides) else "")
    )


def _text(ask: Ask, node: Expr) -> str:
    return ask.text[node.span.start : node.span.end]


# -- ties ----------------------------------------------------------------------


def _ties(whole: Expr, ask: Ask, sides: Sides) -> str:
    if isinstance(whole, Aggregation) and whole.op in _CHOICE:
        inner, _ = sides.both(replace(ask, text=_text(ask, whole.expr)))
        return TIES if _chosen_alike(*sides.both(ask), inner) else ""
    found = ""
    for choice, subqueries in _choices(whole, ()):
        if len(subqueries) > bool(not ask.step_ms):
            found = found or UNSEEN_TIES
            continue
        text = _text(ask, choice.expr)
        if subqueries:
            text = f"({text}){ask.text[subqueries[0].expr.span.end : subqueries[0].span.end]}"
        _, inner = sides.both(replace(ask, text=text))
        if _tied(inner):
            return TIES
    return found


def _choices(
    node: Expr, inside: tuple[Subquery, ...]
) -> Iterator[tuple[Aggregation, tuple[Subquery, ...]]]:
    """Each topk and bottomk, with the subqueries that it stands in."""
    if isinstance(node, Aggregation) and node.op in _CHOICE:
        yield node, inside
    if isinstance(node, Subquery):
        inside = (*inside, node)
    for child in children(node):
        yield from _choices(child, inside)


def _chosen_alike(ours: Answer, theirs: Answer, inner: Answer) -> bool:
    """Whether both chose equal values, and ours are series that were there to be chosen."""
    offered = {(key, repr(value)) for key, value in _points(inner).items()}
    chosen = {(key, repr(value)) for key, value in _points(ours).items()}
    return chosen <= offered and not difference(_in_order(ours), _in_order(theirs), 0.0)


def _in_order(answer: Answer) -> Answer:
    """The values at each time, in order, whichever series they are of."""
    found: dict[int, list[float]] = {}
    for (_, at), value in _points(answer).items():
        found.setdefault(at, []).append(value)
    rows = (
        ((("place", f"{at} {place:06}"),), ((at, value),))
        for at, values in sorted(found.items())
        for place, value in enumerate(sorted(values, key=lambda one: (math.isnan(one), one)))
    )
    return replace(answer, kind="vector", rows=tuple(rows))


def _tied(answer: Answer) -> bool:
    values = _values(answer)
    return len(set(values)) < len(values)


def _values(answer: Answer) -> list[tuple[int, str]]:
    # Plus zero: its sign makes no difference.
    return sorted((at, repr(value + 0.0)) for _, points in answer.rows for at, value in points)


# -- values that Go has otherwise ----------------------------------------------


def _at_the_edge(whole: Expr, ask: Ask, sides: Sides) -> str:
    """Dates of no time, and overflow: all other points of the answers are the same."""
    if not isinstance(whole, Call) or not whole.arguments:
        return ""
    ours, theirs = sides.both(ask)
    if whole.function.name in words.DATES:
        _, inner = sides.both(replace(ask, text=_text(ask, whole.arguments[0])))
        edge = {
            (tuple(pair for pair in labels if pair[0] != NAME), at)
            for (labels, at), value in _points(inner).items()
            if not math.isfinite(value) or abs(value) >= _LARGEST
        }
        return DATES if edge and not _apart_from(edge, ours, theirs) else ""
    if whole.function.name in {"exp", "cosh", "sinh"}:
        known = _points(theirs)
        edge = {
            key
            for key, value in _points(ours).items()
            if _NEARLY_INFINITE < abs(value) < math.inf and math.isinf(known.get(key, 0.0))
        }
        return OVERFLOW if edge and not _apart_from(edge, ours, theirs) else ""
    return ""


def _apart_from(edge: set[tuple[Labels, int]], ours: Answer, theirs: Answer) -> str:
    """In what the answers differ outside of some points."""
    return difference(_without(ours, edge), _without(theirs, edge), 0.0)


def _without(answer: Answer, left_out: set[tuple[Labels, int]]) -> Answer:
    rows = (
        (labels, tuple(point for point in points if (labels, point[0]) not in left_out))
        for labels, points in answer.rows
    )
    return replace(answer, rows=tuple((labels, points) for labels, points in rows if points))


def _points(answer: Answer) -> _Points:
    return {(labels, at): value for labels, points in answer.rows for at, value in points}


# -- rounding ------------------------------------------------------------------


def _compared_with_itself(whole: Expr, ask: Ask) -> str:
    if not isinstance(whole, Binary) or whole.op not in words.COMPARISONS:
        return ""
    left, right = unwrapped(whole.left), unwrapped(whole.right)
    alike = _text(ask, left) == _text(ask, right) and not isinstance(left, _PLAIN)
    return TWICE if alike else ""


def _rounded_inside(whole: Expr, ask: Ask, sides: Sides) -> bool:
    """Whether operands differ by an allowed rounding, and theirs make our answer theirs."""
    given: dict[str, Answer] = {}
    text = ask.text
    # From the right, so that what stands before keeps its place.
    for child in sorted(children(whole), key=lambda one: -one.span.start):
        if child.type is ValueType.STRING or isinstance(unwrapped(child), _PLAIN):
            continue
        if child.type is ValueType.MATRIX and ask.step_ms:
            continue
        inner = replace(ask, text=_text(ask, child))
        ours, theirs = sides.both(inner)
        if sides.differs(inner, theirs):
            return False
        if difference(ours, theirs, 0.0, close=0.0):
            name = f"given_{len(given)}"
            given[name] = theirs
            text = text[: child.span.start] + _stand_in(name, ask, child) + text[child.span.end :]
    return bool(given) and not sides.redone(replace(ask, text=text), given, sides.both(ask)[1])


def _stand_in(name: str, ask: Ask, child: Expr) -> str:
    """A text that gives what the name stands for in the place of an operand."""
    node = unwrapped(child)
    if isinstance(node, Subquery):
        window = ask.text[node.expr.span.end : node.span.end]
        return name + re.sub(r":[^\]]*\]", "]", window, count=1)
    return f"scalar({name})" if child.type is ValueType.SCALAR else name
