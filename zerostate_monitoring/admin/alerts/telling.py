"""Who was to be told of an alert, and what became of it: a line for each."""

from __future__ import annotations

from typing import Any, Final

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from zerostate_monitoring.admin import display, words
from zerostate_monitoring.models import Alert, OutboxEntry
from zerostate_monitoring.models.outbox import Message, OutboxState
from zerostate_monitoring.models.words import in_words

_MOST: Final = 100
_TONES: Final = {
    OutboxState.DUE: "none",
    OutboxState.FROZEN: "none",
    OutboxState.SENT: "good",
    OutboxState.SUPERSEDED: "off",
    OutboxState.SUPPRESSED: "off",
    OutboxState.DEAD: "bad",
}


def tellings_of(alert: Alert) -> list[dict[str, Any]]:
    """Each transition and receiver: what was to be told, how it went, and what was answered."""
    entries = alert.outbox.select_related("receiver", "group__route", "message")
    rows: list[OutboxEntry] = list(entries.order_by("-pk")[:_MOST])[::-1]
    return [
        {
            "at": words.clock(entry.created_at),
            "receiver": entry.receiver.name,
            "route": entry.group.route.name if entry.group.route else display.EMPTY,
            "step": entry.step + 1,
            "notice": entry.get_notice_display(),
            "state": _state(entry),
            "why": _why(entry),
            "message": entry.message_id,
        }
        for entry in rows
    ]


def _state(entry: OutboxEntry) -> SafeString:
    state = OutboxState(entry.state)
    return display.badge(_TONES[state], str(state.label))


def _why(entry: OutboxEntry) -> str:
    message: Message | None = entry.message
    said = [in_words(entry.reason)]
    if message is not None:
        if message.sent_at:
            said.append(_("sent at %s") % words.clock(message.sent_at))
        said += [str(message.status or ""), in_words(message.answer)[:200]]
        if message.attempts > 1:
            said.append(_("%(n)d tries") % {"n": message.attempts})
    elif entry.state == OutboxState.DUE:
        flush = entry.group.flush_at
        said.append(_("leaves at %s") % words.clock(flush) if flush else "")
    return ", ".join(bare for part in said if (bare := part.strip().rstrip(".")))
