"""What is to be evaluated: rules as they are now, and where their alerts stand."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Final

from zerostate_monitoring.alerting.evaluation.claims import Claim
from zerostate_monitoring.alerting.evaluation.instants import ms_of
from zerostate_monitoring.alerting.states import Hold, Live
from zerostate_monitoring.conf import conf
from zerostate_monitoring.models.alert import Alert
from zerostate_monitoring.models.rule import Rule, RuleState
from zerostate_monitoring.models.words import LIVE, AlertState
from zerostate_monitoring.rules.definitions import AlertingRule
from zerostate_monitoring.rules.definitions import Rule as Definition

_MS: Final = timedelta(milliseconds=1)
_UNREAD: Final = ("created_at", "changed_at", "findings", "overrides")
_COLUMNS: Final = (
    "rule_id",
    "pk",
    "rule_name",
    "fingerprint",
    "state",
    "started_at",
    "active_at",
    "fired_at",
    "keep_since",
    "held",
)


@dataclass(frozen=True, slots=True)
class Known:
    """An alert that is live in the database, and the name that its rule had then.

    Labels, annotations and value are not read with it: who is found again is known by its
    key, and ``with_labels`` brings the labels of the others.
    """

    pk: int
    rule_name: str
    live: Live


@dataclass(frozen=True, slots=True)
class RuleWork:
    """One rule to be evaluated, with its group's labels."""

    row: Rule
    rule: Definition
    state: RuleState | None
    hold: Hold
    known: Mapping[str, Known]


@dataclass(frozen=True, slots=True)
class GroupWork:
    """One claimed slot, and what is to be evaluated for it."""

    claim: Claim
    rules: tuple[RuleWork, ...]

    @property
    def at_ms(self) -> int:
        """The instant that its rules are asked for."""
        return self.claim.at_ms


def load(claims: Sequence[Claim]) -> list[GroupWork]:
    """Rules and live alerts of the groups, in two queries."""
    groups = {claim.group.pk: claim for claim in claims}
    known = _known(groups)
    works: dict[int, list[RuleWork]] = {pk: [] for pk in groups}
    rows = Rule.objects.filter(group__in=groups, enabled=True).select_related("state")
    for row in rows.defer(*_UNREAD).order_by("position", "pk"):
        claim = groups[row.group_id]
        works[row.group_id].append(_work(row, claim, known.get(row.pk, {})))
    return [GroupWork(claim, tuple(works[claim.group.pk])) for claim in claims]


def _work(row: Rule, claim: Claim, known: Mapping[str, Known]) -> RuleWork:
    rule = claim.group.definition().labelled(row.definition())
    hold = Hold(limit=claim.group.limit)
    if isinstance(rule, AlertingRule):
        limits = [limit for limit in (claim.group.limit, conf.RULE_MAX_ALERTS) if limit]
        hold = Hold(rule.for_ // _MS, rule.keep_firing_for // _MS, min(limits, default=0))
    return RuleWork(row, rule, getattr(row, "state", None), hold, known)


def _known(groups: Iterable[int]) -> dict[int, dict[str, Known]]:
    rows = Alert.objects.filter(rule__group__in=groups, rule__enabled=True, state__in=LIVE)
    found: dict[int, dict[str, Known]] = {}
    for rule, *columns in rows.order_by().values_list(*_COLUMNS):
        one = _one(*columns)
        found.setdefault(rule, {})[one.live.key] = one
    return found


def _one(
    pk: int,
    rule_name: str,
    key: str,
    state: str,
    started: Any,
    active: Any,
    fired: Any,
    kept: Any,
    held: str,
) -> Known:
    started_ms = ms_of(started)
    live = Live(
        key,
        (),
        {},
        0.0,
        AlertState(state),
        started_ms,
        started_ms if active == started else ms_of(active),
        None if fired is None else ms_of(fired),
        None if kept is None else ms_of(kept),
        held,
    )
    return Known(pk, rule_name, live)


def with_labels(known: Iterable[Known]) -> dict[int, Live]:
    """Alerts with labels, annotations and value, by primary key; one query, if any."""
    lives = {one.pk: one.live for one in known}
    if not lives:
        return {}
    rows = Alert.objects.filter(pk__in=lives).values_list("pk", "labels", "annotations", "value")
    return {
        pk: replace(
            lives[pk],
            labels=tuple(sorted(labels.items())),
            annotations=annotations,
            value=float("nan") if value is None else value,
        )
        for pk, labels, annotations, value in rows
    }
