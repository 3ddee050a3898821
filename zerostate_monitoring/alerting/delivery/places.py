"""Which alerts are one message, and when it is flushed. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final

from zerostate_monitoring.alerting.routing.values import Routed
from zerostate_monitoring.models import NotificationGroup, Route
from zerostate_monitoring.models.receiver import ALL_LABELS

Labels = tuple[tuple[str, str], ...]

_WITHOUT_ROUTE: Final = Routed(pk=0, name="")


@dataclass(frozen=True, slots=True)
class Place:
    """A notification group as a value: a receiver of a route, and labels that alerts share."""

    key: str
    route_id: int | None
    receiver_id: int
    labels: Labels
    wait: timedelta
    interval: timedelta
    repeat: timedelta | None
    """``None``: that an alert still fires is not told again, for its route is gone."""


def place_of(route: Routed, receiver_id: int, labels: Mapping[str, str]) -> Place:
    """Where an alert with ``labels`` belongs for this receiver of this route."""
    shared = group_labels(labels, route.group_by)
    return _place(group_key(route.pk, receiver_id, shared), route, receiver_id, shared)


def place_of_row(group: NotificationGroup, receiver_id: int | None = None) -> Place:
    """An existing group as a place, or the same labels for another receiver of its route.

    A group keeps its key when its route is deleted.
    """
    labels = tuple(sorted((str(name), str(text)) for name, text in group.labels.items()))
    route = _WITHOUT_ROUTE if group.route is None else routed(group.route)
    if receiver_id is None or receiver_id == group.receiver_id:
        return _place(group.key, route, group.receiver_id, labels)
    return _place(group_key(route.pk, receiver_id, labels), route, receiver_id, labels)


def routed(route: Route) -> Routed:
    """What a route's row says of its messages."""
    return Routed(
        pk=route.pk,
        name=route.name,
        group_wait_seconds=route.group_wait_seconds,
        group_interval_seconds=route.group_interval_seconds,
        repeat_interval_seconds=route.repeat_interval_seconds,
    )


def _place(key: str, route: Routed, receiver_id: int, labels: Labels) -> Place:
    return Place(
        key=key,
        route_id=route.pk or None,
        receiver_id=receiver_id,
        labels=labels,
        wait=timedelta(seconds=route.group_wait_seconds),
        interval=timedelta(seconds=route.group_interval_seconds),
        repeat=timedelta(seconds=route.repeat_interval_seconds) if route.pk else None,
    )


def group_labels(labels: Mapping[str, str], group_by: Sequence[str]) -> Labels:
    """The labels that a group shares; one that an alert lacks is empty."""
    names = labels.keys() if ALL_LABELS in group_by else group_by
    return tuple((name, str(labels.get(name, ""))) for name in sorted(names))


def group_key(route_id: int, receiver_id: int, labels: Labels) -> str:
    """The key of a group: the same in each process and after each restart."""
    return digest(route_id, receiver_id, labels)


def digest(*parts: object) -> str:
    """64 hex digits of values that JSON knows."""
    return sha256(json.dumps(parts, separators=(",", ":")).encode()).hexdigest()


def flush_time(
    place: Place,
    now: datetime,
    *,
    flush_at: datetime | None,
    flushed_at: datetime | None,
    at_once: bool = False,
) -> datetime:
    """When a group is flushed that has something new to tell.

    One that was flushed within its interval waits for the end of it; any other one waits for
    more to come, so that one message tells it all. An earlier flush stays.
    """
    wanted = now + place.wait
    if at_once:
        wanted = now
    elif flushed_at is not None and flushed_at + place.interval > now:
        wanted = flushed_at + place.interval
    return wanted if flush_at is None else min(flush_at, wanted)
