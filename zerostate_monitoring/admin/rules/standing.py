"""How rules stand now: what their live alerts say, summed up for a list."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db.models import Count, Exists, Max, Min, OuterRef, Q, QuerySet
from django.template.defaultfilters import date
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from zerostate_monitoring.admin import display, glossary, words
from zerostate_monitoring.models import Alert, Rule, RuleState
from zerostate_monitoring.models.words import (
    LIVE,
    AlertState,
    Health,
    RuleKind,
    Severity,
    in_words,
)
from zerostate_monitoring.promql.engine import LOOKBACK_MS
from zerostate_monitoring.promql.query import parse

STATES: Final = (
    ("firing", gettext_lazy("firing")),
    ("pending", gettext_lazy("pending")),
    ("observing", gettext_lazy("observing")),
    ("inactive", gettext_lazy("inactive")),
    ("disabled", gettext_lazy("disabled")),
)
"""Choices of the filter."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What the live alerts of one rule say together."""

    firing: int = 0
    pending: int = 0
    acknowledged: int = 0
    since: datetime | None = None
    lowest: float | None = None
    highest: float | None = None

    @property
    def live(self) -> int:
        """How many there are."""
        return self.firing + self.pending


NOTHING: Final = Standing()


def standings(rules: Iterable[Rule]) -> dict[int, Standing]:
    """The standing of each rule that has live alerts, by its key; one query."""
    alerts = Alert.objects.filter(rule__in=list(rules), state__in=LIVE)
    is_firing = Q(state=AlertState.FIRING)
    rows = (
        alerts.order_by()
        .values("rule_id")
        .annotate(
            firing=Count("pk", filter=is_firing),
            pending=Count("pk", filter=~is_firing),
            acknowledged=Count("pk", filter=is_firing & Q(acknowledged_at__isnull=False)),
            fired=Min("fired_at", filter=is_firing),
            started=Min("started_at"),
            lowest=Min("value"),
            highest=Max("value"),
        )
    )
    return {row["rule_id"]: _standing(row) for row in rows}


def _standing(row: Mapping[str, Any]) -> Standing:
    return Standing(
        firing=row["firing"],
        pending=row["pending"],
        acknowledged=row["acknowledged"],
        since=row["fired"] or row["started"],
        lowest=row["lowest"],
        highest=row["highest"],
    )


def standing_of(live: Sequence[Alert]) -> Standing:
    """The same of live alerts that are at hand."""
    firing = [alert for alert in live if alert.state == AlertState.FIRING]
    values = [alert.value for alert in live if alert.value is not None]
    fired = [alert.fired_at for alert in firing if alert.fired_at is not None]
    return Standing(
        firing=len(firing),
        pending=len(live) - len(firing),
        acknowledged=sum(alert.acknowledged_at is not None for alert in firing),
        since=min(fired, default=None) or min((a.started_at for a in live), default=None),
        lowest=min(values, default=None),
        highest=max(values, default=None),
    )


def is_off(rule: Rule) -> bool:
    """Whether it is not evaluated: it or its group is disabled."""
    return not (rule.enabled and rule.group.enabled)


def is_observing(rule: Rule, now: datetime | None = None) -> bool:
    """Whether it is evaluated and nothing of it is sent."""
    until = rule.observing_until
    return until is not None and until > (now or timezone.now())


def state_of(rule: Rule, standing: Standing) -> SafeString:
    """The most that one of its alerts says: firing, pending; else what the rule is."""
    if is_off(rule):
        return display.badge("off", _("disabled"))
    if standing.firing:
        return _firing(rule, standing)
    if standing.pending:
        return display.badge("warn", _("%(n)d pending") % {"n": standing.pending})
    if is_observing(rule):
        return display.badge("none", _("observing"), str(glossary.TERMS["observing"][1]))
    if rule.kind == RuleKind.RECORDING:
        return display.badge("good", _("records"))
    return display.badge("good", _("inactive"))


def _firing(rule: Rule, standing: Standing) -> SafeString:
    said = _("%(n)d firing") % {"n": standing.firing}
    if is_observing(rule):
        return display.badge("none", _("%s, observed") % said, _("Nothing is sent of it."))
    if standing.acknowledged == standing.firing:
        return display.badge("warn", _("%s, acknowledged") % said)
    calm = rule.severity in {Severity.INFO, Severity.NONE}
    return display.badge("none" if calm else "bad", said)


def health_of(rule: Rule, standing: Standing = NOTHING) -> SafeString | str:
    """How its last evaluation ended; one that fires has what it needs, so far."""
    if is_off(rule):
        return display.EMPTY
    state = state_row(rule)
    if state is None or state.health == Health.UNKNOWN:
        return display.badge("none", _("new"), str(glossary.HEALTHS[Health.UNKNOWN]))
    if standing.firing and state.health == Health.WAITING:
        badge = display.badge("none", _("fires already"), in_words(state.reason))
        below = '{}<br><span class="zsm-advice">{}</span>'
        return format_html(below, badge, _completed(rule, state))
    return words.health_badge(state.health, state.reason)


def _completed(rule: Rule, state: RuleState) -> str:
    """When a rule that fires already looks back on all that it asks for; that it never does."""
    seconds = parse(rule.expr).reach(LOOKBACK_MS).back_ms / 1000
    if state.ready_at is None:
        return _("its %(length)s part is not complete") % {"length": display.age(seconds)}
    at = timezone.localtime(state.ready_at)
    is_today = at.date() == timezone.localdate()
    values = {
        "length": display.age(seconds),
        "at": date(at, "H:i" if is_today else "Y-m-d H:i"),
    }
    return _("its %(length)s part is complete at %(at)s") % values


def state_row(rule: Rule) -> RuleState | None:
    """What the evaluation says of it; nothing before the first."""
    state: RuleState | None = getattr(rule, "state", None)
    return state


def values_of(standing: Standing, unit: str = "") -> str:
    """The values of its live alerts at their last transition."""
    if not standing.live:
        return display.EMPTY
    lowest, highest = standing.lowest, standing.highest
    if lowest is None or highest is None or lowest == highest:
        return words.value(highest, unit)
    return f"{words.with_unit(lowest, unit)} … {words.with_unit(highest, unit)}"


def in_state(rules: QuerySet[Rule], state: str) -> QuerySet[Rule]:
    """Those of ``rules`` that the list shows as ``state``."""
    enabled, live = Q(enabled=True, group__enabled=True), Alert.objects.filter(rule=OuterRef("pk"))
    firing = Exists(live.filter(state=AlertState.FIRING))
    pending = Exists(live.filter(state=AlertState.PENDING))
    observing = Q(observing_until__gt=timezone.now())
    conditions: dict[str, tuple[Any, ...]] = {
        "disabled": (~enabled,),
        "firing": (enabled, firing),
        "pending": (enabled, ~firing, pending),
        "observing": (enabled, observing),
        "inactive": (enabled, ~firing, ~pending, ~observing),
    }
    return rules.filter(*conditions[state]) if state in conditions else rules.none()
