"""Conditions of a selector, made ready: which names, which label sets."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from zerostate_monitoring.frames.exemplar import Labels
from zerostate_monitoring.promql.data import NAME
from zerostate_monitoring.promql.matchers import Predicate, compile_matcher
from zerostate_monitoring.promql.nodes import Matcher

_MOST_CONDITIONS: Final = 5_000
_LONGEST_CONDITION: Final = 1_000

Check = Callable[[], None]
"""Raises when the time of whoever asks is over."""

_CHECKED = 200


def unhurried() -> None:
    """A ``Check`` of one who has time."""


# Equal if it is the same object: it is a key itself, of what was found by it.
@dataclass(frozen=True, slots=True, eq=False)
class Condition:
    """What the matchers of one selector say.

    ``name`` is the only metric name that can meet it, if there is but one; it does meet it,
    or is empty where none can. ``names`` are tests of the name, ``tests`` those of other labels.
    """

    name: str | None
    names: tuple[Predicate, ...] = ()
    tests: tuple[tuple[str, Predicate], ...] = ()

    @classmethod
    def of(cls, matchers: Sequence[Matcher]) -> Condition:
        """Make matchers ready.

        Raises:
            QueryError: one is no regular expression.
        """
        on_name = [matcher for matcher in matchers if matcher.name == NAME]
        names = tuple(compile_matcher(matcher) for matcher in on_name)
        exact = next((m.value for m in on_name if m.op == "="), None)
        if exact is not None and not all(meets(exact) for meets in names):
            exact = ""
        others = [m for m in matchers if m.name != NAME]
        tests = tuple((matcher.name, compile_matcher(matcher)) for matcher in others)
        return cls(exact, names, tests)

    def named(self, names: Iterable[str], check: Check) -> Iterator[str]:
        """Those of ``names`` that meet what is said of them; each test may take long."""
        for name in names:
            if all(_in_time(test, name, check) for test in self.names):
                yield name

    def chosen(self, series: Sequence[Labels], check: Check) -> Iterator[int]:
        """Where in ``series`` those stand that meet what is said of labels.

        A value is looked at once, however many series have it.
        """
        tests = [(*one, dict[str, bool]()) for one in self.tests]
        for place, labels in enumerate(series):
            if place % _CHECKED == 0:
                check()
            values = dict(labels)
            for name, test, known in tests:
                value = values.get(name, "")
                fits = known.get(value)
                if fits is None:
                    fits = known[value] = _in_time(test, value, check)
                if not fits:
                    break
            else:
                yield place


class Conditions:
    """Conditions by their matchers: the same one for the same ones, while they are known."""

    def __init__(self) -> None:
        self._known: Final[dict[tuple[Matcher, ...], Condition]] = {}

    def of(self, matchers: tuple[Matcher, ...]) -> tuple[Condition, bool]:
        """The condition, and whether it is to be known: not if it is long."""
        if sum(len(one.value) for one in matchers) > _LONGEST_CONDITION:
            return Condition.of(matchers), False
        condition = self._known.get(matchers)
        if condition is None:
            if len(self._known) >= _MOST_CONDITIONS:
                self._known.clear()
            condition = self._known[matchers] = Condition.of(matchers)
        return condition, True


def _in_time(test: Predicate, value: str, check: Check) -> bool:
    check()
    return test(value)
