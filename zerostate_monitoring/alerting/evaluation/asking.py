"""Asking for what rules' expressions give: our own engine, or a server that is named."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from time import monotonic
from typing import Final, Protocol

from zerostate_monitoring.alerting.evaluation.overlay import Overlay, Samples
from zerostate_monitoring.exceptions import MonitoringError, QueryError, QueryTimeoutError
from zerostate_monitoring.frames.exemplar import Labels
from zerostate_monitoring.frames.text import keepable
from zerostate_monitoring.promql.data import Result, Sample, Scalar, Storage, Vector
from zerostate_monitoring.promql.engine import Engine
from zerostate_monitoring.promql.querier import DEFAULT, Options, Querier
from zerostate_monitoring.promql.query import Query, parse
from zerostate_monitoring.promql.steps import Limits
from zerostate_monitoring.tracing.threads import carried

_THREADS: Final = 8


@dataclass(frozen=True, slots=True)
class Answer:
    """What an expression gave, or why it gave nothing; what is to be said about it."""

    samples: Sequence[Sample] = ()
    error: str = ""
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Bounds:
    """Seconds that one rule may take, and all of them that are asked at once."""

    rule_seconds: float
    seconds: float


class Asker(Protocol):
    """Answers expressions at one instant."""

    def ask(self, texts: Sequence[str], bounds: Bounds) -> list[Answer]:
        """The answers, in order; one that fails costs no other anything."""

    def add(self, samples: Samples, rewritten: Collection[str], ended: Iterable[Labels]) -> None:
        """Let later questions see what rules gave; see ``Overlay.add``."""

    def query(self, text: str) -> Iterable[tuple[Mapping[str, str], float]]:
        """The answer for a template.

        Raises:
            QueryError: there is none.
        """


class EmbeddedAsker:
    """Our own engine over ``storage``, with what this process knows itself."""

    def __init__(
        self, storage: Storage, at_ms: int, limits: Limits, known: Mapping[str, float]
    ) -> None:
        self._overlay: Final = Overlay(storage, at_ms, known)
        self._at_ms: Final = at_ms
        self._limits: Final = limits

    def ask(self, texts: Sequence[str], bounds: Bounds) -> list[Answer]:
        """See ``Asker``; selections are shared."""
        asked = [_parsed(text) for text in texts]
        queries = [one for one in asked if isinstance(one, Query)]
        seconds = min(self._limits.seconds, bounds.rule_seconds)
        engine = Engine(self._overlay, limits=replace(self._limits, seconds=seconds))
        results = iter(engine.many(queries, self._at_ms, seconds=bounds.seconds))
        return [answer_of(next(results) if isinstance(one, Query) else one) for one in asked]

    def add(self, samples: Samples, rewritten: Collection[str], ended: Iterable[Labels]) -> None:
        """See ``Asker``."""
        self._overlay.add(samples, rewritten, ended)

    def query(self, text: str) -> Iterable[tuple[Mapping[str, str], float]]:
        """See ``Asker``."""
        engine = Engine(self._overlay, limits=self._limits)
        return _for_template(engine.instant(parse(text), self._at_ms))


class RemoteAsker:
    """A server, asked for some expressions at a time.

    What rules record is on that server only if it evaluates them, too.
    """

    def __init__(self, querier: Querier, at_ms: int, limits: Limits) -> None:
        self._querier: Final = querier
        self._at_ms: Final = at_ms
        self._limits: Final = limits

    def ask(self, texts: Sequence[str], bounds: Bounds) -> list[Answer]:
        """See ``Asker``."""
        if not texts:
            return []
        until = monotonic() + bounds.seconds
        with ThreadPoolExecutor(min(_THREADS, len(texts))) as pool:
            one = partial(self._one, until, bounds.rule_seconds)
            asked = [pool.submit(carried(one), text) for text in texts]
            return [answer.result() for answer in asked]

    def _one(self, until: float, seconds: float, text: str) -> Answer:
        left = min(self._limits.seconds, seconds, until - monotonic())
        try:
            if left <= 0:
                raise QueryTimeoutError("those before it took all the time that there was")
            return answer_of(self._querier.instant(text, self._at_ms, Options(left)))
        except MonitoringError as error:
            return answer_of(error)

    def add(self, samples: Samples, rewritten: Collection[str], ended: Iterable[Labels]) -> None:
        """Nothing: the server knows nothing of it."""

    def query(self, text: str) -> Iterable[tuple[Mapping[str, str], float]]:
        """See ``Asker``."""
        return ask_for_template(lambda: self._querier, text, self._at_ms)


def ask_for_template(
    querier: Callable[[], Querier], text: str, at_ms: int, options: Options = DEFAULT
) -> Iterable[tuple[Mapping[str, str], float]]:
    """What a querier answers to a query of a template.

    Raises:
        QueryError: there is no answer.
    """
    try:
        return _for_template(querier().instant(text, at_ms, options))
    except QueryError:
        raise
    except MonitoringError as error:
        raise QueryError(str(error)) from error


def answer_of(result: Result | MonitoringError) -> Answer:
    """What a rule makes of an answer: a number is one series without labels."""
    if isinstance(result, MonitoringError):
        text = keepable(str(result)).rstrip(".")
        return Answer(error=f"The expression has no answer: {text}.")
    if isinstance(result.value, Vector):
        return Answer(result.value.samples, warnings=_kept(result))
    if isinstance(result.value, Scalar):
        return Answer((Sample((), result.value.value),), warnings=_kept(result))
    return Answer(error="The expression gives no numbers at one instant: a rule needs those.")


def _kept(result: Result) -> tuple[str, ...]:
    """What was said of an answer, as rows hold it: it may repeat what labels hold."""
    return tuple(map(keepable, result.warnings))


def _parsed(text: str) -> Query | QueryError:
    try:
        return parse(text)
    except QueryError as error:
        return error


def _for_template(result: Result) -> Iterable[tuple[Mapping[str, str], float]]:
    answer = answer_of(result)
    if answer.error:
        raise QueryError(answer.error)
    return [(dict(sample.labels), sample.value) for sample in answer.samples]
