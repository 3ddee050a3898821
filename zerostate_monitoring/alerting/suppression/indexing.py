"""Many sets of matchers, of which few are looked at for each alert. Pure."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Generic, TypeVar

from zerostate_monitoring.promql.matchers import Predicate, compile_matcher
from zerostate_monitoring.rules.matchers import Matcher

T = TypeVar("T")

_WORDS: Final = re.compile(r"[^\\.+*?()\[\]{}^$|]+(?:\|[^\\.+*?()\[\]{}^$|]+)*")
_MOST_WORDS: Final = 100
_MOST_VALUES: Final = 50_000
"""How many values' candidates are remembered."""


Pair = tuple[str, str]


@dataclass(slots=True)
class _ByPattern(Generic[T]):
    """Items whose matcher of one label is a regular expression, by values once they were seen."""

    items: list[tuple[Predicate, T]] = field(default_factory=list)
    known: dict[str, tuple[T, ...]] = field(default_factory=dict)

    def of(self, value: str) -> tuple[T, ...]:
        found = self.known.get(value)
        if found is None:
            if len(self.known) >= _MOST_VALUES:
                self.known.clear()
            found = tuple(item for fits, item in self.items if _may_fit(fits, value))
            self.known[value] = found
        return found


class Index(Generic[T]):
    """Items that may fit labels: found by one telling matcher each, never too few.

    That is the label with the one value, or the few, that the fewest other items ask for; else
    a label that must fit a regular expression; items without either are always candidates.
    """

    def __init__(self, items: Iterable[tuple[Sequence[Matcher], T]]) -> None:
        listed = list(items)
        counts = Counter(pair for matchers, _ in listed for one in matchers for pair in _pairs(one))
        self._exact: dict[Pair, list[T]] = defaultdict(list)
        self._patterns: dict[str, _ByPattern[T]] = defaultdict(_ByPattern)
        self._always: list[T] = []
        for matchers, item in listed:
            self._put(matchers, item, counts)

    def candidates(self, labels: Mapping[str, str]) -> Iterator[T]:
        """All items that ``labels`` may fit, each once."""
        for pair in labels.items():
            yield from self._exact.get(pair, ())
        for name, patterns in self._patterns.items():
            yield from patterns.of(labels.get(name, ""))
        yield from self._always

    def _put(self, matchers: Sequence[Matcher], item: T, counts: Counter[Pair]) -> None:
        exact = [pairs for pairs in map(_pairs, matchers) if pairs]
        if exact:
            for pair in min(exact, key=lambda pairs: sum(counts[pair] for pair in pairs)):
                self._exact[pair].append(item)
            return
        pattern = next((one for one in matchers if one.op == "=~"), None)
        if pattern is None:
            self._always.append(item)
        else:
            self._patterns[pattern.name].items.append((compile_matcher(pattern), item))


def _may_fit(fits: Predicate, value: str) -> bool:
    """Whether ``value`` fits; what raises is for the item itself to find out."""
    try:
        return fits(value)
    except Exception:  # noqa: BLE001 - one broken pattern must not stop others
        return True


def _pairs(matcher: Matcher) -> frozenset[Pair]:
    """The label's values that alone meet ``matcher``, where they are few and none is empty."""
    if matcher.op == "=" and matcher.value:
        return frozenset({(matcher.name, matcher.value)})
    if matcher.op != "=~" or not _WORDS.fullmatch(matcher.value):
        return frozenset()
    words = frozenset(matcher.value.split("|"))
    return frozenset((matcher.name, w) for w in words) if len(words) <= _MOST_WORDS else frozenset()
