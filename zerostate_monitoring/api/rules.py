"""Rules and alerts, as Prometheus lists them. A group's ``file`` is ``built-in`` or ``own``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from zerostate_monitoring.api import numbers
from zerostate_monitoring.api.answer import Answer
from zerostate_monitoring.api.errors import invalid
from zerostate_monitoring.api.question import Question
from zerostate_monitoring.api.rule_questions import Wanted, wanted_of
from zerostate_monitoring.api.rule_shapes import alert_shape, plain, rule_shape, time_text
from zerostate_monitoring.models import Alert, GroupState, Rule, RuleGroup
from zerostate_monitoring.models.rule_checks import labelled
from zerostate_monitoring.models.words import LIVE, RuleKind
from zerostate_monitoring.promql.querier import Querier

_ORDER = ("rule__group__position", "rule__group__name", "rule__position", "started_at", "pk")


def rules(querier: Querier, asked: Question) -> Answer:
    """All groups with their rules, and the alerts of these."""
    wanted = wanted_of(asked)
    found, following = _page(wanted)
    data: dict[str, Any] = {"groups": found}
    if following:
        data["groupNextToken"] = following
    return Answer(data)


def alerts(querier: Querier, asked: Question) -> Answer:
    """All alerts that live."""
    values = _values(GroupState.objects.only("values"))
    rows = Alert.objects.filter(state__in=LIVE).order_by(*_ORDER)
    return Answer({"alerts": [alert_shape(row, values) for row in rows]})


@dataclass(frozen=True, slots=True)
class _Found:
    """Rules by group, states by rule, and alerts by rule if they are wanted."""

    rules: Mapping[int, Sequence[Rule]]
    states: Mapping[int, str]
    alerts: Mapping[int, Sequence[Alert]] | None


def _page(wanted: Wanted) -> tuple[list[dict[str, Any]], str]:
    """The groups of one page, and the token of the next, if there is one."""
    groups = list(RuleGroup.objects.filter(enabled=True).select_related("state"))
    start, found = _start(groups, wanted.token), _found(wanted)
    shown: list[dict[str, Any]] = []
    for group in filter(wanted.holds, groups[start:]):
        rows = [row for row in found.rules.get(group.pk, ()) if wanted.takes(labelled(row).labels)]
        if rows and wanted.limit and len(shown) == wanted.limit:
            return shown, next_token(group)
        if rows:
            shown.append(_group(group, rows, found))
    return shown, ""


def _start(groups: Sequence[RuleGroup], token: str) -> int:
    if not token:
        return 0
    for place, group in enumerate(groups):
        if next_token(group) == token:
            return place
    reason = f"invalid group_next_token '{token}'. were rule groups changed?"
    raise invalid("group_next_token", reason)


def next_token(group: RuleGroup) -> str:
    """What stands for a group where a page begins."""
    return sha256(f"{group.origin};{group.name}".encode()).hexdigest()


def _found(wanted: Wanted) -> _Found:
    rows = Rule.objects.filter(enabled=True, group__enabled=True)
    if wanted.kind:
        rows = rows.filter(kind=wanted.kind)
    if wanted.names:
        rows = rows.filter(name__in=wanted.names)
    by_group: dict[int, list[Rule]] = {}
    for row in rows.select_related("group", "state").order_by("position", "pk"):
        by_group.setdefault(row.group_id, []).append(row)
    return _Found(by_group, _states(), _live() if wanted.with_alerts else None)


def _states() -> dict[int, str]:
    """The state of each rule that has live alerts: firing goes before pending."""
    live = Alert.objects.filter(state__in=LIVE, rule__isnull=False)
    pairs = live.order_by("-state").values_list("rule", "state").distinct()
    return {pk: str(state) for pk, state in pairs}


def _live() -> dict[int, list[Alert]]:
    found: dict[int, list[Alert]] = {}
    for one in Alert.objects.filter(state__in=LIVE).order_by("started_at", "pk"):
        found.setdefault(one.rule_id or 0, []).append(one)
    return found


def _group(group: RuleGroup, rows: Sequence[Rule], found: _Found) -> dict[str, Any]:
    state: GroupState | None = getattr(group, "state", None)
    values = _values([state] if state else [])
    return {
        "name": group.name,
        "file": group.origin,
        "rules": [_rule(row, state, values, found) for row in rows],
        "interval": numbers.seconds(group.interval_ms),
        "limit": group.limit,
        "evaluationTime": plain((state and state.duration_seconds) or 0.0),
        "lastEvaluation": time_text(state.evaluated_at if state else None),
    }


def _rule(
    row: Rule, state: GroupState | None, values: Mapping[str, str], found: _Found
) -> dict[str, Any]:
    shown = rule_shape(row, found.states.get(row.pk, ""), state)
    if row.kind == RuleKind.ALERTING:
        live = None if found.alerts is None else found.alerts.get(row.pk, ())
        shown["alerts"] = None if live is None else [alert_shape(one, values) for one in live]
    return shown


def _values(states: Iterable[GroupState]) -> dict[str, str]:
    """Values at the last slot, by the alert's key."""
    return {key: value for state in states for key, value in dict(state.values).items()}
