"""Groups that are due at one instant, evaluated together: from questions to decisions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from time import monotonic
from typing import Final

from zerostate_monitoring.alerting.evaluation.asking import Answer, Asker, Bounds
from zerostate_monitoring.alerting.evaluation.deciding import (
    Found,
    Moment,
    Outcome,
    decide,
    found,
    known_lives,
    record,
)
from zerostate_monitoring.alerting.evaluation.loading import (
    GroupWork,
    Known,
    RuleWork,
    with_labels,
)
from zerostate_monitoring.alerting.evaluation.stages import (
    ALERTS,
    FOR_STATE,
    OF_ALERTS,
    Traffic,
    names_read,
    stages,
)
from zerostate_monitoring.alerting.identity import Surroundings
from zerostate_monitoring.alerting.verdicts import OK, Verdict
from zerostate_monitoring.conf import conf
from zerostate_monitoring.frames.exemplar import Labels
from zerostate_monitoring.models.words import AlertState, Health
from zerostate_monitoring.promql.data import NAME
from zerostate_monitoring.rules.definitions import AlertingRule, RecordingRule

_FEWEST_SECONDS: Final = 2.0
_MOST_SECONDS: Final = 25.0
_UNASKED: Final = Answer()
"""Of a rule that is not asked for."""

Samples = list[tuple[Labels, float]]


@dataclass(frozen=True, slots=True)
class Foreknown:
    """What is known beside the answers: verdicts on rules by key, where history begins (ms)."""

    verdicts: Mapping[int, Verdict]
    begins_ms: int = 0


def evaluate(
    works: Sequence[GroupWork], asker: Asker, beside: Foreknown
) -> dict[int, list[Outcome]]:
    """The outcomes of each group's rules, by the group's key, in the order of the rules.

    All stages together have one time: a server that hangs must not take so much of it that
    the tick is broken off and nothing stands, at this slot and at each that comes.
    """
    outcomes: dict[int, Outcome] = {}
    results: list[Outcome] = []
    until = monotonic() + _MOST_SECONDS
    for stage in _in_stages(works):
        asker.add(*_seen(results))
        results = list(_stage(stage, asker, beside, until))
        outcomes.update((one.work.row.pk, one) for one in results)
    return {work.claim.group.pk: [outcomes[one.row.pk] for one in work.rules] for work in works}


@dataclass(frozen=True, slots=True)
class _Place:
    """A rule and the slot it is evaluated for."""

    work: RuleWork
    moment: Moment


def _in_stages(works: Iterable[GroupWork]) -> list[list[_Place]]:
    found: dict[int, list[_Place]] = {}
    for group in works:
        claim = group.claim
        moment = Moment(claim.slot_ms, claim.last_ms, claim.spacing_ms)
        order = stages(map(_traffic, group.rules))
        for number, work in zip(order, group.rules, strict=True):
            found.setdefault(number, []).append(_Place(work, moment))
    return [found[number] for number in sorted(found)]


def _traffic(work: RuleWork) -> Traffic:
    is_alerting = isinstance(work.rule, AlertingRule)
    writes = OF_ALERTS if is_alerting else frozenset({work.rule.name})
    return Traffic(names_read(work.rule.expr), writes)


def _stage(
    stage: Sequence[_Place], asker: Asker, beside: Foreknown, until: float
) -> Iterator[Outcome]:
    verdicts = [beside.verdicts.get(one.work.row.pk, OK) for one in stage]
    answers = _answers(stage, verdicts, asker, until)
    arounds = [_around(one.moment, asker) for one in stage]
    given = [
        _found(one.work, answer, around)
        for one, answer, around in zip(stage, answers, arounds, strict=True)
    ]
    labelled = with_labels(_absent(stage, given))
    for number, one in enumerate(stage):
        work, verdict = one.work, verdicts[number]
        if isinstance(work.rule, RecordingRule):
            yield record(work, work.rule, answers[number], verdict)
            continue
        live = known_lives(work.known, labelled)
        moment = replace(one.moment, begins_ms=beside.begins_ms)
        yield decide(work, work.rule, given[number], verdict, live, moment, arounds[number])


def _found(work: RuleWork, answer: Answer, around: Surroundings) -> Found:
    if isinstance(work.rule, RecordingRule):
        return Found()
    return found(work, work.rule, answer, around)


def _answers(
    stage: Sequence[_Place], verdicts: Sequence[Verdict], asker: Asker, until: float
) -> list[Answer]:
    asked = [
        n for n, (one, said) in enumerate(zip(stage, verdicts, strict=True)) if _asks(one, said)
    ]
    spacing = min((one.moment.spacing_ms for one in stage), default=0) / 1000
    seconds = min(max(spacing / 2, _FEWEST_SECONDS), _MOST_SECONDS)
    texts = [stage[number].work.rule.expr for number in asked]
    bounds = Bounds(seconds, until - monotonic())
    answers = [_UNASKED] * len(stage)
    for number, answer in zip(asked, asker.ask(texts, bounds), strict=True):
        answers[number] = answer
    return answers


def _asks(place: _Place, verdict: Verdict) -> bool:
    """Whether a rule is evaluated; one that records is, however young what it reads is."""
    if verdict.health == Health.DORMANT:
        return False
    return not verdict.begins_nothing or isinstance(place.work.rule, RecordingRule)


def _around(moment: Moment, asker: Asker) -> Surroundings:
    return Surroundings(moment.slot_ms, conf.EXTERNAL_LABELS, conf.BASE_URL, asker.query)


def _absent(stage: Sequence[_Place], given: Sequence[Found]) -> Iterator[Known]:
    for one, answer in zip(stage, given, strict=True):
        if one.work.known:
            keys = {alert.key for alert in answer.alerts}
            yield from (known for key, known in one.work.known.items() if key not in keys)


# -- what later rules see ------------------------------------------------------------


def _seen(results: Iterable[Outcome]) -> tuple[Samples, set[str], list[Labels]]:
    samples: Samples = []
    rewritten, ended = set[str](), list[Labels]()
    for one in results:
        samples += written(one)
        ended += _ended(one)
        if one.health != Health.ERROR and isinstance(one.work.rule, RecordingRule):
            rewritten.add(one.work.rule.name)
    return samples, rewritten, ended


def written(outcome: Outcome) -> Samples:
    """The series that a rule's outcome is: what it records, or what its alerts are."""
    found = list(outcome.samples)
    for one in outcome.step.live.values():
        found.append((_alerts(one.labels, one.state), 1.0))
        found.append((_for_state(one.labels), float(one.active_ms // 1000)))
    return found


def _ended(outcome: Outcome) -> Iterator[Labels]:
    """Series of alerts that ended, or are in another state than before."""
    known, after = outcome.work.known, outcome.step.live
    for change in outcome.step.changes:
        key, labels = change.live.key, change.live.labels
        if key in known and (key not in after or after[key].state != known[key].live.state):
            yield _alerts(labels, known[key].live.state)
            if key not in after:
                yield _for_state(labels)


def _alerts(labels: Labels, state: AlertState) -> Labels:
    return tuple(sorted({**dict(labels), NAME: ALERTS, "alertstate": state.value}.items()))


def _for_state(labels: Labels) -> Labels:
    found = {**dict(labels), NAME: FOR_STATE}
    return tuple(sorted(found.items()))
