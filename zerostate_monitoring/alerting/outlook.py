"""What becomes of alerts when a rule is saved as it is written now: said before, nothing changed.

Live alerts that its name or labels end are ended by the edit itself; those that the expression
no longer gives end at the next evaluation. What it gives that is not live begins then.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from zerostate_monitoring.alerting.advising import advised
from zerostate_monitoring.alerting.identity import Surroundings, present
from zerostate_monitoring.alerting.impact import Impact, impact
from zerostate_monitoring.alerting.routing import load
from zerostate_monitoring.alerting.states import Present
from zerostate_monitoring.conf import conf
from zerostate_monitoring.exceptions import MonitoringError
from zerostate_monitoring.models import Alert, Rule
from zerostate_monitoring.models.rule_checks import labelled
from zerostate_monitoring.models.words import AlertState
from zerostate_monitoring.promql.data import Sample, Scalar, Vector
from zerostate_monitoring.promql.querier import Options
from zerostate_monitoring.querying import querier
from zerostate_monitoring.rules.definitions import AlertingRule

SECONDS: Final = 2.0
MOST: Final = 1_000
"""So many alerts are looked at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """What an edit does to alerts.

    ``over`` are live alerts that go on and that the expression no longer gives; ``begun`` are
    the labels of those that begin. ``told`` counts, by receiver, the alerts of which it is told
    that they have ended or that they fire. ``problem`` says why nothing is known of ``over`` and
    ``begun``.
    """

    impact: Impact = field(default_factory=Impact)
    over: tuple[Alert, ...] = ()
    begun: tuple[Mapping[str, str], ...] = ()
    told: Mapping[str, int] = field(default_factory=dict)
    unrouted: int = 0
    problem: str = ""

    @property
    def ended(self) -> tuple[Alert, ...]:
        """All that end: at once, or at the next evaluation."""
        return (*self.impact.closed, *self.over)

    @property
    def is_empty(self) -> bool:
        """Whether all goes on as it is."""
        return not (self.ended or self.begun or self.impact.back_to_pending or self.problem)


def outlook(before: Rule | None, after: Rule, *, seconds: float = SECONDS) -> Outlook:
    """What becomes of alerts when ``after`` is saved; ``before`` is what is stored, if anything.

    One question of the store, and a constant number of queries.
    """
    found = Impact() if before is None else impact(before, after)
    definition = labelled(after)
    is_on = after.enabled and (not after.group_id or after.group.enabled)
    if not is_on or not isinstance(definition, AlertingRule):
        return _told(Outlook(impact=found))
    try:
        given = _present(after, definition, seconds)
    except MonitoringError as error:
        return _told(Outlook(impact=found, problem=advised(error)))
    return _told(foreseen(found, given))


def foreseen(found: Impact, given: Sequence[Present]) -> Outlook:
    """What ends and what begins, if the expression gives ``given`` now. Pure."""
    keys = {one.key for one in given}
    live = {alert.fingerprint for alert in found.kept}
    return Outlook(
        impact=found,
        over=tuple(alert for alert in found.kept if alert.fingerprint not in keys),
        begun=tuple(dict(one.labels) for one in given if one.key not in live),
    )


def _present(row: Rule, rule: AlertingRule, seconds: float) -> list[Present]:
    offset = row.group.query_offset_seconds if row.group_id else None
    at_ms = time.time_ns() // 1_000_000 - round((offset or 0) * 1000)
    value = querier().instant(rule.expr, at_ms, Options(seconds)).value
    samples: tuple[Sample, ...] = ()
    if isinstance(value, Vector):
        samples = value.samples[:MOST]
    elif isinstance(value, Scalar):
        samples = (Sample((), value.value),)
    around = Surroundings(at_ms, conf.EXTERNAL_LABELS, conf.BASE_URL)
    return present(rule, samples, around)


def _told(found: Outlook) -> Outlook:
    """With who hears of it, by the routes as they are now."""
    ended = [a.labels for a in found.ended if a.state == AlertState.FIRING and not a.observed]
    labels = [*ended, *found.begun]
    if not labels:
        return found
    told, unrouted = _receivers(labels)
    return replace(found, told=told, unrouted=unrouted)


def _receivers(labels: Iterable[Mapping[str, str]]) -> tuple[dict[str, int], int]:
    routing, counts, unrouted = load(), Counter[str](), 0
    for one in labels:
        taken = routing.of(one)
        unrouted += not taken
        counts.update({each.steps[0].receiver_name for each in taken})
    return dict(counts.most_common()), unrouted
