"""The state machine of alerts: what stands, and what is found, to what stands then.

Source of the rules: ``Eval`` of ``rules/alerting.go`` in Prometheus 3.14. Pure: times are
slots of evaluation in milliseconds, and nothing is changed in place. What ended is history
and no longer among the live. Two things are not Prometheus's: a limit that is exceeded keeps
what stands, and so do gaps and missing data; see docs/alerts.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, Literal

from zerostate_monitoring.exceptions import RuleError
from zerostate_monitoring.frames.exemplar import Labels
from zerostate_monitoring.models.words import AlertState, EndReason, EventKind

COUNTED_GAP: Final = 4
"""So many intervals without an evaluation still count towards ``for``."""


@dataclass(frozen=True, slots=True)
class Present:
    """One series that an expression gives now. ``key`` is the fingerprint of its labels."""

    key: str
    labels: Labels
    annotations: Mapping[str, str]
    value: float


@dataclass(frozen=True, slots=True)
class Live:
    """One alert that is pending or firing; all times in ms.

    ``active_ms`` counts towards ``for`` and moves on where time does not count,
    ``started_ms`` never does. ``keep_ms`` is since when it fires on without being found.
    ``held`` says why it lasts although nothing is known of it; empty where it does not.
    """

    key: str
    labels: Labels
    annotations: Mapping[str, str]
    value: float
    state: AlertState
    started_ms: int
    active_ms: int
    fired_ms: int | None = None
    keep_ms: int | None = None
    held: str = ""


@dataclass(frozen=True, slots=True)
class Hold:
    """What a rule says of time and number: ``for``, ``keep_firing_for``, most alerts (0: any)."""

    for_ms: int = 0
    keep_ms: int = 0
    limit: int = 0


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that happened to an alert, which then was ``live``; why it ended if it did."""

    kind: EventKind
    live: Live
    end_reason: EndReason | Literal[""] = ""


@dataclass(frozen=True, slots=True)
class Step:
    """What is live after an evaluation, by key, and what has changed by it."""

    live: dict[str, Live] = field(default_factory=dict)
    changes: tuple[Change, ...] = ()


def advance(live: Mapping[str, Live], present: Sequence[Present], hold: Hold, at_ms: int) -> Step:
    """One evaluation that gave ``present`` at ``at_ms``.

    Raises:
        RuleError: two of ``present`` have the same labels, or there would be more alerts than
            ``hold.limit``. Nothing of the rule changes then.
    """
    found = _by_key(present)
    step, changes = dict[str, Live](), list[Change]()
    for one in (*_before(live, found), *_new(live, found, at_ms)):
        before = live.get(one.key)
        after = _moved(one, hold, at_ms, absent=one.key not in found)
        if before is not None and before.held:
            changes.append(Change(EventKind.RELEASED, one))
        if after is None:
            changes.append(_ended(one))
            continue
        step[one.key] = after
        if before is None or before.state is not after.state:
            changes.append(Change(_kind(before, after), after))
    if hold.limit and len(step) > hold.limit:
        raise RuleError(
            f"The rule gives {len(step)} alerts, its limit is {hold.limit}: raise the limit, or "
            "let the expression give less. What fired before is kept as it was."
        )
    return Step(step, tuple(changes))


def _by_key(present: Sequence[Present]) -> dict[str, Present]:
    found = dict[str, Present]()
    for one in present:
        if found.setdefault(one.key, one) is not one:
            text = ", ".join(f'{name}="{value}"' for name, value in one.labels)
            raise RuleError(
                f"Two series have the same labels once the rule's own are added: {{{text}}}. "
                "Let the expression keep a label that tells them apart."
            )
    return found


def _before(live: Mapping[str, Live], found: Mapping[str, Present]) -> Iterator[Live]:
    """What was live before, with what is known of it now; its labels are those of its key."""
    for key, one in live.items():
        now = found.get(key)
        if now is None:
            yield replace(one, held="") if one.held else one
        else:
            yield replace(
                one,
                labels=now.labels,
                annotations=now.annotations,
                value=now.value,
                keep_ms=None,
                held="",
            )


def _new(live: Mapping[str, Live], found: Mapping[str, Present], at_ms: int) -> Iterator[Live]:
    for key, one in found.items():
        if key not in live:
            yield Live(
                key, one.labels, one.annotations, one.value, AlertState.PENDING, at_ms, at_ms
            )


def _moved(one: Live, hold: Hold, at_ms: int, *, absent: bool) -> Live | None:
    """The alert after an evaluation; ``None`` if it ends."""
    if absent:
        if one.state is not AlertState.FIRING or not hold.keep_ms:
            return None
        since = at_ms if one.keep_ms is None else one.keep_ms
        if at_ms - since >= hold.keep_ms:
            return None
        one = replace(one, keep_ms=since)
    lasted = at_ms - one.active_ms
    if one.state is AlertState.PENDING and lasted >= hold.for_ms:
        return replace(one, state=AlertState.FIRING, fired_ms=at_ms)
    if one.state is AlertState.FIRING and lasted < hold.for_ms:
        # ``for`` was raised since it fired.
        return replace(one, state=AlertState.PENDING, fired_ms=None, keep_ms=None)
    return one


def _kind(before: Live | None, after: Live) -> EventKind:
    if after.state is AlertState.FIRING:
        return EventKind.FIRING
    return EventKind.PENDING if before is None else EventKind.BACK_TO_PENDING


def _ended(one: Live, reason: EndReason = EndReason.RESOLVED) -> Change:
    """An alert that was pending never was a matter to resolve."""
    fired = one.state is AlertState.FIRING
    return Change(EventKind.RESOLVED if fired else EventKind.EXPIRED, one, reason)


# -- what Prometheus does not know -----------------------------------------------


def bridge(live: Mapping[str, Live], at_ms: int, since_ms: int, interval_ms: int) -> Step:
    """What stands after a gap since the evaluation at ``since_ms``, before the one at ``at_ms``.

    A gap of at most ``COUNTED_GAP`` intervals is nothing. Of a longer one only what one
    interval takes counts towards ``for`` and ``keep_firing_for``. What began after ``at_ms``, by
    a clock that ran ahead and came back, begins at ``at_ms``.
    """
    if early := _recalled(live, at_ms):
        after = bridge({**live, **early}, at_ms, since_ms, interval_ms)
        changes = (Change(EventKind.GAP, one) for one in early.values())
        return Step(after.live, (*changes, *after.changes))
    if not since_ms or at_ms - since_ms <= COUNTED_GAP * interval_ms:
        return Step(dict(live))
    return _later(live, at_ms - since_ms - interval_ms)


def _later(live: Mapping[str, Live], lost_ms: int) -> Step:
    step, changes = dict(live), list[Change]()
    for key, one in live.items():
        moved = shifted(one, lost_ms)
        if moved is not one:
            step[key] = moved
            changes.append(Change(EventKind.GAP, moved))
    return Step(step, tuple(changes))


def _recalled(live: Mapping[str, Live], at_ms: int) -> dict[str, Live]:
    """Alerts with times after ``at_ms``, moved back by as much; what they lasted stays."""
    found = dict[str, Live]()
    for key, one in live.items():
        fired_ms, keep_ms = one.fired_ms or 0, one.keep_ms or 0
        if max(one.started_ms, one.active_ms, fired_ms, keep_ms) <= at_ms:
            continue
        ahead = max(0, (fired_ms or one.active_ms) - at_ms)
        found[key] = replace(
            one,
            started_ms=min(one.started_ms, at_ms),
            active_ms=one.active_ms - ahead,
            fired_ms=None if one.fired_ms is None else one.fired_ms - ahead,
            keep_ms=None if one.keep_ms is None else min(keep_ms, at_ms),
        )
    return found


def shifted(one: Live, lost_ms: int) -> Live:
    """The alert as if ``lost_ms`` had not passed: the same one where no time of it runs."""
    if one.state is AlertState.PENDING:
        return replace(one, active_ms=one.active_ms + lost_ms)
    if one.keep_ms is not None:
        return replace(one, keep_ms=one.keep_ms + lost_ms)
    return one


def keep(live: Mapping[str, Live], why: str, lost_ms: int) -> Step:
    """What stands where nothing is known: all of it, and the ``lost_ms`` do not count.

    ``why`` is a short text for people; ``lost_ms`` the time since the evaluation before.
    """
    step, changes = dict[str, Live](), list[Change]()
    for key, one in live.items():
        moved = replace(shifted(one, lost_ms), held=why)
        step[key] = moved
        if not one.held:
            changes.append(Change(EventKind.HELD, moved))
    return Step(step, tuple(changes))


def fire(
    live: Mapping[str, Live], marker: Present, hold: Hold, at_ms: int, why: str, lost_ms: int
) -> Step:
    """What stands where nothing is known and that is a reason to fire: ``marker`` does.

    The others are kept as by ``keep``. The marker waits out ``for``, and ends with the first
    evaluation that does not give it.
    """
    others = {key: one for key, one in live.items() if key != marker.key}
    own = {key: one for key, one in live.items() if key == marker.key}
    return joined((keep(others, why, lost_ms), advance(own, (marker,), hold, at_ms)))


def advance_sparing(
    live: Mapping[str, Live],
    present: Sequence[Present],
    hold: Hold,
    at_ms: int,
    *,
    born_before_ms: int,
    why: str,
    lost_ms: int,
) -> Step:
    """``advance``, but an alert that began before ``born_before_ms`` does not end by it.

    That is for a history that begins so late that the expression cannot find again what it
    found before. New alerts begin, and those that are found go on.
    """
    found = {one.key for one in present}
    spared = {
        key: one
        for key, one in live.items()
        if key not in found and one.started_ms < born_before_ms
    }
    rest = {key: one for key, one in live.items() if key not in spared}
    return joined((keep(spared, why, lost_ms), advance(rest, present, hold, at_ms)))


def close(live: Mapping[str, Live], reason: EndReason) -> Step:
    """The end of all, for a reason that is not theirs."""
    return Step({}, tuple(_ended(one, reason) for one in live.values()))


def joined(steps: Iterable[Step]) -> Step:
    """Steps of different alerts, or of the same alerts one after another, as one."""
    live, changes = dict[str, Live](), list[Change]()
    for step in steps:
        live.update(step.live)
        changes.extend(step.changes)
    return Step(live, tuple(changes))
