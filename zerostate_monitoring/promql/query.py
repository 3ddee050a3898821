"""A query: its text, its tree, and what it reads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import Final

from zerostate_monitoring.promql.nodes import (
    Call,
    Expr,
    MatrixSelector,
    Paren,
    Subquery,
    ValueType,
    VectorSelector,
    children,
)
from zerostate_monitoring.promql.parser import parse_expr
from zerostate_monitoring.promql.resolving import is_computed, resolved
from zerostate_monitoring.promql.tree import unwrapped

# Longer texts are rare, and would fill the memory that many short ones share.
_MAX_KEPT_LENGTH: Final = 2_000


@dataclass(frozen=True, slots=True)
class Reach:
    """How far into the past a query reads.

    Samples later than ``back_ms`` before the start of the query's range are needed, and those
    later than ``earliest_at_ms`` (ms since 1970) if that is not ``None``: a selector is tied
    to a time with ``@``.
    """

    back_ms: int
    earliest_at_ms: int | None


@dataclass(frozen=True, slots=True)
class Selection:
    """A selector with its range; ``None`` stands for the lookback of an instant vector.

    A range that is computed is known of a query that is ``resolved``.
    """

    selector: VectorSelector
    range_ms: int | None


# Equal if it is the same object: queries are found by their texts, not by their trees.
@dataclass(frozen=True, eq=False)
class Query:
    """An expression with the text that it was parsed from."""

    text: str
    expr: Expr

    @property
    def type(self) -> ValueType:
        """The type of the answer at one instant."""
        return self.expr.type

    @property
    def selectors(self) -> tuple[Selection, ...]:
        """All selectors, in the order of evaluation."""
        return tuple(selection for selection, _ in _selections(self.expr, _Place()))

    @cached_property
    def keys(self) -> Mapping[int, str]:
        """The text of each part that gives a vector, by the ``id`` of its node.

        Parts of several queries with the same text give the same at the same instants, and
        have the same to say at the same positions.
        """
        return {
            id(node): self.text[node.span.start : node.span.end]
            for node in _parts(self.expr)
            if node.type is ValueType.VECTOR and not isinstance(node, Paren)
        }

    @cached_property
    def range_calls(self) -> tuple[Call, ...]:
        """The calls whose first argument is a selector with a range; none inside subqueries."""
        return tuple(
            node
            for node in _parts(self.expr)
            if isinstance(node, Call)
            and node.arguments
            and isinstance(unwrapped(node.arguments[0]), MatrixSelector)
        )

    @cached_property
    def _is_computed(self) -> bool:
        return is_computed(self.expr)

    @cached_property
    def _at_an_instant(self) -> Query:
        return replace(self, expr=resolved(self.expr, 0, 0))

    def resolved(self, step_ms: int = 0, range_ms: int = 0) -> Query:
        """The query with plain durations; it is the same one where none is computed.

        ``step()`` and ``range()`` are those of the question: zero at an instant.

        Raises:
            QuerySyntaxError: a duration has no value, or not one that can stand in its place.
        """
        if not self._is_computed:
            return self
        # Rules are asked at instants alone, again and again.
        if step_ms == range_ms == 0:
            return self._at_an_instant
        return replace(self, expr=resolved(self.expr, step_ms, range_ms))

    def reach(self, lookback_ms: int, step_ms: int = 0, range_ms: int = 0) -> Reach:
        """How far back samples are needed, where an instant vector looks back ``lookback_ms``.

        The rest is for durations that are computed, and so are its errors: see ``resolved``.
        """
        reaches = [one for _, one in self.reaches(lookback_ms, step_ms, range_ms)]
        back = max([0, *[one.back_ms for one in reaches]])
        tied = [one.earliest_at_ms for one in reaches if one.earliest_at_ms is not None]
        return Reach(back, min(tied, default=None))

    def reaches(
        self, lookback_ms: int, step_ms: int = 0, range_ms: int = 0
    ) -> Iterator[tuple[Selection, Reach]]:
        """Each selector with its own reach; one that is tied to a time has no other."""
        for selection, place in _selections(self.resolved(step_ms, range_ms).expr, _Place()):
            own = lookback_ms if selection.range_ms is None else selection.range_ms
            needed = place.back_ms + own
            if place.at_ms is None:
                yield selection, Reach(needed, None)
            else:
                yield selection, Reach(0, place.at_ms - needed)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where an expression is evaluated at the earliest: so long before the start, or a time."""

    back_ms: int = 0
    at_ms: int | None = None

    def inside(self, node: VectorSelector | Subquery, range_ms: int = 0) -> _Place:
        back_ms = range_ms + node.offset_ms
        if node.at is None:
            return _Place(self.back_ms + back_ms, self.at_ms)
        # start() and end() are those of the whole query, within subqueries, too; and its end
        # is no earlier than its start.
        return _Place(back_ms, node.at if isinstance(node.at, int) else None)


def _selections(expr: Expr, place: _Place) -> Iterator[tuple[Selection, _Place]]:
    match expr:
        case VectorSelector():
            yield Selection(expr, None), place.inside(expr)
        case MatrixSelector():
            yield Selection(expr.selector, expr.range_ms), place.inside(expr.selector)
        case Subquery():
            # Its steps lie on multiples of the step, all of them later than its range begins.
            yield from _selections(expr.expr, place.inside(expr, expr.range_ms))
        case _:
            for child in children(expr):
                yield from _selections(child, place)


def _parts(expr: Expr) -> Iterator[Expr]:
    yield expr
    for child in children(expr):
        # What stands in a subquery is evaluated at instants of its own.
        if not isinstance(child, Subquery):
            yield from _parts(child)


def parse(text: str) -> Query:
    """The query that ``text`` is; short ones are kept.

    Raises:
        QuerySyntaxError: the text is no query.
    """
    return _kept(text) if len(text) <= _MAX_KEPT_LENGTH else Query(text, parse_expr(text))


@lru_cache(maxsize=4096)
def _kept(text: str) -> Query:
    return Query(text, parse_expr(text))
