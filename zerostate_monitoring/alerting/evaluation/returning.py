"""When a clock ran ahead and came back: slots that were evaluated before their time.

They are taken back, so that the slots of now are due with the next tick, and they themselves
when their time has come. A slot whose time has come already is not evaluated again.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import F, Max

from zerostate_monitoring.alerting.clocks import AHEAD, latest, note
from zerostate_monitoring.alerting.evaluation.instants import ms_of
from zerostate_monitoring.alerting.evaluation.slots import Clock, spacing
from zerostate_monitoring.models.rule_group import Evaluation, GroupState, RuleGroup

logger = logging.getLogger(__name__)

WHAT: Final = "slots"
_SHORTEST_SECONDS: Final = 5.0
_INTERVALS: Final = 2
_DURATIONS: Final = 3
"""A claim lasts for so many times the interval, or so many times as long as it took last."""


def trusted(clock: Clock, now: datetime) -> Clock:
    """``clock`` without a newest column that lies in the future by everybody's clock.

    One that lies there by this worker's clock alone says that this clock is slow.
    """
    ahead = clock.history_ms + ms_of(now + AHEAD) - ms_of(now)
    if clock.newest_ms <= clock.now_ms + ahead or clock.newest_ms <= ms_of(latest(now)) + ahead:
        return clock
    return replace(clock, newest_ms=0)


def lasting(group: RuleGroup, clock: Clock) -> timedelta:
    """How long a claim of a slot holds: others wait for so long for a worker that is gone."""
    interval = spacing(group.interval_ms, clock.history_ms) / 1000
    took = group.state.duration_seconds or 0.0
    return timedelta(seconds=max(_SHORTEST_SECONDS, _INTERVALS * interval, _DURATIONS * took))


def is_ahead(group: RuleGroup, clock: Clock, now: datetime) -> bool:
    """Whether a group's newest slot lies more than an interval in the future, or a claim of it."""
    width = spacing(group.interval_ms, clock.history_ms)
    return _newest(group.state) > clock.latest_ms + width or _is_held(group, clock, now)


def _is_held(group: RuleGroup, clock: Clock, now: datetime) -> bool:
    """Whether somebody has claimed it for longer than a claim can last."""
    until = group.state.claimed_until
    return until is not None and until > now + lasting(group, clock) + AHEAD


def bring_back(group: RuleGroup, clock: Clock, now: datetime) -> None:
    """Take back slots from the future; ``group.state`` is what it is then.

    Whoever evaluates one of them is overtaken. Nothing is done where only this worker's clock
    says that it is the future, or another worker was quicker.
    """
    width, then = spacing(group.interval_ms, clock.history_ms), latest(now)
    limit_ms = max(clock.latest_ms, ms_of(then)) + width
    state: GroupState = group.state
    if _newest(state) <= limit_ms and not _is_held(group, clock, then):
        return
    with transaction.atomic():
        rows = GroupState.objects.filter(group=group, token=state.token)
        if not rows.update(token=F("token") + 1, claimed_until=None):
            return
        slots = Evaluation.objects.filter(group=group)
        undone, _ = slots.filter(slot_ms__gt=limit_ms).delete()
        last_ms = _last(state, limit_ms, slots.aggregate(last=Max("slot_ms"))["last"])
        # Slots that were claimed and not written are as good as any other: they are due.
        rows = GroupState.objects.filter(group=group)
        rows.update(claimed_slot_ms=last_ms, last_slot_ms=last_ms)
    extra = {"group": group.name, "from_ms": _newest(state), "to_ms": last_ms}
    logger.warning("slots_taken_back", extra=extra)
    note(WHAT, now, max(undone, 1))
    state.refresh_from_db()


def _last(state: GroupState, limit_ms: int, kept_ms: int | None) -> int:
    """The last slot whose time has come; rows of slots are not kept for ever."""
    return state.last_slot_ms if state.last_slot_ms <= limit_ms else kept_ms or 0


def _newest(state: GroupState) -> int:
    return max(state.claimed_slot_ms, state.last_slot_ms)
