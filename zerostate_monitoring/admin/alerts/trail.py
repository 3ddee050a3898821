"""The events of an alert as a table with words; ``strip`` has them as a picture."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from operator import itemgetter
from typing import Any, Final

from django.utils import timezone
from django.utils.translation import gettext as _

from zerostate_monitoring.admin import display, words
from zerostate_monitoring.models import AlertEvent, Silence
from zerostate_monitoring.models.words import EndReason, EventKind, Verdict, in_words

Detail = dict[str, Any]

_VALUED: Final = frozenset({EventKind.PENDING, EventKind.FIRING, EventKind.BACK_TO_PENDING})
_OF_A_SLOT: Final = _VALUED | {EventKind.RESOLVED}
_TONES: Final = {
    EventKind.PENDING: "warn",
    EventKind.FIRING: "bad",
    EventKind.RESOLVED: "good",
    EventKind.UNROUTED: "bad",
    EventKind.DEAD: "bad",
    EventKind.ESCALATED: "warn",
}


def trail_of(
    events: Iterable[AlertEvent], silences: Iterable[Silence] = (), unit: str = ""
) -> list[dict[str, Any]]:
    """Each event with its time, its word, who did it, and what there is to say."""
    found = [
        (
            event.at,
            {
                "kind": display.badge(_TONES.get(EventKind(event.kind), "none"), _word(event)),
                "actor": event.actor or "",
                "text": _with_slot(event, unit),
            },
        )
        for event in events
    ]
    found += [(one.created_at, _silenced(one)) for one in silences]
    return [{"at": words.clock(at), **row} for at, row in sorted(found, key=itemgetter(0))]


def _silenced(row: Silence) -> dict[str, Any]:
    said = _("until %(at)s: %(why)s") % {"at": words.clock(row.ends_at), "why": row.comment}
    return {"kind": display.badge("off", _("silenced")), "actor": row.author, "text": said}


def _with_slot(event: AlertEvent, unit: str) -> str:
    """What it says, and the slot that was evaluated where it is an outcome of that."""
    said = text_of(event, unit)
    if event.slot_ms is None or EventKind(event.kind) not in _OF_A_SLOT:
        return said
    slot = timezone.localtime(datetime.fromtimestamp(event.slot_ms / 1000, UTC))
    of = _("slot %s") % slot.strftime("%H:%M:%S")
    return f"{said}, {of}" if said else of


def _word(event: AlertEvent) -> str:
    return str(EventKind(event.kind).label)


def text_of(event: AlertEvent, unit: str = "") -> str:
    """What an event says beside its word; ``unit`` is that of the alert's values."""
    detail = event.detail if isinstance(event.detail, dict) else {}
    if EventKind(event.kind) in _VALUED:
        return _value(detail, unit)
    say = _SAYING.get(EventKind(event.kind))
    return say(detail) if say else in_words(str(detail.get("reason", "")))


def _value(detail: Detail, unit: str) -> str:
    text = detail.get("value")
    return "" if text is None else _("value %s") % words.number_text(str(text), unit)


def _ended(detail: Detail) -> str:
    reason = str(detail.get("reason", ""))
    known = {one.value: str(one.label) for one in EndReason}
    return known.get(reason, reason)


def _gap(detail: Detail) -> str:
    seconds = detail.get("seconds")
    if not isinstance(seconds, int | float):
        return ""
    return _("%s do not count") % display.age(seconds)


def _taken(detail: Detail) -> str:
    comment, until = str(detail.get("comment", "")), detail.get("until")
    said = [comment] if comment else []
    if until:
        said.append(_("until %s") % _clock(str(until)))
    return ", ".join(said)


def _clock(text: str) -> str:
    try:
        return words.clock(datetime.fromisoformat(text))
    except ValueError:
        return text


def _message(detail: Detail) -> str:
    receiver, status = detail.get("receiver", ""), detail.get("status")
    answer = in_words(str(detail.get("answer", "")))
    said = [_("to %s") % receiver if receiver else "", str(status or ""), answer]
    return ", ".join(part for part in said if part)


def _verdict(detail: Detail) -> str:
    known = {str(one.value): str(one.label) for one in Verdict}
    return known.get(str(detail.get("verdict", "")), "")


_SAYING: Final[dict[EventKind, Callable[[Detail], str]]] = {
    EventKind.RESOLVED: _ended,
    EventKind.EXPIRED: _ended,
    EventKind.GAP: _gap,
    EventKind.ACKNOWLEDGED: _taken,
    EventKind.COMMENTED: lambda detail: str(detail.get("comment", "")),
    EventKind.VERDICT: _verdict,
    EventKind.SENT: _message,
    EventKind.DEAD: _message,
    EventKind.ESCALATED: _message,
}
