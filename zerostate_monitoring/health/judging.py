"""The network's components: judged by a worker, told by every process.

Numbers over five minutes come out of history, which is too large for each web process to
hold. A collector asks, and leaves its judgement in the store.
"""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable, Iterator
from typing import Any, Final

from zerostate_monitoring.exceptions import MonitoringError, QueryError, StoreError
from zerostate_monitoring.health.network import JUDGES, QUESTIONS, Numbers
from zerostate_monitoring.health.notes import Noted, noted
from zerostate_monitoring.health.own import timeout_seconds
from zerostate_monitoring.health.registry import CHECKS, Check
from zerostate_monitoring.health.states import Outcome, unknown
from zerostate_monitoring.promql.data import Vector
from zerostate_monitoring.promql.querier import Options, Querier

logger = logging.getLogger(__name__)

NETWORK: Final = "network"
"""What these checks are about."""

STALE_SECONDS: Final = 90.0
"""A judgement that is older says nothing any more."""

_SECONDS: Final = 3.0
"""How long all questions may take together: a run of the collector has nine seconds."""


def numbers(querier: Querier, at: float) -> Numbers:
    """What ``querier`` knows at ``at`` (unix seconds); what has no value is left out.

    Raises:
        MonitoringError: whoever has the answers is away.
    """
    return dict(_found(querier, round(at * 1000)))


def _found(querier: Querier, at_ms: int) -> Iterator[tuple[str, float]]:
    deadline = time.monotonic() + _SECONDS
    for name, expr in QUESTIONS.items():
        if (left := deadline - time.monotonic()) <= 0:
            logger.warning("health_not_asked", extra={"number": name, "error": "no time is left"})
            return
        try:
            value = querier.instant(expr, at_ms, Options(left)).value
        except QueryError as error:
            logger.warning("health_not_asked", extra={"number": name, "error": str(error)})
            continue
        samples = value.samples if isinstance(value, Vector) else ()
        if samples and math.isfinite(samples[0].value):
            yield name, samples[0].value


def judged(querier: Callable[[], Querier], at: float) -> dict[str, Outcome]:
    """Each component of the network, judged now."""
    try:
        known = numbers(querier(), at)
    except MonitoringError as error:
        return dict.fromkeys(JUDGES, unknown(f"its numbers cannot be had: {error}"))
    return {name: judge(known) for name, judge in JUDGES.items()}


def told(name: str) -> Outcome:
    """What a worker judged of late."""
    try:
        note = noted([name]).get(name)
    except StoreError as error:
        return unknown(f"the store, where it is noted, does not answer: {error}")
    return of_note(note, time.time())


def of_note(note: Noted | None, now: float) -> Outcome:
    """A judgement as it stands at ``now`` (unix seconds)."""
    if note is None:
        return unknown("no worker has judged it yet; see the collector health")
    age = now - note.at
    if abs(age) > STALE_SECONDS:
        said = f"the last judgement is {age:.0f} s old; see the collector health"
        if age < 0:
            said = (
                f"the last judgement is {-age:.0f} s ahead of this host's clock; see the "
                "collector health"
            )
        return unknown(said)
    about: dict[str, Any] = {**note.metadata, "judged_seconds_ago": round(max(0.0, age), 1)}
    return Outcome(note.status, note.message, about)


def _check(name: str) -> Check:
    def ask() -> Outcome:
        return told(name)

    return Check(name, ask, timeout_seconds, 1.0, NETWORK, f"{__name__}.{name}")


for _name in JUDGES:
    CHECKS.add(_check(_name))
