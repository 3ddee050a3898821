"""How deep a query may be."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NoReturn, TypeVar

from zerostate_monitoring.promql.cursor import fail
from zerostate_monitoring.promql.lexer import Token
from zerostate_monitoring.promql.nodes import Duration, Expr, Span

MAX_DEPTH: Final = 100

Node = Expr | Duration
AnyNode = TypeVar("AnyNode", bound=Node)


class Levels:
    """Counts the levels of a text while it is read, and those of the trees that it gives."""

    def __init__(self) -> None:
        self._depth = 0
        # By identity; the node stands beside its height, so that no other takes its identity.
        self._heights: Final[dict[int, tuple[int, Node]]] = {}

    def enter(self, token: Token) -> None:
        """One level deeper, where ``token`` stands.

        Raises:
            QuerySyntaxError: there are too many.
        """
        self._depth += 1
        if self._depth > MAX_DEPTH + 1:
            _refuse(token)

    def leave(self) -> None:
        """Back to the level above."""
        self._depth -= 1

    def grown(self, node: AnyNode, inside: Iterable[Node]) -> AnyNode:
        """``node``, over what stands directly ``inside`` of it.

        Raises:
            QuerySyntaxError: the tree is too high now.
        """
        below = (self._heights.get(id(child), (0, child))[0] for child in inside)
        height = 1 + max(below, default=-1)
        if height > MAX_DEPTH:
            _refuse(node.span)
        self._heights[id(node)] = height, node
        return node


def _refuse(place: Token | Span) -> NoReturn:
    fail(
        f"The query has more than {MAX_DEPTH} levels. Long rows of operators have fewer if "
        "their halves stand in parentheses.",
        place,
    )
