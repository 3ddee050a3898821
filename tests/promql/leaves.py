"""Invented selectors and instants: what queries are made of."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Final

from tests.promql import vocabulary as words
from tests.promql.dataset import BASE, END, SCRAPE
from tests.promql.terms import Term, term

OFF_GRID: Final = 301
"""Milliseconds by which the instants of careful queries miss every sample and every step."""


class Leaves:
    """Those of one source of chance; ``careful`` and ``computed`` as in the generator."""

    def __init__(self, random: Random, *, careful: bool, computed: bool) -> None:
        self._random = random
        self._careful = careful
        self._computed = computed

    def _plain(self, families: Sequence[str] = words.FAMILIES) -> Term:
        random = self._random
        family = random.choice(families)
        bare = term("selector", family)
        chance = random.random()
        if chance < 0.75:
            return bare
        count = 1 if chance < 0.95 else 2
        listed = ", ".join(random.sample(words.MATCHERS, count))
        if random.random() < 0.1:
            names = random.choice(("load|queue", "mem.*", "requests_total|brief"))
            return term("selector", f'{{__name__=~"{names}", {listed}}}', simpler=(bare,))
        return term("selector", f"{family}{{{listed}}}", simpler=(bare,))

    def _moved(self) -> str:
        random = self._random
        chance = random.random()
        if chance < 0.75:
            return ""
        offset = f" offset {self._offset()}"
        if chance < 0.87:
            return offset
        at = random.choice(("start()", "end()", f"{self._instant() / 1000:.3f}"))
        return f" @ {at}" + random.choice(("", offset))

    def _length(self, plain: Sequence[str], least: str) -> str:
        """A range or a step: one of ``plain``, or at times one that is computed."""
        if not self._computed or self._random.random() < 0.75:
            return self._random.choice(plain)
        text = self._arithmetic(2)
        # Most of them can be a range, and none needs a week.
        return text if self._random.random() < 0.1 else f"min_of(max_of({text}, {least}), 20m)"

    def _offset(self) -> str:
        random = self._random
        if not self._computed or random.random() < 0.6:
            return random.choice(words.OFFSETS)
        named = random.choice(("step()", "range()", f"min_of({self._arithmetic(1)}, 10m)"))
        inner = f"({self._arithmetic(2)})"
        return random.choice(("", "-", "+")) + random.choice((named, inner))

    def _arithmetic(self, depth: int) -> str:
        random = self._random
        chance = random.random()
        if depth <= 0 or chance < 0.2:
            return random.choice(words.LENGTHS)
        if chance < 0.3:
            return f"-{self._arithmetic(depth - 1)}"
        if chance < 0.45:
            return f"({self._arithmetic(depth - 1)})"
        left, right = self._arithmetic(depth - 1), self._arithmetic(depth - 1)
        if chance < 0.6:
            return f"{random.choice(('min_of', 'max_of'))}({left}, {right})"
        if chance < 0.65:
            return f"{left} ^ {random.choice(('2', '1', '-1', '0'))}"
        return f"{left} {random.choice('++--*/%')} {right}"

    def _instant(self) -> int:
        random = self._random
        inside = random.random() < 0.95
        first, last = (BASE + 300_000, END) if inside else (BASE - 120_000, END + 600_000)
        if self._careful:
            return random.randrange(first, last, 1000) + OFF_GRID
        if random.random() < 0.5:
            return random.randrange(first, last, SCRAPE) + random.choice((0, 0, 137, 411))
        return random.randrange(first, last)
