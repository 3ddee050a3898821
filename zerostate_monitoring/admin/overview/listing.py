"""What fires and what is pending, as the overview lists it: a row for each rule and severity."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlencode

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from zerostate_monitoring.admin import display, words
from zerostate_monitoring.admin.alerts.grouped import BY
from zerostate_monitoring.admin.alerts.standing import held_text
from zerostate_monitoring.admin.overview.addresses import Addresses
from zerostate_monitoring.admin.overview.counting import Kind, Standing, live_alerts
from zerostate_monitoring.admin.overview.nodes import Nodes
from zerostate_monitoring.admin.overview.verdict import Facts
from zerostate_monitoring.admin.words import GRAVE
from zerostate_monitoring.alerting.suppression import Reason, load
from zerostate_monitoring.models import Alert
from zerostate_monitoring.models.words import AlertState, Severity

MOST: Final = 500
"""So many live alerts are looked at one by one: whether something holds them back."""
LISTED: Final = 10
"""So many rules that fire have a row, and so many of which alerts are pending."""
ON_PHONE: Final = 3
"""So many rows stand before the figures where the screen is small."""

Firing = tuple[Alert, Reason | None]


@dataclass(frozen=True, slots=True)
class Looked:
    """The most urgent alerts, in order: what fires with what holds each back, what is pending."""

    firing: Sequence[Firing] = ()
    pending: Sequence[Alert] = ()


@dataclass(slots=True)
class Group:
    """Alerts of one rule with one severity, in one state."""

    kind: Kind
    count: int
    taken: int = 0
    since: datetime | None = None
    alerts: list[Firing] = field(default_factory=list)
    """Those that were looked at, the most urgent first."""

    @property
    def open(self) -> int:
        """How many nobody has, and nothing holds back."""
        handled = sum(reason is not None for _alert, reason in self.alerts)
        return self.count - max(handled, self.taken)

    @property
    def rank(self) -> tuple[bool, int]:
        """What somebody must act on comes first, and of that the gravest."""
        return self.open <= 0, _place(self.kind[0])


def looked_at(now: datetime) -> Looked:
    """What lives, and what holds back what fires; what somebody must act on comes first."""
    alerts = live_alerts(MOST)
    firing = [alert for alert in alerts if alert.state == AlertState.FIRING]
    held = load(now) if firing else None
    found = [(alert, held.reason_for(alert) if held else None) for alert in firing]
    pending = [alert for alert in alerts if alert.state != AlertState.FIRING]
    return Looked(sorted(found, key=lambda one: one[1] is not None), pending)


def facts(standings: Mapping[str, Standing], looked: Looked, nodes: Nodes) -> Facts:
    """How much is open. What is acknowledged or held back has a reason."""
    handled = [alert for alert, reason in looked.firing if reason is not None]
    first = next((alert for alert, reason in looked.firing if reason is None), None)

    def still(severity: str) -> int:
        every = standings.get(severity, Standing()).firing
        return every - sum(alert.severity == severity for alert in handled)

    return Facts(
        critical_open=still(Severity.CRITICAL),
        warning_open=still(Severity.WARNING),
        handled=sum(alert.severity in GRAVE for alert in handled),
        gravest=str(first or ""),
        nodes_up=nodes.up,
        nodes_down=nodes.down_count,
    )


# -- by severity -------------------------------------------------------------------


def table(standings: Mapping[str, Standing], to: Addresses) -> list[dict[str, Any]]:
    """A line for each severity: the known ones always, others where there are some."""
    known = [str(severity) for severity in Severity if severity != Severity.NONE]
    others = sorted(set(standings) - {*known, str(Severity.NONE)})
    order = [*known, *others]
    return [_line(name, standings.get(name, Standing()), to) for name in order]


def _line(severity: str, one: Standing, to: Addresses) -> dict[str, Any]:
    query = urlencode({"severity": severity}) if severity else ""
    return {
        "severity": severity or _("none"),
        "query": query,
        "url": to("alert_changelist", query=query),
        "firing": one.firing,
        "acknowledged": one.acknowledged,
        "pending": one.pending,
        "unrouted": one.unrouted,
        "acts": one.firing > one.acknowledged and severity in GRAVE,
    }


# -- by rule -----------------------------------------------------------------------


def listed(
    kinds: Mapping[Kind, Standing], looked: Looked, now: datetime, to: Addresses
) -> dict[str, Any]:
    """The rows, and what is said of those that have none."""
    firing, pending = firing_groups(kinds, looked), pending_groups(kinds, looked)
    shown, waiting = firing[:LISTED], pending[:LISTED]
    rest = len(firing) + len(pending) - len(shown) - len(waiting)
    on_phone = max(len(firing) + len(pending) - ON_PHONE, 0)
    return {
        "firing": [_row(one, now, to, is_pending=False) for one in shown],
        "pending": [_row(one, now, to, is_pending=True) for one in waiting],
        "pending_said": _pending_said(sum(one.count for one in pending), fires=bool(firing)),
        "pending_url": to("alert_changelist", query="show=pending"),
        "grouped_url": to("alert_grouped"),
        "phone_pending": max(ON_PHONE - len(shown), 0),
        "phone_firing": ON_PHONE,
        "more": _more(rest),
        "more_on_phone": _more(on_phone),
    }


def firing_groups(kinds: Mapping[Kind, Standing], looked: Looked) -> list[Group]:
    """What fires, by rule and severity, the most urgent first. Pure."""
    groups = {
        kind: Group(kind, one.firing, one.acknowledged, one.firing_since)
        for kind, one in _for_somebody(kinds)
        if one.firing
    }
    return _ordered(groups, looked.firing)


def pending_groups(kinds: Mapping[Kind, Standing], looked: Looked) -> list[Group]:
    """What is to fire, in the same way. Pure."""
    groups = {
        kind: Group(kind, one.pending, 0, one.pending_since)
        for kind, one in _for_somebody(kinds)
        if one.pending
    }
    return _ordered(groups, [(alert, None) for alert in looked.pending])


def _for_somebody(kinds: Mapping[Kind, Standing]) -> Iterable[tuple[Kind, Standing]]:
    return (one for one in kinds.items() if one[0][0] != Severity.NONE)


def _ordered(groups: dict[Kind, Group], alerts: Iterable[Firing]) -> list[Group]:
    """In the order of their alerts; those of which none was looked at stand behind."""
    found: dict[Kind, Group] = {}
    for alert, reason in alerts:
        kind = (alert.severity, alert.rule_name)
        # It may have come after the count.
        group = found.setdefault(kind, groups.get(kind) or Group(kind, 0, 0, _began(alert)))
        group.alerts.append((alert, reason))
        group.count = max(group.count, len(group.alerts))
    # The order of what was found stays where ranks are the same.
    return sorted({**found, **groups}.values(), key=lambda one: one.rank)


def _place(severity: str) -> int:
    return list(GRAVE).index(Severity(severity)) if severity in GRAVE else len(GRAVE)


def _began(alert: Alert) -> datetime:
    return alert.fired_at or alert.started_at


def _row(group: Group, now: datetime, to: Addresses, *, is_pending: bool) -> dict[str, Any]:
    severity, name = group.kind
    first = group.alerts[0][0] if group.alerts else None
    is_one = group.count == 1 and first is not None
    many = ngettext("%(n)d alert", "%(n)d alerts", group.count) % {"n": group.count}
    grouped = to("alert_grouped", query=urlencode({"by": BY, "value": name}))
    return {
        "name": name,
        "count": group.count,
        "many": "" if is_one else many,
        "url": to("alert_change", first.pk) if is_one and first else grouped,
        "is_one": is_one,
        "is_pending": is_pending,
        "said": words.said_of(first, _one_of_many(group)) if first else "",
        "severity": words.severity_badge(severity),
        "state": words.state_badge(AlertState.PENDING) if is_pending else "",
        "since": words.ago(_began(first) if is_one and first else group.since, now),
        "value": words.value(first.value, words.unit_of_alert(first)) if is_one and first else "",
        **_who(group),
    }


def _one_of_many(group: Group) -> str:
    """What stands before what one of many says."""
    return _("for instance:") if group.count > 1 else ""


def _who(group: Group) -> dict[str, Any]:
    """Who has them, and what holds them back; of how many there is neither."""
    names, held = {}, {}
    for alert, reason in group.alerts:
        if alert.acknowledged_at is not None:
            names[str(alert.acknowledged_by or display.EMPTY)] = True
        elif reason is not None:
            held[reason.kind] = held_text(reason)
    left = group.open
    said = _("nobody: %(open)d of %(n)d") % {"open": left, "n": group.count}
    return {
        "taken_by": display.some(list(names), 3),
        "held": list(held.values()),
        "open": "" if left <= 0 else _("nobody") if left == group.count else said,
        "wants": group.kind[0] in GRAVE,
    }


def _pending_said(count: int, *, fires: bool) -> str:
    if not count:
        return ""
    said = (
        ngettext(
            "%(n)d is pending: nobody is told of it yet.",
            "%(n)d are pending: nobody is told of them yet.",
            count,
        )
        if fires
        else ngettext(
            "Nothing fires yet; %(n)d is pending:", "Nothing fires yet; %(n)d are pending:", count
        )
    )
    return said % {"n": count}


def _more(count: int) -> str:
    said = ngettext("and %(n)d rule more", "and %(n)d rules more", count) % {"n": count}
    return said if count else ""
