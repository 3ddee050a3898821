"""Our engine and real Prometheus servers answer invented queries alike."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

import pytest

from tests.promql import report
from tests.promql.answers import Answer, Ask, Weighed, answer, difference
from tests.promql.dataset import Row, dataset
from tests.promql.differences import DIFFERENCES, Version
from tests.promql.excuses import excuse
from tests.promql.generator import Generator
from tests.promql.given import Given
from tests.promql.older import zero_first
from tests.promql.ordering import order_of
from tests.promql.tally import Tally
from tests.promql.terms import Term, shrunk
from tests.real.reference import Reference, missing, prometheus3, reference
from zerostate_monitoring.exceptions import QueryError
from zerostate_monitoring.promql.engine import Engine
from zerostate_monitoring.promql.memory import MemoryStorage
from zerostate_monitoring.promql.printer import format_expr
from zerostate_monitoring.promql.query import parse

pytestmark = pytest.mark.real

SEEDS: Final = int(os.environ.get("PROMQL_SEEDS", "5"))
FIRST_SEED: Final = int(os.environ.get("PROMQL_FIRST_SEED", "1"))
QUERIES: Final = int(os.environ.get("PROMQL_QUERIES", "1500"))
"""Queries of each seed and version; each seed has series of its own."""
SHOWN: Final = 12
"""How many failing queries are shown, in their smallest form."""
_RATE: Final = re.compile(r"\b(?:rate|increase)\(")
_ERRORS_AT_MOST, _ANSWERS_AT_LEAST, _EXCUSED_AT_MOST = 0.25, 0.6, 0.05
ZERO_FIRST: Final = "2.42 looks for a counter's zero first; so done, the answers are the same"


@dataclass
class Comparison:
    """One engine and one server over the same series."""

    version: Version
    server: Reference
    rows: list[Row]
    tally: Tally = field(default_factory=Tally)

    def __post_init__(self) -> None:
        self._storage = MemoryStorage(self.rows)

    def ours(self, ask: Ask) -> tuple[Answer, float]:
        """Our answer, and the sum of all sizes that went into it."""
        weighed = Weighed(self._storage)
        try:
            query = parse(ask.text)
        except QueryError as error:
            return Answer("error", error=str(error)), 0.0
        # What is asked for may be a value, too.
        time = ask.end_ms / 1000 if "time" in ask.text else 0.0
        try:
            return answer(Engine(weighed), query, ask), weighed.weight + time
        except Exception as error:  # noqa: BLE001 - a query that breaks the engine is a finding.
            return Answer("broken", error=f"{type(error).__name__}: {error}"), 0.0

    def differs(self, ask: Ask, theirs: Answer) -> str:
        """In what the answers differ, even in the order in which the version works."""
        problem = self._differs(ask, theirs)
        return "" if problem and self._zero_first(ask, theirs) else problem

    def _differs(self, ask: Ask, theirs: Answer) -> str:
        ours, weight = self.ours(ask)
        ours = self.version.seen(theirs, ours)
        return difference(ours, theirs, weight, order=order_of(ask))

    def _zero_first(self, ask: Ask, theirs: Answer) -> bool:
        """Whether the older order of extending rates makes the answers the same."""
        if not self.version.zero_first or not _RATE.search(ask.text):
            return False
        with zero_first():
            return not self._differs(ask, theirs)

    def run(self, seed: int, count: int) -> Iterator[str]:
        """Compare queries of a seed; what is wrong with those that differ comes back."""
        made = Generator(
            seed,
            careful=self.version.closed_windows,
            computed=self.version.computed_durations,
            without=self.version.without,
        )
        cases = [made.ask() for _ in range(count)]
        answers = self.server.begin([ask for _, ask in cases])
        for (whole, ask), pending in zip(cases, answers, strict=True):
            theirs = pending.result()
            if self._differs(ask, theirs):
                problem, reason = self.judged(whole, ask, theirs)
                if reason:
                    self.tally.excused[reason] += 1
                    continue
                yield problem
            self.tally.compared(ask, theirs)

    def least(self, whole: Term, ask: Ask) -> Ask:
        """The smallest query that differs, at one step if that will do."""

        def differs(one: Ask) -> str:
            return self.differs(one, self.server.ask(one))

        small = shrunk(whole, lambda one: bool(differs(replace(ask, text=one.text))))
        ask = replace(ask, text=small.text)
        steps = range(ask.start_ms, ask.end_ms + 1, ask.step_ms) if ask.step_ms else ()
        # With the range's own step() and range(); only start() and end() may be others.
        text = _with_plain_lengths(ask)
        instants = (Ask(text, at, at) for at in steps)
        return next((one for one in instants if differs(one)), ask)

    def judged(self, whole: Term, ask: Ask, theirs: Answer) -> tuple[str, str]:
        """What is wrong in its smallest form, and the reason where that is excused."""
        if not self.differs(ask, theirs):
            return "", ZERO_FIRST
        ask = self.least(whole, ask)
        problem = self.differs(ask, self.server.ask(ask))
        return f"{ask}\n    {problem}", self.version.difference(ask, problem) or excuse(ask, self)

    def both(self, ask: Ask) -> tuple[Answer, Answer]:
        """Our answer, without what this version would not say, and theirs."""
        theirs = self.server.ask(ask)
        return self.version.seen(theirs, self.ours(ask)[0]), theirs

    def redone(self, ask: Ask, given: Mapping[str, Answer], theirs: Answer) -> str:
        """In what ours differs where names stand for answers of theirs."""
        weighed = Weighed(Given(self._storage, given, ask))
        ours = answer(Engine(weighed), parse(ask.text), ask)
        ours = replace(ours, warnings=theirs.warnings, infos=theirs.infos)
        return difference(ours, theirs, weighed.weight, order=order_of(ask))


def _with_plain_lengths(ask: Ask) -> str:
    """The query with those that are computed as they come to in this range."""
    try:
        query = parse(ask.text)
        plain = query.resolved(ask.step_ms, ask.end_ms - ask.start_ms)
    except QueryError:
        return ask.text
    return ask.text if plain is query else format_expr(plain.expr)


def _compare(version: Version, program: str, seed: int, directory) -> None:
    rows = dataset(seed, off_seconds=version.closed_windows)
    with reference(program, directory, rows) as server:
        comparison = Comparison(version, server, rows)
        failed = list(comparison.run(seed, QUERIES))
    report.add(f"Prometheus {version.name}, seed {seed}", str(comparison.tally))
    kinds, total = comparison.tally.kinds, comparison.tally.total
    assert not failed, f"{len(failed)} of {total} differ:\n" + "\n".join(failed[:SHOWN])
    assert comparison.tally.excused.total() < _EXCUSED_AT_MOST * QUERIES
    assert kinds["both refuse"] < _ERRORS_AT_MOST * total
    assert kinds["not empty"] > _ANSWERS_AT_LEAST * total


@pytest.mark.parametrize("seed", range(FIRST_SEED, FIRST_SEED + SEEDS))
def test_answers__equal_those_of_prometheus_2(seed, tmp_path):
    """What both versions define alike; Debian's version."""
    _compare(DIFFERENCES["2.42"], "prometheus", seed, tmp_path)


# Where it can be neither found nor built, the run's summary says what was not compared.
if reason := missing():
    report.add(report.NOT_COMPARED, reason)
else:

    @pytest.mark.parametrize("seed", range(FIRST_SEED, FIRST_SEED + SEEDS))
    def test_answers__equal_those_of_prometheus_3(seed, tmp_path):
        """Values, labels, order, and whether there are warnings and infos."""
        _compare(DIFFERENCES["3.14"], prometheus3(), seed, tmp_path)
