"""What becomes of a rule's alerts and series by one answer. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from zerostate_monitoring.alerting.evaluation.asking import Answer
from zerostate_monitoring.alerting.evaluation.loading import Known, RuleWork
from zerostate_monitoring.alerting.identity import ALERTNAME, Surroundings, present
from zerostate_monitoring.alerting.states import (
    COUNTED_GAP,
    Hold,
    Live,
    Present,
    Step,
    advance,
    advance_sparing,
    bridge,
    close,
    fire,
    joined,
    keep,
)
from zerostate_monitoring.alerting.verdicts import Verdict
from zerostate_monitoring.exceptions import RuleError
from zerostate_monitoring.frames.exemplar import Labels
from zerostate_monitoring.frames.text import keepable
from zerostate_monitoring.models.words import EndReason, ErrorPolicy, Health, NoDataPolicy
from zerostate_monitoring.promql.data import NAME, Sample
from zerostate_monitoring.rules.definitions import AlertingRule, RecordingRule

_MOST_WARNINGS: Final = 10
_NAN: Final = float("nan")
_OPENING: Final = "{{"
_UNKNOWN: Final[Mapping[str, str]] = {
    Health.NO_DATA: "no data: %s",
    Health.STALE: "value too old: %s",
}
"""Of alerts of such rules nothing is known now: their policy says what becomes of them."""


@dataclass(frozen=True, slots=True)
class Moment:
    """The slot, the one before (0: none), how far apart they should be; where history begins.

    ``begins_ms`` is 0 where that is not known.
    """

    slot_ms: int
    last_ms: int
    spacing_ms: int
    begins_ms: int = 0

    @property
    def lost_ms(self) -> int:
        """The time that passes by this slot, after a gap was bridged."""
        passed = self.slot_ms - self.last_ms
        return (
            passed if self.last_ms and passed <= COUNTED_GAP * self.spacing_ms else self.spacing_ms
        )


@dataclass(frozen=True, slots=True)
class Found:
    """The alerts that an answer is, or why it is none; and what was said on the way."""

    alerts: Sequence[Present] = ()
    error: str = ""
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one rule gave at one slot: alerts, or recorded series; and how it went."""

    work: RuleWork
    step: Step
    health: Health
    reason: str = ""
    ready_ms: int | None = None
    warnings: tuple[str, ...] = ()
    samples: Sequence[tuple[Labels, float]] = ()


def found(work: RuleWork, rule: AlertingRule, answer: Answer, around: Surroundings) -> Found:
    """The alerts of an alerting rule; ``around.warn`` is replaced."""
    if answer.error:
        return Found(error=answer.error, warnings=answer.warnings)
    limit = work.hold.limit
    if limit and len(answer.samples) > limit:
        # Nobody fills in a million templates to say that it is too much.
        return Found(error=_too_many(len(answer.samples), limit), warnings=answer.warnings)
    said: dict[str, None] = dict.fromkeys(answer.warnings)
    told = Surroundings(
        around.at_ms,
        around.external_labels,
        around.external_url,
        around.query,
        lambda text: said.setdefault(keepable(text)) if len(said) < _MOST_WARNINGS else None,
    )
    alerts = present(rule, answer.samples, told)
    return Found(alerts, warnings=tuple(said))


def _too_many(number: int, limit: int) -> str:
    return (
        f"The expression gives {number:,} series, the limit is {limit:,}: let it give less, or "
        "raise the group's limit or RULE_MAX_ALERTS. What stood before is kept as it was."
    )


def decide(
    work: RuleWork,
    rule: AlertingRule,
    given: Found,
    verdict: Verdict,
    live: Mapping[str, Live],
    moment: Moment,
    around: Surroundings,
) -> Outcome:
    """What becomes of an alerting rule. ``live`` has the labels of those not in ``given``."""
    if verdict.health == Health.DORMANT:
        return Outcome(work, close(live, EndReason.DORMANT), Health.DORMANT, verdict.reason)
    start = bridge(live, moment.slot_ms, moment.last_ms, moment.spacing_ms)
    keys = {one.key for one in given.alerts}
    others = {k: one for k, one in start.live.items() if k not in keys and _is_other(work, one)}
    own = {key: one for key, one in start.live.items() if key not in others}
    decision = _Decision(work, rule, verdict, own, moment, around)
    error = given.error
    if not error:
        try:
            step = decision.of(given.alerts)
        except RuleError as refused:
            error = str(refused)
    if error:
        step = decision.of_error(error)
    whole = joined((Step({}, start.changes), close(others, EndReason.EDITED), step))
    health, reason = (Health.ERROR, error) if error else (verdict.health, verdict.reason)
    ready_ms = None if error else verdict.ready_ms
    return Outcome(work, whole, health, reason, ready_ms, given.warnings)


def _is_other(work: RuleWork, live: Live) -> bool:
    """Whether the rule cannot give this alert any more, for its name or labels are others."""
    labels = dict(live.labels)
    fixed = {name: text for name, text in work.rule.labels.items() if text and _OPENING not in text}
    fixed[ALERTNAME] = work.rule.name
    return any(labels.get(name) != text for name, text in fixed.items())


@dataclass(frozen=True, slots=True)
class _Decision:
    work: RuleWork
    rule: AlertingRule
    verdict: Verdict
    live: Mapping[str, Live]
    moment: Moment
    around: Surroundings

    @property
    def _hold(self) -> Hold:
        return self.work.hold

    def of(self, alerts: Sequence[Present]) -> Step:
        health, moment = self.verdict.health, self.moment
        if health in _UNKNOWN:
            return self._without_data(alerts, _UNKNOWN[health] % self.verdict.reason)
        if self.verdict.begins_nothing:
            return keep(self.live, "needs history", moment.lost_ms)
        if health == Health.WAITING:
            since_ms = self.verdict.since_ms
            if since_ms is None:
                since_ms = moment.begins_ms or moment.slot_ms + 1
            return self._sparing(alerts, since_ms, "needs history")
        return advance(self.live, alerts, self._hold, moment.slot_ms)

    def _without_data(self, alerts: Sequence[Present], why: str) -> Step:
        policy, slot_ms = self.work.row.no_data_policy, self.moment.slot_ms
        if policy == NoDataPolicy.RESOLVE:
            return advance(self.live, alerts, self._hold, slot_ms)
        if policy == NoDataPolicy.FIRE and not alerts:
            return self._fire(why)
        return self._sparing(alerts, slot_ms + 1, why)

    def _sparing(self, alerts: Sequence[Present], born_before_ms: int, why: str) -> Step:
        return advance_sparing(
            self.live,
            alerts,
            self._hold,
            self.moment.slot_ms,
            born_before_ms=born_before_ms,
            why=why,
            lost_ms=self.moment.lost_ms,
        )

    def of_error(self, error: str) -> Step:
        why = f"error: {error}"
        if self.work.row.error_policy == ErrorPolicy.FIRE:
            return self._fire(why)
        return keep(self.live, why, self.moment.lost_ms)

    def _fire(self, why: str) -> Step:
        (marker,) = present(self.rule, [Sample((), _NAN)], self.around)
        moment = self.moment
        return fire(self.live, marker, self._hold, moment.slot_ms, why, moment.lost_ms)


# -- recording rules -------------------------------------------------------------


def record(work: RuleWork, rule: RecordingRule, answer: Answer, verdict: Verdict) -> Outcome:
    """What a recording rule gives; nothing where it is in error."""
    if verdict.health == Health.DORMANT:
        return Outcome(work, Step(), Health.DORMANT, verdict.reason)
    samples = [(_recorded(rule, one.labels), one.value) for one in answer.samples]
    error = answer.error or _series_error(samples, work.hold.limit)
    if error:
        return Outcome(work, Step(), Health.ERROR, error, warnings=answer.warnings)
    return Outcome(
        work,
        Step(),
        verdict.health,
        verdict.reason,
        verdict.ready_ms,
        answer.warnings[:_MOST_WARNINGS],
        samples,
    )


def _recorded(rule: RecordingRule, labels: Labels) -> Labels:
    found = {**dict(labels), **rule.labels, NAME: rule.record}
    return tuple(sorted((name, value) for name, value in found.items() if value))


def _series_error(samples: Sequence[tuple[Labels, float]], limit: int) -> str:
    if limit and len(samples) > limit:
        return _too_many(len(samples), limit)
    if len({labels for labels, _ in samples}) < len(samples):
        return (
            "Two series have the same labels once the rule's own are added. "
            "Let the expression keep a label that tells them apart."
        )
    return ""


def known_lives(known: Mapping[str, Known], labelled: Mapping[int, Live]) -> dict[str, Live]:
    """What is live, by key, with labels where they are known."""
    return {key: labelled.get(one.pk, one.live) for key, one in known.items()}
