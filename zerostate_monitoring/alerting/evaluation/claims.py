"""The right to evaluate a slot of a group: one conditional update per group."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import F, Q

from zerostate_monitoring.alerting.evaluation.returning import bring_back, is_ahead, lasting
from zerostate_monitoring.alerting.evaluation.slots import Clock, missed, spacing
from zerostate_monitoring.models.rule_group import GroupState, RuleGroup


@dataclass(frozen=True, slots=True)
class Claim:
    """A slot of a group that is ours as long as ``token`` is the group's.

    ``last_ms`` is the slot that was evaluated before it; ``missed`` lie between the two.
    """

    group: RuleGroup
    slot_ms: int
    spacing_ms: int
    token: int
    last_ms: int
    missed: int
    slow_seconds: float
    values: Mapping[str, str] = field(default_factory=dict)
    """Those of the slot before, as ``GroupState.values`` has them."""

    @property
    def at_ms(self) -> int:
        """The instant that its rules are asked for, and that what they record belongs to."""
        offset = self.group.query_offset_seconds or 0.0
        return self.slot_ms - round(offset * 1000)

    @property
    def lost_ms(self) -> int:
        """How much time has passed since the slot before, or would have."""
        return self.slot_ms - self.last_ms if self.last_ms else self.spacing_ms


def claim_due(clock: Clock, now: datetime) -> Iterator[Claim]:
    """Claim what is due, each group as it is asked for; whoever stops asking leaves the rest.

    The quick ones come first, so that a group that takes long delays none.
    """
    ensure_states()
    groups = RuleGroup.objects.filter(enabled=True).select_related("state")
    for group in sorted(groups, key=_seconds):
        if is_ahead(group, clock, now):
            bring_back(group, clock, now)
        claim = _claim(group, clock, now)
        if claim is not None:
            yield claim


def ensure_states() -> None:
    """Each group has a row for where it stands."""
    lacking = RuleGroup.objects.filter(state=None)
    if new := [GroupState(group=group) for group in lacking]:
        GroupState.objects.bulk_create(new, ignore_conflicts=True)


def _seconds(group: RuleGroup) -> tuple[float, int]:
    return (group.state.duration_seconds or 0.0, group.position)


def _claim(group: RuleGroup, clock: Clock, now: datetime) -> Claim | None:
    state: GroupState = group.state
    slot_ms = clock.slot(group.interval_ms)
    if slot_ms <= state.claimed_slot_ms:
        return None
    apart = spacing(group.interval_ms, clock.history_ms)
    # Whoever has read an older token has lost: a slot has one token, a token one slot. So has
    # whoever read before the slot of this token was written: it would count as missed.
    free = Q(claimed_until=None) | Q(claimed_until__lte=now)
    taken = GroupState.objects.filter(
        free,
        group=group,
        token=state.token,
        last_slot_ms=state.last_slot_ms,
        claimed_slot_ms__lt=slot_ms,
    ).update(
        claimed_slot_ms=slot_ms,
        claimed_until=now + lasting(group, clock),
        token=F("token") + 1,
    )
    if not taken:
        return None
    last_ms = state.last_slot_ms
    between = missed(last_ms, slot_ms, apart)
    token, seconds, values = state.token + 1, state.duration_seconds or 0.0, dict(state.values)
    return Claim(group, slot_ms, apart, token, last_ms, between, seconds, values)


def give_up(claims: Iterable[Claim]) -> None:
    """Let others claim the next slots at once; these slots count as missed."""
    for claim in claims:
        held = GroupState.objects.filter(group=claim.group, token=claim.token)
        held.update(claimed_until=None)
