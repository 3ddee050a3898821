"""Queries as trees of text, to be made smaller where one fails."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Final, Literal

Kind = Literal["selector", "vector", "scalar", "matrix", "string"]

BUDGET: Final = 300
"""How often one query may be tried in other forms."""


@dataclass(frozen=True, slots=True)
class Term:
    """A query: texts, and terms between them. ``simpler`` are others that may stand for it."""

    kind: Kind
    parts: tuple[str | Term, ...]
    simpler: tuple[Term, ...] = ()

    @property
    def text(self) -> str:
        """The query."""
        return "".join(part if isinstance(part, str) else part.text for part in self.parts)

    @property
    def children(self) -> list[Term]:
        """The terms directly inside."""
        return [part for part in self.parts if isinstance(part, Term)]


def term(kind: Kind, *parts: str | Term, simpler: tuple[Term, ...] = ()) -> Term:
    """Make one."""
    return Term(kind, parts, simpler)


def _stands_for(found: Kind, wanted: Kind) -> bool:
    return found == wanted or (found, wanted) == ("selector", "vector")


def _inside(whole: Term) -> Iterator[Term]:
    """All terms inside, the outer ones first."""
    level = whole.children
    while level:
        yield from level
        level = [child for one in level for child in one.children]


def smaller(whole: Term) -> Iterator[Term]:
    """Terms of the same kind that are less, the least first."""
    inside = [one for one in _inside(whole) if _stands_for(one.kind, whole.kind)]
    yield from reversed(inside)
    yield from whole.simpler
    for place, part in enumerate(whole.parts):
        if isinstance(part, Term):
            for less in smaller(part):
                parts = (*whole.parts[:place], less, *whole.parts[place + 1 :])
                yield replace(whole, parts=parts, simpler=())


def shrunk(whole: Term, fails: Callable[[Term], bool]) -> Term:
    """A smaller query that fails, too."""
    budget = BUDGET
    while budget > 0:
        for less in smaller(whole):
            budget -= 1
            if len(less.text) < len(whole.text) and fails(less):
                whole = less
                break
            if budget <= 0:
                return whole
        else:
            return whole
    return whole
