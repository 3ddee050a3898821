"""Gather what is known of a rule at an instant, and say it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from zerostate_monitoring.alerting.evaluation.slots import spacing
from zerostate_monitoring.alerting.explain import delivered
from zerostate_monitoring.alerting.explain.asking import ask
from zerostate_monitoring.alerting.explain.beginning import beginning
from zerostate_monitoring.alerting.explain.reasons import reasons
from zerostate_monitoring.alerting.explain.slot import Slot, slot_lines, slot_of
from zerostate_monitoring.alerting.explain.standing import standing
from zerostate_monitoring.alerting.explain.values import (
    Explanation,
    Section,
    Tell,
    Values,
    moment,
    plain,
    span,
    value,
)
from zerostate_monitoring.conf import conf
from zerostate_monitoring.exceptions import QuerySyntaxError
from zerostate_monitoring.models import Alert, Rule, RuleState, RuleVersion
from zerostate_monitoring.models.rule_checks import labelled
from zerostate_monitoring.models.rule_texts import bring_back
from zerostate_monitoring.models.words import AlertState, Health, RuleKind, in_words
from zerostate_monitoring.promql.query import parse
from zerostate_monitoring.rules.definitions import AlertingRule

MOST_ALERTS: Final = 10
_UNHEALTHY: Final = {
    Health.ERROR: gettext_lazy("It cannot be evaluated"),
    Health.NO_DATA: gettext_lazy("No data"),
    Health.STALE: gettext_lazy("Its values are too old"),
    Health.WAITING: gettext_lazy("It needs history"),
    Health.DORMANT: gettext_lazy("Dormant"),
}


@dataclass(frozen=True, slots=True)
class _Asked:
    """A rule as it stood at an instant, its slot, and the labels that are asked for."""

    row: Rule
    version: RuleVersion | None
    rule: AlertingRule
    at: datetime
    now: datetime
    slot: Slot
    labels: Mapping[str, str]
    tell: Tell

    @property
    def is_now(self) -> bool:
        return self.now <= self.at


def explain(
    row: Rule,
    at: datetime | None = None,
    labels: Mapping[str, str] | None = None,
    now: datetime | None = None,
    tell: Tell = value,
) -> Explanation:
    """Why ``row`` does what it does at ``at`` (now if left out), for series with ``labels``.

    ``tell`` writes what the expression gave; numbers that are compared stand as they are.
    """
    now = now or timezone.now()
    asked = _asked(row, min(at or now, now), now, labels or {}, tell)
    alerts = _alerts(asked)
    values = _values(asked)
    sections = [
        Section("rule", _("Rule"), tuple(_rule(asked))),
        Section("seen", _("Seen so far"), tuple(_seen(asked, values))),
        Section("slot", _("Slot"), tuple(slot_lines(asked.slot))),
        Section("values", _("Values"), tuple(_found(values, asked))),
        Section("why", _("Why"), tuple(_why(values, asked, alerts))),
        *(_alert(alert, asked) for alert in alerts[:MOST_ALERTS]),
    ]
    if len(alerts) > MOST_ALERTS:
        more = len(alerts) - MOST_ALERTS
        said = ngettext(
            "%(n)d more; name labels to choose one.", "%(n)d more; name labels to choose one.", more
        )
        sections.append(Section("more", _("More alerts"), (said % {"n": more},)))
    return Explanation(row.name, asked.at, tuple(one for one in sections if one.lines))


def _asked(row: Rule, at: datetime, now: datetime, labels: Mapping[str, str], tell: Tell) -> _Asked:
    versions = RuleVersion.objects.filter(rule=row, changed_at__lte=at).order_by("-version")
    version = versions.first() or RuleVersion.objects.filter(rule=row).order_by("version").first()
    then = Rule.objects.select_related("group").get(pk=row.pk)
    if version is not None and version.version != row.version:
        bring_back(then, version.fields)
    rule = labelled(then)
    if not isinstance(rule, AlertingRule):
        rule = AlertingRule(alert=rule.name, expr=rule.expr)
    return _Asked(row, version, rule, at, now, slot_of(row, at, now), labels, tell)


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
    return ask(query, asked.slot.at_ms - offset, wanted, asked.row.pk)


# -- sections ------------------------------------------------------------------------


def _rule(asked: _Asked) -> Iterator[str]:
    row, rule = asked.row, asked.rule
    number = asked.version.version if asked.version else row.version
    since = _(" since %(at)s") % {"at": moment(asked.version.changed_at)} if asked.version else ""
    newest = _("; the newest is %(n)d") % {"n": row.version} if number != row.version else ""
    said = _("%(name)s of group %(group)s, version %(version)s.")
    yield said % {"name": row.name, "group": row.group, "version": f"{number}{since}{newest}"}
    yield f"expr: {rule.expr}"
    if row.kind == RuleKind.RECORDING:
        yield _("It records a series, and makes no alerts.")
        return
    yield f"for: {span(rule.for_)}, keep_firing_for: {span(rule.keep_firing_for)}"
    if not row.enabled:
        yield _("The rule is disabled: it is not evaluated.")
    elif not row.group.enabled:
        yield _("Its group is disabled: it is not evaluated.")
    if row.observing_until and row.observing_until > asked.at:
        said = _("It is observed until %(at)s: nothing is sent.")
        yield said % {"at": moment(row.observing_until)}
    if not conf.EVALUATE:
        yield _("It is evaluated by a Prometheus (ZEROSTATE_MONITORING_EVALUATE is False).")


def _seen(asked: _Asked, values: Values) -> Iterator[str]:
    if asked.is_now:
        width = spacing(asked.row.group.interval_ms, round(conf.HISTORY_INTERVAL_SECONDS * 1000))
        yield from beginning(asked.row, asked.rule, asked.at, width, values.known_from_ms)


def _found(values: Values, asked: _Asked) -> Iterator[str]:
    if values.problem:
        yield _("Not all values are known: %(problem)s") % {"problem": in_words(values.problem)}
    if values.whole is None:
        return
    yield _count(len(values.whole), plain(tuple(sorted(asked.labels.items()))), values.source)
    for one in values.whole[:5]:
        yield f"{plain(one.labels) or _('without labels')}: {asked.tell(one.value)}"


def _count(n: int, labels: str, source: str) -> str:
    """How many series there are with ``labels``, if any are asked for."""
    told = {"n": n, "labels": labels, "source": in_words(source)}
    if not n and labels:
        return _("The expression gives no series with %(labels)s (from %(source)s).") % told
    if not n:
        return _("The expression gives no series (from %(source)s).") % told
    if labels:
        said = ngettext(
            "The expression gives %(n)d series with %(labels)s (from %(source)s).",
            "The expression gives %(n)d series with %(labels)s (from %(source)s).",
            n,
        )
        return said % told
    said = ngettext(
        "The expression gives %(n)d series (from %(source)s).",
        "The expression gives %(n)d series (from %(source)s).",
        n,
    )
    return said % told


def _why(values: Values, asked: _Asked, alerts: Sequence[Alert]) -> Iterator[str]:
    if asked.is_now:
        yield from _health(getattr(asked.row, "state", None))
    if values.whole is not None:
        yield from reasons(parse(asked.rule.expr).expr, values)
        if not values.whole and asked.row.kind == RuleKind.ALERTING:
            yield _("So nothing is pending or fires by it.")
    if not alerts and asked.row.kind == RuleKind.ALERTING:
        yield _("There was no alert of it then.")


def _health(state: RuleState | None) -> Iterator[str]:
    if state is None:
        yield _("It has not been evaluated yet.")
        return
    word = _UNHEALTHY.get(Health(state.health))
    if word is None:
        return
    since = _(" since %(at)s") % {"at": moment(state.since)} if state.since else ""
    reason = in_words(state.reason).rstrip(".") or _("no reason is known")
    yield f"{word}{since}: {reason}."
    if state.ready_at and moment(state.ready_at) not in state.reason:
        yield _("It is ready on %(at)s.") % {"at": moment(state.ready_at)}


def _alert(alert: Alert, asked: _Asked) -> Section:
    own: dict[str, Any] = dict(alert.labels)
    own.pop("alertname", None)
    title = _("Alert %(pk)d") % {"pk": alert.pk}
    title = f"{title} {plain(tuple(sorted(own.items())))}".strip()
    lines = list(standing(alert, asked.rule, asked.at))
    if alert.state != AlertState.EXPIRED and alert.fired_at and alert.fired_at <= asked.at:
        held = delivered.held_back(alert, asked.at, asked.now)
        lines += [_("Held back: %(what)s") % {"what": one} for one in held]
        route = _("Route: %(what)s") if asked.is_now else _("Route, as it is today: %(what)s")
        lines += [route % {"what": one} for one in delivered.routed(alert)]
        told = delivered.told(alert, asked.at)
        lines += [_("Told: %(what)s") % {"what": one} for one in told]
    return Section(f"alert {alert.pk}", title, tuple(lines))
