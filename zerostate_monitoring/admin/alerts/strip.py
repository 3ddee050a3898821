"""An alert on one axis: states, who had taken it on, what held it back, who was told."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Final

from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from zerostate_monitoring.admin.alerts.trail import text_of
from zerostate_monitoring.admin.chart_words import chart_words
from zerostate_monitoring.charts.timeline import Bar, Row, Span, timeline
from zerostate_monitoring.models import Alert, AlertEvent, Silence
from zerostate_monitoring.models.words import EventKind

_STATES: Final = {
    EventKind.PENDING: "pending",
    EventKind.FIRING: "firing",
    EventKind.BACK_TO_PENDING: "pending",
}
_MARKS: Final = {
    EventKind.SENT: "told",
    EventKind.DEAD: "not told",
    EventKind.COMMENTED: "comment",
}


def strip_of(
    alert: Alert, events: Sequence[AlertEvent], silences: Sequence[Silence], now: datetime
) -> SafeString:
    """The picture; the table below it says the same in words."""
    end = alert.ended_at or now
    rows = rows_of(alert, events, silences, end)
    first = min((alert.started_at, *(event.at for event in events)))
    # What is told of its end comes after it.
    last = max((end, *(event.at for event in events)))
    room = max((last - first) * 0.03, timedelta(seconds=30))
    edge = last + room if alert.ended_at else last
    zone = timezone.get_current_timezone()
    span = Span(
        _ms(first - room),
        _ms(edge),
        zone=zone,
        width=900,
        margin=110,
        words=True,
        said=chart_words(),
    )
    # Made of numbers, words of this file and escaped texts alone.
    return mark_safe(timeline(rows, span, told=_("What happened to the alert over time")))  # noqa: S308


def rows_of(
    alert: Alert, events: Sequence[AlertEvent], silences: Sequence[Silence], end: datetime
) -> list[Row]:
    """States always; another row where there is something in it. Pure."""
    rows = [
        Row(_("state"), tuple(states(alert, events, end))),
        Row(
            _("acknowledged"),
            tuple(
                _between(
                    events,
                    (EventKind.ACKNOWLEDGED, EventKind.UNACKNOWLEDGED),
                    "acknowledged",
                    end,
                )
            ),
        ),
        Row(
            _("held back"),
            tuple(
                _between(events, (EventKind.SUPPRESSED, EventKind.UNSUPPRESSED), "held back", end)
            ),
        ),
        Row(_("silenced"), tuple(_while_silenced(silences, end))),
        Row(_("told"), tuple(_marks(events, {"told", "not told"}))),
        Row(_("comments"), tuple(_marks(events, {"comment"}))),
    ]
    return [rows[0], *(row for row in rows[1:] if row.bars)]


def states(alert: Alert, events: Sequence[AlertEvent], end: datetime) -> Iterator[Bar]:
    """Bars that follow each other; what the events lack, for there were many, the row knows."""
    kinds = ((_slot_ms(one), _STATES.get(EventKind(one.kind))) for one in events)
    changes = [(at, kind) for at, kind in kinds if kind]
    if not changes:
        fired = alert.fired_at
        changes = [(_ms(fired), "firing")] if fired else []
    if not changes or changes[0][0] > _ms(alert.started_at):
        changes.insert(0, (_ms(alert.started_at), "pending"))
    for (start, kind), (stop, _kind) in pairwise([*changes, (_ms(end), "")]):
        if start < stop:
            yield Bar(start, stop, kind)


def _slot_ms(event: AlertEvent) -> int:
    return event.slot_ms or _ms(event.at)


def _while_silenced(silences: Sequence[Silence], end: datetime) -> Iterator[Bar]:
    for row in silences:
        stop = min(row.ends_at, end)
        if row.starts_at < stop:
            yield Bar(_ms(row.starts_at), _ms(stop), "held back", row.comment[:200])


def _marks(events: Sequence[AlertEvent], wanted: set[str]) -> Iterator[Bar]:
    for event in events:
        kind = _MARKS.get(EventKind(event.kind))
        if kind in wanted:
            said = f"{EventKind(event.kind).label}: {text_of(event)}"
            yield Bar(_ms(event.at), _ms(event.at), kind, said[:200])


def _between(
    events: Sequence[AlertEvent], ends: tuple[EventKind, EventKind], kind: str, end: datetime
) -> Iterator[Bar]:
    begin, stop = ends
    since: datetime | None = None
    for event in events:
        if event.kind == begin and since is None:
            since = event.at
        elif event.kind == stop and since is not None:
            yield Bar(_ms(since), _ms(event.at), kind)
            since = None
    if since is not None and since < end:
        yield Bar(_ms(since), _ms(end), kind)


def _ms(at: datetime) -> int:
    return round(at.timestamp() * 1000)
