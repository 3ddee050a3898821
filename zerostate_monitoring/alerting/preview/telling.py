"""How many messages a rule would have made, by the routes and silences as they are now.

It groups, waits and repeats as the delivery does, of this rule's alerts alone, all receivers
answer at once, and nobody acknowledges. What other rules would have added to a group is not
known: with that, some of these would have been one message.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from zerostate_monitoring.alerting.preview.grouping import Heard, Noise, escalated, hear
from zerostate_monitoring.alerting.preview.values import Incident, Told
from zerostate_monitoring.alerting.routing import Routing, Taken, load
from zerostate_monitoring.alerting.suppression import load as suppressing
from zerostate_monitoring.models import Alert, Receiver
from zerostate_monitoring.models.receiver import ALL_LABELS
from zerostate_monitoring.rules.definitions import AlertingRule

Suppressed = Callable[[Mapping[str, str]], str]
"""The kind of what holds an alert with these labels back; empty if nothing does."""


@dataclass(frozen=True, slots=True)
class Would:
    """Who would have been told, how often."""

    told: tuple[Told, ...] = ()
    unrouted: int = 0
    suppressed: Mapping[str, int] = field(default_factory=dict)
    remarks: tuple[str, ...] = ()


def would_tell(
    incidents: Sequence[Incident], rule: AlertingRule, end_ms: int, now: datetime
) -> Would:
    """As things are now; a constant number of queries."""
    fired = [one for one in incidents if one.fired_ms is not None]
    if not fired:
        return Would()
    quiet = set(Receiver.objects.filter(send_resolved=False).values_list("pk", flat=True))
    return told_of(fired, load(), suppression(rule.name, now), quiet, end_ms)


def suppression(name: str, now: datetime) -> Suppressed:
    """What silences, windows and inhibitions hold back now; not that a rule is observed."""
    suppressions = suppressing(now)

    def kind(labels: Mapping[str, str]) -> str:
        reason = suppressions.reason_for(Alert(rule_name=name, labels=labels))
        return "" if reason is None else reason.kind

    return kind


def told_of(
    fired: Iterable[Incident],
    routing: Routing,
    suppressed: Suppressed,
    quiet: set[int],
    end_ms: int,
) -> Would:
    """The messages that ``fired`` would have made. Pure.

    ``quiet`` are the receivers that are not told when an alert resolves.
    """
    groups: dict[tuple[int, tuple[str, ...]], tuple[Taken, list[Incident]]] = {}
    unrouted, held = 0, Counter[str]()
    for one in fired:
        labels = dict(one.labels)
        taken = routing.of(labels)
        unrouted += not taken
        if kind := suppressed(labels):
            held[kind] += 1
            continue
        for each in taken:
            groups.setdefault((each.route.pk, _group(each, labels)), (each, []))[1].append(one)
    counts = Counter[str]()
    for taken_by, members in groups.values():
        counts += _counted(taken_by, members, quiet, end_ms)
    told = [Told(name, n) for name, n in sorted(counts.items(), key=lambda item: (-item[1], item))]
    return Would(tuple(told), unrouted, dict(held))


def _group(taken: Taken, labels: Mapping[str, str]) -> tuple[str, ...]:
    names = taken.route.group_by
    if ALL_LABELS in names:
        return tuple(f"{name}={value}" for name, value in sorted(labels.items()))
    return tuple(labels.get(name, "") for name in names)


def _counted(
    taken: Taken, members: Sequence[Incident], quiet: set[int], end_ms: int
) -> Counter[str]:
    """Messages by receiver: the first step's, and those of who is told when nobody answers."""
    counts, heard = Counter[str](), Heard()
    noise = [Noise(one.fired_ms or 0, one.ended_ms) for one in members]
    for place, step in enumerate(taken.steps):
        if place and step.after_seconds is None:
            # For failures alone; the time of those behind it counts from the one before.
            continue
        if place:
            noise = escalated(heard.told, round(1000 * (step.after_seconds or 0)), end_ms)
        resolved = step.receiver_id not in quiet
        heard = hear(noise, taken.route, end_ms, resolved=resolved, at_once=bool(place))
        if heard.messages:
            counts[step.receiver_name or str(step.receiver_id)] += heard.messages
    return counts
