"""Gather what is known of a rule at an instant, and say it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from django.db.models import Q
from django.utils import timezone

from zerostate_monitoring.alerting.evaluation.slots import spacing
from zerostate_monitoring.alerting.explain import delivered
from zerostate_monitoring.alerting.explain.asking import ask
from zerostate_monitoring.alerting.explain.reasons import reasons
from zerostate_monitoring.alerting.explain.standing import standing
from zerostate_monitoring.alerting.explain.values import (
    Explanation,
    Section,
    Values,
    moment,
    plain,
    span,
    value,
)
from zerostate_monitoring.conf import conf
from zerostate_monitoring.exceptions import QuerySyntaxError
from zerostate_monitoring.models import Alert, Evaluation, Rule, RuleState, RuleVersion
from zerostate_monitoring.models.rule_checks import labelled
from zerostate_monitoring.models.rule_texts import bring_back
from zerostate_monitoring.models.words import AlertState, Health, RuleKind
from zerostate_monitoring.promql.query import parse
from zerostate_monitoring.rules.definitions import AlertingRule

MOST_ALERTS: Final = 10
_UNHEALTHY: Final = {
    Health.ERROR: "It cannot be evaluated",
    Health.NO_DATA: "No data",
    Health.STALE: "Its values are too old",
    Health.WAITING: "It needs history",
    Health.DORMANT: "Dormant",
}


@dataclass(frozen=True, slots=True)
class _Asked:
    """A rule as it stood at an instant, its slot, and the labels that are asked for."""

    row: Rule
    version: RuleVersion | None
    rule: AlertingRule
    at: datetime
    now: datetime
    slot_ms: int
    labels: Mapping[str, str]

    @property
    def is_now(self) -> bool:
        return self.now <= self.at


def explain(
    row: Rule,
    at: datetime | None = None,
    labels: Mapping[str, str] | None = None,
    now: datetime | None = None,
) -> Explanation:
    """Why ``row`` does what it does at ``at`` (now if left out), for series with ``labels``."""
    now = now or timezone.now()
    asked = _asked(row, min(at or now, now), now, labels or {})
    alerts = _alerts(asked)
    values = _values(asked)
    sections = [
        Section("Rule", tuple(_rule(asked))),
        Section("Slot", tuple(_slot(asked))),
        Section("Values", tuple(_found(values, asked))),
        Section("Why", tuple(_why(values, asked, alerts))),
        *(_alert(alert, asked) for alert in alerts[:MOST_ALERTS]),
    ]
    if len(alerts) > MOST_ALERTS:
        text = f"{len(alerts) - MOST_ALERTS} more; name labels to choose one."
        sections.append(Section("More alerts", (text,)))
    return Explanation(row.name, asked.at, tuple(one for one in sections if one.lines))


def _asked(row: Rule, at: datetime, now: datetime, labels: Mapping[str, str]) -> _Asked:
    versions = RuleVersion.objects.filter(rule=row, changed_at__lte=at).order_by("-version")
    version = versions.first() or RuleVersion.objects.filter(rule=row).order_by("version").first()
    then = Rule.objects.select_related("group").get(pk=row.pk)
    if version is not None and version.version != row.version:
        bring_back(then, version.fields)
    rule = labelled(then)
    if not isinstance(rule, AlertingRule):
        rule = AlertingRule(alert=rule.name, expr=rule.expr)
    width = spacing(row.group.interval_ms, round(conf.HISTORY_INTERVAL_SECONDS * 1000))
    slot_ms = round(at.timestamp() * 1000) // width * width
    return _Asked(row, version, rule, at, now, slot_ms, labels)


def _alerts(asked: _Asked) -> list[Alert]:
    """Those that were live then, or had ended less than an hour before where none was."""
    rows = Alert.objects.filter(rule=asked.row, started_at__lte=asked.at)
    live = rows.filter(Q(ended_at=None) | Q(ended_at__gt=asked.at))
    found = [one for one in live.order_by("-state", "started_at")[:500] if _fits(one, asked)]
    return found or [one for one in rows.order_by("-ended_at")[:50] if _fits(one, asked)][:1]


def _fits(alert: Alert, asked: _Asked) -> bool:
    return all(alert.labels.get(name) == text for name, text in asked.labels.items())


def _values(asked: _Asked) -> Values:
    offset = round((asked.row.group.query_offset_seconds or 0) * 1000)
    try:
        query = parse(asked.rule.expr)
    except QuerySyntaxError as error:
        return Values(problem=error.message)
    own = {*asked.rule.labels, "alertname"}
    wanted = {name: text for name, text in asked.labels.items() if name not in own}
    return ask(query, asked.slot_ms - offset, wanted, asked.row.pk)


# -- sections ------------------------------------------------------------------------


def _rule(asked: _Asked) -> Iterator[str]:
    row, rule = asked.row, asked.rule
    number = asked.version.version if asked.version else row.version
    since = f" since {moment(asked.version.changed_at)}" if asked.version else ""
    newest = f"; the newest is {row.version}" if number != row.version else ""
    yield f"{row.name} of group {row.group}, version {number}{since}{newest}."
    yield f"expr: {rule.expr}"
    if row.kind == RuleKind.RECORDING:
        yield "It records a series, and makes no alerts."
        return
    yield f"for: {span(rule.for_)}, keep_firing_for: {span(rule.keep_firing_for)}"
    if not row.enabled or not row.group.enabled:
        yield f"{'The rule' if not row.enabled else 'Its group'} is disabled: it is not evaluated."
    if row.observing_until and row.observing_until > asked.at:
        yield f"It is observed until {moment(row.observing_until)}: nothing is sent."
    if not conf.EVALUATE:
        yield "It is evaluated by a Prometheus (ZEROSTATE_MONITORING_EVALUATE is False)."


def _slot(asked: _Asked) -> Iterator[str]:
    at = datetime.fromtimestamp(asked.slot_ms / 1000, UTC)
    found = Evaluation.objects.filter(group=asked.row.group, slot_ms=asked.slot_ms).first()
    said = f"Slot {moment(at)}"
    if found is not None:
        yield f"{said}: evaluated at {moment(found.started_at)} in {found.duration_seconds:.3f} s."
        return
    near = Evaluation.objects.filter(group=asked.row.group, slot_ms__lt=asked.slot_ms)
    last = near.order_by("-slot_ms").first()
    yield f"{said}: not evaluated, or so long ago that it is no longer known."
    if last is not None:
        yield f"The last one before: {moment(datetime.fromtimestamp(last.slot_ms / 1000, UTC))}."


def _found(values: Values, asked: _Asked) -> Iterator[str]:
    if values.problem:
        yield f"Not all values are known: {values.problem}"
    if values.whole is None:
        return
    count = len(values.whole)
    of = f" with {plain(tuple(sorted(asked.labels.items())))}" if asked.labels else ""
    yield f"The expression gives {count or 'no'} series{of} (from {values.source})."
    for one in values.whole[:5]:
        yield f"{plain(one.labels) or 'without labels'}: {value(one.value)}"


def _why(values: Values, asked: _Asked, alerts: Sequence[Alert]) -> Iterator[str]:
    if asked.is_now:
        yield from _health(getattr(asked.row, "state", None))
    if values.whole is not None:
        yield from reasons(parse(asked.rule.expr).expr, values)
        if not values.whole and asked.row.kind == RuleKind.ALERTING:
            yield "So nothing is pending or fires by it."
    if not alerts and asked.row.kind == RuleKind.ALERTING:
        yield "There was no alert of it then."


def _health(state: RuleState | None) -> Iterator[str]:
    if state is None:
        yield "It has not been evaluated yet."
        return
    word = _UNHEALTHY.get(Health(state.health))
    if word is None:
        return
    since = f" since {moment(state.since)}" if state.since else ""
    reason = state.reason.rstrip(".") or "no reason is known"
    yield f"{word}{since}: {reason}."
    if state.ready_at and moment(state.ready_at) not in state.reason:
        yield f"It is ready on {moment(state.ready_at)}."


def _alert(alert: Alert, asked: _Asked) -> Section:
    own: dict[str, Any] = dict(alert.labels)
    own.pop("alertname", None)
    title = f"Alert {alert.pk} {plain(tuple(sorted(own.items())))}".strip()
    lines = list(standing(alert, asked.rule, asked.at))
    if alert.state != AlertState.EXPIRED and alert.fired_at and alert.fired_at <= asked.at:
        lines += [f"Held back: {one}" for one in delivered.held_back(alert, asked.at, asked.now)]
        word = "Route" if asked.is_now else "Route, as it is today"
        lines += [f"{word}: {one}" for one in delivered.routed(alert)]
        lines += [f"Told: {one}" for one in delivered.told(alert, asked.at)]
    return Section(title, tuple(lines))
