"""Run Prometheus's test scripts against our engine, and say what became of each case."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Protocol

from tests.promql import scope
from tests.promql.comparing import WrongError, compare, shown
from tests.promql.script import Clear, Command, Eval, Expected, Load, commands
from tests.promql.sequences import Native
from zerostate_monitoring.exceptions import QueryError, QuerySyntaxError
from zerostate_monitoring.frames.exemplar import Labels
from zerostate_monitoring.promql.data import (
    NAME,
    Matrix,
    Result,
    Sample,
    Scalar,
    Storage,
    Vector,
)
from zerostate_monitoring.promql.matchers import compile_matcher
from zerostate_monitoring.promql.memory import MemoryStorage

_POSITION: Final = re.compile(r" \(\d+:\d+\)$")
# Their values are of the query, not of the instant.
_OF_THE_QUERY: Final = re.compile(r"(start|end|range|step)\(\)")


class Engine(Protocol):
    """What is tested."""

    def instant(self, query: Any, at_ms: int) -> Result:
        """An instant query."""

    def range(self, query: Any, start_ms: int, end_ms: int, step_ms: int) -> Result:
        """A range query."""


Parse = Callable[[str], Any]
Make = Callable[[Storage], Engine]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a case. ``reason`` says why it is out of scope, or what is wrong."""

    line: int
    text: str
    status: str
    reason: str = ""
    wording: str = ""
    """A message that is right in kind and differs in words."""


PASSED: Final = "passed"
FAILED: Final = "failed"
OUT: Final = "out of scope"


class Script:
    """One script that runs; ``name`` is that of its file, without suffix."""

    def __init__(self, parse: Parse, make: Make, name: str = "") -> None:
        self._parse = parse
        self._make = make
        self._name = name
        self._clear()

    def run(self, text: str) -> list[Outcome]:
        """The outcomes of its cases."""
        found = (self._execute(command) for command in commands(text))
        return [outcome for outcome in found if outcome is not None]

    def _clear(self) -> None:
        self._samples: dict[Labels, dict[int, float]] = {}
        self._natives: set[Labels] = set()
        self._engine: Engine | None = None

    def _execute(self, command: Command) -> Outcome | None:
        match command:
            case Clear():
                self._clear()
            case Load():
                self._load(command)
            case Eval():
                return self._case(command)
        return None

    def _load(self, load: Load) -> None:
        self._engine = None
        for labels, values in load.series:
            samples = self._samples.setdefault(labels, {})
            for place, value in enumerate(values):
                if isinstance(value, Native):
                    self._natives.add(labels)
                elif value is not None:
                    samples[place * load.step_ms] = value
            if load.natives_of_classic:
                self._natives |= _native_of(labels)

    def _running(self) -> Engine:
        if self._engine is None:
            rows = [(labels, sorted(samples.items())) for labels, samples in self._samples.items()]
            self._engine = self._make(
                MemoryStorage(
                    (labels, [at for at, _ in row], [value for _, value in row])
                    for labels, row in rows
                    if row
                )
            )
        return self._engine

    def _case(self, case: Eval) -> Outcome:
        if scope.expects_native(case):
            return Outcome(case.line, case.text, OUT, scope.NATIVE)
        try:
            query = self._parse(case.text)
        except QuerySyntaxError as error:
            return self._refused(case, error)
        if self._touches_natives(query):
            return Outcome(case.line, case.text, OUT, scope.NATIVE)
        if reason := scope.flag(self._name, case.line):
            return Outcome(case.line, case.text, OUT, reason)
        try:
            wording = self._check(case, query)
        except WrongError as wrong:
            return Outcome(case.line, case.text, FAILED, str(wrong))
        except Exception as error:  # noqa: BLE001 - a case that breaks the engine has failed.
            return Outcome(case.line, case.text, FAILED, f"broke: {type(error).__name__}: {error}")
        return Outcome(case.line, case.text, PASSED, wording=wording)

    def _refused(self, case: Eval, error: QuerySyntaxError) -> Outcome:
        if reason := scope.excluded(case.text) or scope.flag(self._name, case.line):
            return Outcome(case.line, case.text, OUT, reason)
        if case.wants("fail"):
            return Outcome(case.line, case.text, PASSED, wording=_wording(case, str(error)))
        return Outcome(case.line, case.text, FAILED, f"refused: {error}")

    def _touches_natives(self, query: Any) -> bool:
        for selector in scope.selectors(query.expr):
            tests = [(one.name, compile_matcher(one)) for one in selector.matchers]
            for labels in self._natives:
                pairs = dict(labels)
                if all(test(pairs.get(name, "")) for name, test in tests):
                    return True
        return False

    def _check(self, case: Eval, query: Any) -> str:
        engine = self._running()
        if case.is_range:
            return _answer(
                case, lambda: engine.range(query, case.start_ms, case.end_ms, case.step_ms)
            )
        at = case.end_ms
        wording = self._instant(case, query, at)
        for variant, when in _variants(query, at):
            try:
                self._instant(case, variant, when)
            except WrongError as wrong:
                raise WrongError(f"with @ {at} at {when}: {wrong}") from wrong
        return wording

    def _instant(self, case: Eval, query: Any, at: int) -> str:
        engine = self._running()
        wording = _answer(case, lambda: engine.instant(query, at))
        if case.wants("fail") or case.gives_matrix or case.string is not None:
            return wording
        if _OF_THE_QUERY.search(case.text):
            return wording
        try:
            result = engine.range(query, at - 60_000, at + 60_000, 60_000)
        except QueryError as error:
            raise WrongError(f"as a range: {error}") from error
        if not case.wants("ordered"):
            compare(case, Result(_at(result, at, scalar=case.scalar is not None)), "as a range: ")
        return wording


def _variants(query: Any, at: int) -> Iterable[tuple[Any, int]]:
    """The query with its time written into it, asked at other times."""
    if any(function.name in scope.AT_UNSAFE for function in scope.functions(query.expr)):
        return []
    variant = replace(query, expr=scope.pinned(query.expr, at))
    times = (-10 * at, 0, at // 5, at, 10 * at) if at else (-1000, 0, 1000)
    return [(variant, when) for when in times]


def _native_of(labels: Labels) -> set[Labels]:
    """The native histogram that is made of classic series."""
    pairs = dict(labels)
    name = pairs.get(NAME, "")
    for suffix in ("_bucket", "_count", "_sum"):
        if name.endswith(suffix):
            others = {key: value for key, value in pairs.items() if key != "le"}
            return {tuple(sorted((others | {NAME: name.removesuffix(suffix)}).items()))}
    return set()


def _wording(case: Eval, said: str) -> str:
    expected = case.expects.get("fail", [])
    return "" if all(one.meets(said) for one in expected) else f"says {said!r}"


def _answer(case: Eval, ask: Callable[[], Result]) -> str:
    """Compare an answer; what is only worded otherwise comes back."""
    try:
        result = ask()
    except QueryError as error:
        if case.wants("fail"):
            return _wording(case, str(error))
        raise WrongError(f"refused: {error}") from error
    if case.wants("fail"):
        raise WrongError(f"gives {shown(result.value)} where an error is expected")
    wording = _annotations(case, "warn", result.warnings) + _annotations(case, "info", result.infos)
    compare(case, result, "")
    return wording


def _annotations(case: Eval, kind: str, said: Sequence[str]) -> str:
    if case.wants(f"no_{kind}") and said:
        raise WrongError(f"{kind}s: {list(said)}")
    if not case.wants(kind):
        return ""
    if not said:
        raise WrongError(f"no {kind}")
    # Where ours stand has no position, or another one.
    expected = [
        Expected(one.how, one.text if one.how == "regex" else _POSITION.sub("", one.text))
        for one in case.expects[kind]
    ]
    texts = [_POSITION.sub("", text) for text in said] + list(said)
    missed = [one.text for one in expected if not any(one.meets(text) for text in texts)]
    return f"{kind}s {list(said)} for {missed}" if missed else ""


def _at(result: Result, at: int, *, scalar: bool) -> Scalar | Vector:
    """The values of a range query at one of its steps."""
    if not isinstance(result.value, Matrix):
        raise WrongError(f"as a range: gives {shown(result.value)}")
    samples = tuple(
        Sample(run.labels, float(value))
        for run in result.value.runs
        for time, value in zip(run.times, run.values, strict=True)
        if time == at
    )
    if scalar and samples:
        return Scalar(at, samples[0].value)
    return Vector(at, samples)


def summary(outcomes: Sequence[Outcome]) -> str:
    """Counts in one line."""
    statuses = Counter(outcome.status for outcome in outcomes)
    reasons = Counter(outcome.reason for outcome in outcomes if outcome.status == OUT)
    inside = len(outcomes) - statuses[OUT]
    worded = sum(1 for outcome in outcomes if outcome.wording)
    text = f"{statuses[PASSED]} of {inside} in scope passed, {worded} of them in other words"
    if reasons:
        listed = ", ".join(f"{count} {reason}" for reason, count in reasons.most_common())
        text += f"; {statuses[OUT]} out of scope: {listed}"
    return text
