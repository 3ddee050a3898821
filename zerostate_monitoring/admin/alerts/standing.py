"""What belongs to alerts of a list: values now, what holds them back, and who was told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from zerostate_monitoring.admin import display
from zerostate_monitoring.alerting.suppression import Reason, load
from zerostate_monitoring.models import Alert, GroupState, OutboxEntry
from zerostate_monitoring.models.outbox import Notice, OutboxState
from zerostate_monitoring.models.words import AlertState, in_words

_WAYS: Final = {
    OutboxState.SENT: "",
    OutboxState.FROZEN: "…",
    OutboxState.DUE: "…",
    OutboxState.DEAD: "✖",
}


@dataclass(frozen=True, slots=True)
class Told:
    """A receiver, and the best that became of what it was to be told."""

    receiver: str
    state: str


@dataclass(frozen=True, slots=True)
class Standing:
    """What belongs to alerts, by their keys."""

    values: Mapping[str, str] = field(default_factory=dict)
    held: Mapping[int, Reason] = field(default_factory=dict)
    told: Mapping[int, Sequence[Told]] = field(default_factory=dict)


def standing_of(alerts: Sequence[Alert], now: datetime) -> Standing:
    """What belongs to these alerts; a constant number of queries."""
    return Standing(values_of(alerts), held_of(alerts, now), told_of(alerts))


def held_of(alerts: Sequence[Alert], now: datetime) -> dict[int, Reason]:
    """What holds back those that fire, by their keys. One query."""
    firing = [alert for alert in alerts if alert.state == AlertState.FIRING]
    suppressions = load(now) if firing else None
    held = {}
    for alert in firing:
        reason = suppressions.reason_for(alert) if suppressions else None
        # Who has taken it on stands in a column of its own.
        if reason is not None and reason.kind != "acknowledged":
            held[alert.pk] = reason
    return held


def values_of(alerts: Sequence[Alert]) -> dict[str, str]:
    """Values of live alerts at the last slot, by the alert's key as text."""
    rules = {alert.rule_id for alert in alerts if alert.is_live and alert.rule_id}
    if not rules:
        return {}
    keys = {str(alert.pk) for alert in alerts}
    states = GroupState.objects.filter(group__rules__in=rules).distinct()
    found: dict[str, str] = {}
    for values in states.values_list("values", flat=True):
        found.update({key: text for key, text in values.items() if key in keys})
    return found


def told_of(alerts: Sequence[Alert]) -> dict[int, list[Told]]:
    """Receivers that were, or are to be, told that an alert fires; what went best of each."""
    entries = OutboxEntry.objects.filter(alert__in=[alert.pk for alert in alerts])
    rows = entries.exclude(notice=Notice.RESOLVED).order_by("pk")
    best: dict[int, dict[str, str]] = {}
    order = list(_WAYS)
    for alert, receiver, state in rows.values_list("alert_id", "receiver__name", "state"):
        if state not in order:
            continue
        mine = best.setdefault(alert, {})
        if receiver not in mine or order.index(OutboxState(state)) < order.index(
            OutboxState(mine[receiver])
        ):
            mine[receiver] = state
    return {
        alert: [Told(receiver, state) for receiver, state in found.items()]
        for alert, found in best.items()
    }


def told_text(alert: Alert, told: Sequence[Told]) -> SafeString | str:
    """Who was told, or in red that nobody is."""
    if alert.is_unrouted and alert.is_live:
        return display.badge("bad", _("nobody"), _("No route takes it: add one."))
    if not told:
        return display.EMPTY
    return format_html_join(" ", "{}{}", ((_told(one), _after(one, told)) for one in told))


def _after(one: Told, told: Sequence[Told]) -> str:
    """A comma between names; a badge has a frame and needs none."""
    return "" if one is told[-1] or one.state == OutboxState.DEAD else ","


def _told(one: Told) -> SafeString | str:
    if one.state == OutboxState.DEAD:
        return display.badge("bad", one.receiver, _("It could not be delivered."))
    if one.state in {OutboxState.DUE, OutboxState.FROZEN}:
        return format_html('<span title="{}">{} …</span>', _("on its way"), one.receiver)
    return one.receiver


def held_text(reason: Reason | None) -> SafeString | str:
    """What holds an alert back."""
    if reason is None:
        return display.EMPTY
    return display.badge("off", held_word(reason.kind), in_words(reason.text))


def held_word(kind: str) -> str:
    """What kind of thing it is, in a word."""
    words = {
        "silence": _("silenced"),
        "window": _("maintenance"),
        "inhibition": _("inhibited"),
        "observing": _("observed"),
    }
    return words.get(kind, kind)
