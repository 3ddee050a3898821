"""What an edit, disabling or deletion of a rule does to the alerts that live: said before.

An alert is known by its rule's name and labels. An edit that leaves both alone keeps the
state of all alerts; one that does not ends them, for under their new names they begin anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from zerostate_monitoring.models import Alert
from zerostate_monitoring.models import Rule as Row
from zerostate_monitoring.models.rule_checks import identity, labelled
from zerostate_monitoring.models.words import LIVE, AlertState, EndReason
from zerostate_monitoring.rules.definitions import AlertingRule, Rule

_NOTHING: Final[tuple[Alert, ...]] = ()


@dataclass(frozen=True, slots=True)
class Standing:
    """How a rule stands: what it means, its group's labels included, and whether it is asked."""

    rule: Rule
    enabled: bool = True


@dataclass(frozen=True, slots=True)
class Impact:
    """Alerts that will end, with ``reason``; those that are kept; of these, which must wait again.

    ``back_to_pending`` fire now, and have not fired as long as the new ``for`` wants.
    """

    reason: EndReason | None = None
    closed: tuple[Alert, ...] = _NOTHING
    kept: tuple[Alert, ...] = _NOTHING
    back_to_pending: tuple[Alert, ...] = _NOTHING

    @property
    def closed_firing(self) -> tuple[Alert, ...]:
        """Those that fire and will end."""
        return tuple(one for one in self.closed if one.state == AlertState.FIRING)


def end_reason(before: Standing, after: Standing | None) -> EndReason | None:
    """Why the rule's alerts end when it goes from ``before`` to ``after``; ``None``: they stay.

    ``after`` is ``None`` for a deletion.
    """
    if after is None:
        return EndReason.DELETED
    if not after.enabled:
        return EndReason.DISABLED
    return None if identity(before.rule) == identity(after.rule) else EndReason.EDITED


def judge(before: Standing, after: Standing | None, alerts: Iterable[Alert]) -> Impact:
    """What becomes of ``alerts``, which live. Pure."""
    found = tuple(alerts)
    reason = end_reason(before, after)
    if reason is not None:
        return Impact(reason, closed=found)
    wait = _raised(before, after)
    waiting = (one for one in found if one.state == AlertState.FIRING and _younger(one, wait))
    return Impact(kept=found, back_to_pending=tuple(waiting))


def impact(before: Row, after: Row | None) -> Impact:
    """What becomes of a stored rule's live alerts when it is saved as ``after``, or deleted.

    One query. ``before`` has the values that are stored, ``after`` those of the form.
    """
    alerts = Alert.objects.filter(rule_id=before.pk, state__in=LIVE).order_by("-state", "pk")
    return judge(standing(before), None if after is None else standing(after), alerts)


def impact_of_all(rules: Sequence[Row], *, reason: EndReason) -> Impact:
    """What disabling or deleting many rules, or their group, ends. One query."""
    alerts = Alert.objects.filter(rule__in=rules, state__in=LIVE).order_by("-state", "pk")
    return Impact(reason, closed=tuple(alerts))


def standing(row: Row) -> Standing:
    """How a row stands, in its group."""
    return Standing(labelled(row), enabled=row.enabled and row.group.enabled)


def _raised(before: Standing, after: Standing | None) -> timedelta | None:
    """The new ``for``, if it is longer than the old one."""
    if after is None or not isinstance(after.rule, AlertingRule):
        return None
    old = before.rule.for_ if isinstance(before.rule, AlertingRule) else timedelta()
    return after.rule.for_ if after.rule.for_ > old else None


def _younger(alert: Alert, wait: timedelta | None) -> bool:
    """Whether it had not waited as long as ``wait`` when it fired, nor fires as long."""
    if wait is None or alert.fired_at is None:
        return False
    return alert.fired_at - alert.active_at < wait
