"""How many queries of each kind were compared."""

from __future__ import annotations

import re
from collections import Counter
from typing import Final

from tests.promql import vocabulary as words
from tests.promql.answers import Answer, Ask

_WORDS: Final = re.compile(r"[a-z_0-9]+(?= ?[(])|(?<= )(?:and|or|unless|atan2)(?= )")
_SIGNS: Final = re.compile(r"(?<=\S )(?:[-+*/%^]|[=!<>]=|[<>])(?= )")
_SHAPES: Final = {
    "offset": re.compile(r" offset "),
    "@": re.compile(r" @ "),
    "subquery": re.compile(r"\[[^\]]+:[^\]]*\]"),
    "computed durations": re.compile(r"\b(?:step|range)\(\)|_of\(|offset [-+]?\("),
    "group_left/right": re.compile(r"group_(?:left|right)"),
    "bool": re.compile(r" bool "),
}
KNOWN: Final = frozenset({*words.FUNCTIONS, *words.AGGREGATIONS, *words.SETS, "atan2"})


class Tally:
    """Counts of one run."""

    def __init__(self) -> None:
        self.kinds: Counter[str] = Counter()
        self.words: Counter[str] = Counter()
        self.excused: Counter[str] = Counter()

    def compared(self, ask: Ask, theirs: Answer) -> None:
        """Count a query whose answers are the same, or should be."""
        self.kinds["range" if ask.step_ms else "instant"] += 1
        if theirs.kind == "error":
            self.kinds["both refuse"] += 1
        elif theirs.rows:
            self.kinds["not empty"] += 1
        found = [word for word in _WORDS.findall(ask.text) if word in KNOWN]
        found += _SIGNS.findall(ask.text)
        found += [shape for shape, pattern in _SHAPES.items() if pattern.search(ask.text)]
        aggregated = re.findall(r"([a-z_]+) (?:by|without) ", ask.text)
        self.words.update({*found, *(word for word in aggregated if word in KNOWN)})

    @property
    def total(self) -> int:
        """All that were compared; those that are excused are not among them."""
        return self.kinds["range"] + self.kinds["instant"]

    def __str__(self) -> str:
        kinds = ", ".join(f"{count} {kind}" for kind, count in self.kinds.most_common())
        text = f"{self.total} queries compared: {kinds}"
        if self.excused:
            listed = "; ".join(f"{count}: {why}" for why, count in self.excused.most_common())
            text += f"\n    {self.excused.total()} that differ are excused: {listed}"
        used = ", ".join(f"{word} {count}" for word, count in sorted(self.words.items()))
        return f"{text}\n    with {used}"
