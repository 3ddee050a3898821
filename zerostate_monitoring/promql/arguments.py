"""The arguments of a call, evaluated."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, cast

from zerostate_monitoring.promql.data import Floats
from zerostate_monitoring.promql.grids import Grid
from zerostate_monitoring.promql.nodes import Expr, Span
from zerostate_monitoring.promql.steps import Steps
from zerostate_monitoring.promql.windows import Windows

Value = Grid | Floats | str | Sequence[Windows]
"""A vector, a number for each step (N), a string, or the windows of a range."""


class Arguments:
    """The arguments of one call, evaluated, with the expressions that they come from."""

    def __init__(self, nodes: Sequence[Expr], values: Sequence[Value], whole: Span) -> None:
        self.nodes: Final = nodes
        self.whole: Final = whole
        """Where the call itself stands in the text."""
        self._values: Final = values

    def __len__(self) -> int:
        return len(self._values)

    def span(self, place: int) -> Span:
        """Where the argument stands in the text."""
        return self.nodes[place].span

    def vector(self, place: int) -> Grid:
        """An argument that is an instant vector."""
        return cast("Grid", self._values[place])

    def numbers(self, place: int) -> Floats:
        """An argument that is a scalar (N)."""
        return cast("Floats", self._values[place])

    def texts(self, start: int) -> list[str]:
        """All arguments from a place on, which are strings."""
        return [cast("str", value) for value in self._values[start:]]

    def windows(self, place: int) -> Sequence[Windows]:
        """An argument that is a range."""
        return cast("Sequence[Windows]", self._values[place])


Function = Callable[[Steps, Arguments], Grid]
