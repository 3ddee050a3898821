"""A rule over slots of the past. Pure: what the expression gave in, incidents out.

Each slot is decided by the live evaluation itself.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from zerostate_monitoring.alerting.evaluation.asking import Answer
from zerostate_monitoring.alerting.evaluation.deciding import Moment, Outcome, decide
from zerostate_monitoring.alerting.evaluation.deciding import found as alerts_of
from zerostate_monitoring.alerting.evaluation.loading import RuleWork
from zerostate_monitoring.alerting.identity import Surroundings
from zerostate_monitoring.alerting.preview.slots import Slot
from zerostate_monitoring.alerting.preview.values import Bounds, Incident
from zerostate_monitoring.alerting.states import Change, Hold, Live, Step
from zerostate_monitoring.alerting.verdicts import OK, Verdict
from zerostate_monitoring.exceptions import QueryError
from zerostate_monitoring.models import Rule
from zerostate_monitoring.models.words import AlertState, ErrorPolicy, Health, NoDataPolicy
from zerostate_monitoring.promql.data import Sample
from zerostate_monitoring.rules.definitions import AlertingRule


@dataclass(slots=True)
class Replay:
    """What was found; ``stopped_ms`` is the last slot that was walked."""

    incidents: list[Incident] = field(default_factory=list)
    stopped_ms: int | None = None
    steps: int = 0
    evaluated: int = 0
    errors: int = 0
    first_error: str = ""
    missed: int = 0
    silent: int = 0
    """Slots at which there were no data."""
    first_silence: str = ""
    excess: str = ""
    """What was too much, if the walk ended early."""

    def note(self, outcome: Outcome) -> None:
        """Count how an evaluation went."""
        self.evaluated += 1
        if outcome.health == Health.ERROR:
            self.errors += 1
            self.first_error = self.first_error or outcome.reason
        elif outcome.health != Health.OK:
            self.silent += 1
            self.first_silence = self.first_silence or outcome.reason


class Knowledge(Protocol):
    """What was known at each slot of the past, but for what the expression gave."""

    def is_missed(self, slot_ms: int) -> bool:
        """Whether nothing was evaluated then."""

    def verdict(self, slot_ms: int) -> Verdict:
        """What the data of the rule allowed."""

    def verdict_now(self) -> Verdict:
        """What is said of the rule at the last slot."""


class Nothing:
    """All data is taken for there, and all slots for evaluated."""

    def is_missed(self, slot_ms: int) -> bool:
        """None was."""
        return False

    def verdict(self, slot_ms: int) -> Verdict:
        """Nothing stood against it."""
        return OK

    def verdict_now(self) -> Verdict:
        """Nor does anything now."""
        return OK


@dataclass(frozen=True, slots=True)
class Replayed:
    """A rule as it is walked: what it means, its policies, and what was known at each slot."""

    rule: AlertingRule
    hold: Hold
    step_ms: int
    on_error: ErrorPolicy = ErrorPolicy.KEEP
    on_missing: NoDataPolicy = NoDataPolicy.KEEP
    known: Knowledge = field(default_factory=Nothing)

    @property
    def work(self) -> RuleWork:
        """What the live evaluation is given of a rule."""
        row = Rule(error_policy=self.on_error, no_data_policy=self.on_missing)
        return RuleWork(row, self.rule, None, self.hold, {})

    def step(
        self,
        live: Mapping[str, Live],
        given: Sequence[Sample] | QueryError,
        verdict: Verdict,
        moment: Moment,
        around: Surroundings,
    ) -> Outcome:
        """The evaluation of one slot, as live."""
        answer = Answer(error=str(given)) if isinstance(given, QueryError) else Answer(given)
        work = self.work
        alerts = alerts_of(work, self.rule, answer, around)
        return decide(work, self.rule, alerts, verdict, live, moment, around)


def replay(
    given: Replayed,
    slots: Iterable[Slot],
    around: Surroundings,
    bounds: Bounds,
    is_over: Callable[[], bool] = bool,
) -> Replay:
    """Evaluate a rule at each of ``slots``, as live evaluation does, until ``is_over``.

    A slot at which it cannot be evaluated ends nothing, and its time does not count, as live.
    Nor does one at which nothing was known.
    """
    found, walk, samples, last_ms = Replay(), _Walk(), 0, 0
    for at_ms, answer in slots:
        samples += 0 if isinstance(answer, QueryError) else len(answer)
        found.excess = _excess(walk, samples, bounds, is_over)
        if found.excess:
            break
        found.stopped_ms, found.steps = at_ms, found.steps + 1
        if given.known.is_missed(at_ms):
            # Before the first page there was no history yet.
            found.missed += bool(last_ms)
            continue
        verdict, moment = given.known.verdict(at_ms), Moment(at_ms, last_ms, given.step_ms)
        outcome = given.step(walk.live, answer, verdict, moment, replace(around, at_ms=at_ms))
        found.note(outcome)
        walk.take(outcome.step, at_ms)
        last_ms = at_ms
    found.incidents = walk.incidents()
    return found


def _excess(walk: _Walk, samples: int, bounds: Bounds, is_over: Callable[[], bool]) -> str:
    if walk.count > bounds.alerts:
        return f"there were more than {bounds.alerts:,} alerts"
    if samples > bounds.samples:
        return f"there were more than {bounds.samples:,} values"
    return f"it would take more than {bounds.seconds:g} seconds" if is_over() else ""


class _Walk:
    """What is live, and what has ended."""

    def __init__(self) -> None:
        self.live: Mapping[str, Live] = {}
        self._open: dict[str, Incident] = {}
        self._ended: list[Incident] = []

    @property
    def count(self) -> int:
        """How many incidents there were so far."""
        return len(self._open) + len(self._ended)

    def take(self, step: Step, at_ms: int) -> None:
        """Go on to what an evaluation gave."""
        self.live = step.live
        for change in step.changes:
            if change.end_reason:
                self._end(change, at_ms)
        for key, live in step.live.items():
            before = self._open.get(key)
            if before is not None and before.pending_ms == live.started_ms:
                self._open[key] = _seen(before, live)
            else:
                self._open[key] = _seen(_begun(live), live)

    def incidents(self) -> list[Incident]:
        """All of them, the first ones first."""
        return sorted(
            [*self._ended, *self._open.values()], key=lambda one: (one.pending_ms, one.labels)
        )

    def _end(self, change: Change, at_ms: int) -> None:
        before = self._open.pop(change.live.key, None) or _begun(change.live)
        self._ended.append(replace(before, ended_ms=at_ms))


def _begun(live: Live) -> Incident:
    return Incident(labels=live.labels, pending_ms=live.started_ms)


def _seen(incident: Incident, live: Live) -> Incident:
    fired = live.fired_ms if live.state is AlertState.FIRING else incident.fired_ms
    highest = _higher(incident.highest, live.value)
    if fired == incident.fired_ms and highest == incident.highest:
        return incident
    return replace(incident, fired_ms=fired, highest=highest)


def _higher(before: float | None, value: float) -> float | None:
    if math.isnan(value):
        return before
    return value if before is None else max(before, value)
