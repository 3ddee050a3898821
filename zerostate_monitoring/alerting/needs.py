"""What an expression needs data of, and how badly. Pure.

``a or b`` works while one of them is fed; ``a unless b`` without ``b``; and where ``absent()``
looks for what is not there, nothing is missing.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from zerostate_monitoring.promql.data import NAME
from zerostate_monitoring.promql.nodes import (
    Binary,
    Call,
    Expr,
    MatrixSelector,
    Subquery,
    VectorSelector,
    children,
)
from zerostate_monitoring.promql.query import Query, parse

_ABSENT = frozenset({"absent", "absent_over_time"})


@dataclass(frozen=True, slots=True)
class Named:
    """Samples of this name."""

    name: str


@dataclass(frozen=True, slots=True)
class Every:
    """All of these."""

    parts: tuple[Need, ...]


@dataclass(frozen=True, slots=True)
class Either:
    """One of these."""

    parts: tuple[Need, ...]


@dataclass(frozen=True, slots=True)
class Unless:
    """The first; without the second nothing is taken away from it."""

    wanted: Need
    taken: Need


Need = Named | Every | Either | Unless

NOTHING = Every(())


@dataclass(frozen=True, slots=True)
class Needs:
    """What a rule needs: data of names, and how far back (ms); ``past`` if an offset says so."""

    query: Query
    data: Need
    names: frozenset[str]
    back_ms: int
    past: bool


@lru_cache(maxsize=4096)
def needs_of(expr: str) -> Needs:
    """What an expression needs.

    Raises:
        QueryError: it is no expression.
    """
    query = parse(expr)
    parts = list(_parts(query.expr))
    past = any(one.offset_ms > 0 for one in parts if isinstance(one, VectorSelector | Subquery))
    data = _need(query.expr)
    return Needs(query, data, names_in(data), query.reach(0).back_ms, past)


def names_in(need: Need) -> frozenset[str]:
    """All names."""
    match need:
        case Named(name):
            return frozenset({name})
        case Unless(wanted, taken):
            return names_in(wanted) | names_in(taken)
        case Every(parts) | Either(parts):
            return frozenset().union(*map(names_in, parts))


def _need(expr: Expr) -> Need:
    match expr:
        case VectorSelector():
            name = _name_of(expr)
            return Named(name) if name else NOTHING
        case MatrixSelector():
            return _need(expr.selector)
        case Call() if expr.function.name in _ABSENT:
            return NOTHING
        case Binary(op="or"):
            return Either((_need(expr.left), _need(expr.right)))
        case Binary(op="unless"):
            return Unless(_need(expr.left), _need(expr.right))
        case _:
            found = [need for child in children(expr) if (need := _need(child)) != NOTHING]
            return found[0] if len(found) == 1 else Every(tuple(found))


def _name_of(selector: VectorSelector) -> str:
    """The one name that it selects, or nothing where it may be several."""
    exact = [one.value for one in selector.matchers if one.name == NAME and one.op == "="]
    return selector.name or (exact[0] if exact else "")


def _parts(expr: Expr) -> list[Expr]:
    return [expr, *[part for child in children(expr) for part in _parts(child)]]
