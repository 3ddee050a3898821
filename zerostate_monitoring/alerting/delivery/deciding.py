"""What a flush tells, and what not: decided from rows that were read. Pure."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Protocol

from django.utils.translation import gettext_noop

from zerostate_monitoring.alerting.delivery.places import Place
from zerostate_monitoring.models import Alert, OutboxEntry
from zerostate_monitoring.models.outbox import Notice
from zerostate_monitoring.models.words import AlertState

ENDED: Final = gettext_noop("The alert has ended before it was told.")
NEVER_TOLD: Final = gettext_noop("It was not told that the alert fired.")
OVERTAKEN: Final = gettext_noop("Told with a later one.")
NOT_FIRING: Final = gettext_noop("The alert does not fire any more.")

_SEVERITIES: Final = ("critical", "warning", "info")


class Why(Protocol):
    """Why an alert is not sent."""

    @property
    def kind(self) -> str:
        """``silence``, ``window``, ``inhibition``, ``observing`` or ``acknowledged``."""

    @property
    def pk(self) -> int | None:
        """Primary key of what holds it back."""

    @property
    def text(self) -> str:
        """A sentence."""


ReasonFor = Callable[[Alert], "Why | None"]


@dataclass(frozen=True, slots=True)
class Read:
    """What was read of a group before it is flushed."""

    due: Sequence[OutboxEntry]
    """Its due entries in their order, with their alerts."""
    told: Collection[int]
    """Primary keys of alerts that its receiver may have been told of before."""
    firing: Sequence[Alert]
    """Alerts that fire and that its receiver may have been told of."""
    told_at: datetime | None = None
    left: Collection[int] = frozenset()
    """Of ``firing``, those that its route leads to this receiver no more: it hears of their end."""


@dataclass(frozen=True, slots=True)
class Told:
    """An alert that a message tells; without an entry, it fires as it did before."""

    alert: Alert
    notice: Notice
    entry: OutboxEntry | None = None


@dataclass(slots=True)
class Plan:
    """What becomes of a group's entries."""

    told: list[Told] = field(default_factory=list)
    superseded: dict[int, str] = field(default_factory=dict)
    suppressed: dict[int, tuple[Alert, Why]] = field(default_factory=dict)
    repeated: list[Alert] = field(default_factory=list)
    """Of these an entry is to be made: it is time to say again that they fire."""
    unchanged: list[Alert] = field(default_factory=list)
    is_watched: bool = False
    """Whether its receiver knew before of alerts that fire, and is to be told again of them."""

    @property
    def sends(self) -> bool:
        """Whether there is anything to send."""
        return bool(self.told or self.repeated)

    @property
    def tells_firing(self) -> bool:
        """Whether it tells of anything that fires."""
        return any(one.notice is not Notice.RESOLVED for one in self.lines())

    def lines(self) -> list[Told]:
        """All that the message tells: firing ones first, the most severe before others."""
        again = [Told(alert, Notice.REPEATED) for alert in (*self.repeated, *self.unchanged)]
        return sorted([*self.told, *again], key=_order)


def decide(read: Read, place: Place, reason_for: ReasonFor, now: datetime) -> Plan:
    """Decide what a flush tells.

    Whoever was never told that an alert fired is not told that it has ended; an alert that is
    suppressed now is not told; and after ``repeat_interval`` all that fire are told again, but for
    those that routes lead elsewhere by now.
    """
    plan = Plan()
    for entries in _by_alert(read.due).values():
        _decide_alert(plan, entries, read.told, reason_for)
    shown = {told.alert.pk for told in plan.told} | {pk for pk, _ in _held(plan)}
    still = [alert for alert in read.firing if alert.pk not in read.left]
    plan.is_watched = bool(still)
    others = [a for a in still if a.pk not in shown and reason_for(a) is None]
    if is_repeat_due(read.told_at, place, now):
        plan.repeated = others
    elif plan.told:
        plan.unchanged = others
    return plan


def is_repeat_due(told_at: datetime | None, place: Place, now: datetime) -> bool:
    """Whether it is time to say again that alerts fire."""
    return told_at is not None and place.repeat is not None and told_at + place.repeat <= now


def next_flush(
    place: Place, now: datetime, *, told_at: datetime | None, is_left: bool, is_firing: bool
) -> datetime | None:
    """When a group that was flushed just now is flushed next; never, if nothing is to be told.

    ``is_left``: entries came while it was flushed. ``is_firing``: its receiver knows of alerts
    that fire.
    """
    if is_left:
        return now + place.interval
    if not is_firing or place.repeat is None or told_at is None:
        return None
    return max(told_at + place.repeat, now + place.interval)


def _held(plan: Plan) -> Iterable[tuple[int, Why]]:
    return ((alert.pk, why) for alert, why in plan.suppressed.values())


def _by_alert(entries: Sequence[OutboxEntry]) -> Mapping[int, list[OutboxEntry]]:
    found: dict[int, list[OutboxEntry]] = {}
    for entry in entries:
        found.setdefault(entry.alert_id, []).append(entry)
    return found


def _decide_alert(
    plan: Plan, entries: Sequence[OutboxEntry], told: Collection[int], reason_for: ReasonFor
) -> None:
    # An end is the last word on an alert, also where a fallback's word of its firing came after.
    *before, last = sorted(entries, key=lambda entry: entry.notice == Notice.RESOLVED)
    has_ended = last.notice == Notice.RESOLVED
    for entry in before:
        plan.superseded[entry.pk] = ENDED if has_ended else OVERTAKEN
    if has_ended and last.alert_id not in told:
        plan.superseded[last.pk] = NEVER_TOLD
    elif has_ended:
        plan.told.append(Told(last.alert, Notice.RESOLVED, last))
    elif last.alert.state != AlertState.FIRING:
        plan.superseded[last.pk] = NOT_FIRING
    elif (why := reason_for(last.alert)) is not None:
        plan.suppressed[last.pk] = (last.alert, why)
    else:
        plan.told.append(Told(last.alert, Notice(last.notice), last))


def _order(told: Told) -> tuple[bool, bool, int, datetime, int]:
    severity = told.alert.severity
    rank = _SEVERITIES.index(severity) if severity in _SEVERITIES else len(_SEVERITIES)
    since = told.alert.fired_at or told.alert.started_at
    return (
        told.notice is Notice.RESOLVED,
        told.entry is None,
        rank,
        since,
        told.alert.pk,
    )
