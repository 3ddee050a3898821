"""What a run of a template may cost, and what it has written and remembers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from zerostate_monitoring.exceptions import TemplateError
from zerostate_monitoring.rules.templates.nodes import Node
from zerostate_monitoring.rules.templates.values import Value

MAX_STEPS: Final = 10_000
MAX_OUTPUT: Final = 64 * 1024
MAX_DEPTH: Final = 60


class Running:
    """The state of one run: output, variables, and what is left of its limits."""

    def __init__(self) -> None:
        self._out: Final[list[str]] = []
        self._size = 0
        self._steps = 0
        self._depth = 0
        self._variables: list[tuple[str, Value]] = []

    @property
    def text(self) -> str:
        """All that was written."""
        return "".join(self._out)

    def write(self, text: str, node: Node) -> None:
        """Append ``text``, which comes from ``node``.

        Raises:
            TemplateError: the output has grown beyond ``MAX_OUTPUT`` characters.
        """
        self._size += len(text)
        self.check_size(self._size, node)
        self._out.append(text)

    def check_size(self, size: int, node: Node) -> None:
        """Raise a TemplateError at ``node`` if ``size`` is too large for a text."""
        if size > MAX_OUTPUT:
            raise TemplateError(
                f"The text grows beyond {MAX_OUTPUT:,} characters.", node.start, node.end
            )

    def step(self, node: Node, cost: int = 1) -> None:
        """Count a step at ``node``, or as many as it costs.

        Raises:
            TemplateError: it is one too many.
        """
        self._steps += cost
        if self._steps > MAX_STEPS:
            raise TemplateError(
                f"The template takes more than {MAX_STEPS:,} steps.", node.start, node.end
            )

    @contextmanager
    def deeper(self, node: Node) -> Iterator[None]:
        """One level down at ``node``; a TemplateError where it is one too many."""
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise TemplateError(
                f"The template goes more than {MAX_DEPTH} levels deep; does it call itself?",
                node.start,
                node.end,
            )
        try:
            yield
        finally:
            self._depth -= 1

    # -- variables -------------------------------------------------------------

    def push(self, name: str, value: Value) -> None:
        """Declare a variable."""
        self._variables.append((name, value))

    def assign(self, name: str, value: Value) -> None:
        """Change the variable that was declared last under this name."""
        for place in range(len(self._variables) - 1, -1, -1):
            if self._variables[place][0] == name:
                self._variables[place] = name, value
                return

    def variable(self, name: str) -> Value:
        """The value of a variable."""
        return next(value for own, value in reversed(self._variables) if own == name)

    @contextmanager
    def scope(self) -> Iterator[None]:
        """Variables that are declared within are gone behind it."""
        mark = len(self._variables)
        try:
            yield
        finally:
            del self._variables[mark:]

    @contextmanager
    def own_variables(self, dot: Value) -> Iterator[None]:
        """Within, there is ``$`` alone."""
        kept, self._variables = self._variables, [("$", dot)]
        try:
            yield
        finally:
            self._variables = kept
