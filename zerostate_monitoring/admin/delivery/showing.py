"""What the page of one message shows: how it went, whom it told of what, and its bytes."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from django.utils.translation import gettext as _

from zerostate_monitoring.admin import display, words
from zerostate_monitoring.admin.delivery import explaining
from zerostate_monitoring.admin.holding.silences import silence_alert_url
from zerostate_monitoring.alerting.delivery.resending import is_stale
from zerostate_monitoring.models import Alert, Attempt, Message, OutboxEntry
from zerostate_monitoring.models.outbox import MessageState
from zerostate_monitoring.models.words import AlertState, in_words

_MOST_TRIES: Final = 200
_MOST_ENTRIES: Final = 200
_MOST_TEXT: Final = 4_000

_OUTCOMES: Final = {
    "started": "none",
    "sent": "good",
    "failed": "warn",
    "lost": "warn",
    "too late": "warn",
    "refused": "bad",
    "given up": "bad",
}


def context_of(message: Message, now: datetime) -> dict[str, Any]:
    """All that the page shows."""
    is_dead = message.state == MessageState.DEAD
    entries = list(_entries(message))
    return {
        "sign": explaining.state_badge(message),
        "sentence": explaining.sentence(message, now),
        "is_dead": is_dead,
        "is_open_letter": is_dead and message.closed_at is None,
        "advice": explaining.advice(message) if is_dead else "",
        "remark": remark(message, entries) if is_dead else "",
        "tries": tries_of(message),
        "entries": entries,
        "facts": facts_of(message),
        "others": others_of(message),
        "text": text_of(message.payload),
        "payload": payload_text(message.payload),
    }


def tries_of(message: Message) -> list[dict[str, Any]]:
    """Each try and what came of it."""
    rows: list[Attempt] = list(message.tries.order_by("-pk")[:_MOST_TRIES])
    return [
        {
            "at": words.clock(row.started_at),
            "outcome": display.badge(_OUTCOMES.get(row.outcome, "none"), row.outcome),
            "took": display.duration(row.seconds),
            "status": display.EMPTY if row.status is None else row.status,
            "answer": in_words(row.answer),
        }
        for row in rows
    ][::-1]


def _entries(message: Message) -> Sequence[dict[str, Any]]:
    rows = message.entries.select_related("alert").order_by("pk")[:_MOST_ENTRIES]
    return [_entry(row, row.alert) for row in rows]


def _entry(row: OutboxEntry, alert: Alert) -> dict[str, Any]:
    return {
        "alert": alert,
        "labels": words.what_of(alert),
        "notice": row.get_notice_display(),
        "state": explaining.entry_badge(row.state),
        "reason": in_words(row.reason),
        "now": words.state_badge(
            alert.state, acknowledged=alert.acknowledged_at is not None, severity=alert.severity
        ),
        "is_firing": alert.state == AlertState.FIRING,
        "silence_url": silence_alert_url(alert) if alert.is_live else "",
    }


def remark(message: Message, entries: Sequence[Mapping[str, Any]]) -> str:
    """What sending a dead letter again would do."""
    if is_stale(message):
        return _(
            "Sent again, it is composed anew: its receiver was told other things since, so only "
            "what is still so is told."
        )
    if entries and not any(entry["is_firing"] for entry in entries):
        return _("None of its alerts fires any more. Sent again, it says what was so then.")
    return ""


def facts_of(message: Message) -> list[tuple[str, str]]:
    """What stands in its row, as title and text."""
    group = message.group
    route = group.route.name if group is not None and group.route is not None else ""
    shown = [
        (_("Receiver"), message.receiver_name),
        (_("Route"), route),
        (_("Group"), _labels(group.labels) if group is not None else ""),
        (_("Purpose"), message.purpose),
        (_("Idempotency key"), message.key),
        (_("Created"), words.clock(message.created_at)),
        (_("Next try"), words.clock(message.next_try_at) if _is_open(message) else ""),
        (_("Ended"), words.clock(message.ended_at)),
        (_("Passed on"), words.clock(message.passed_on_at)),
        (_("Sent again"), words.clock(message.resent_at)),
        (_("Closed"), words.clock(message.closed_at)),
        (_("Closed by"), message.closed_by),
        (_("Comment"), message.comment),
    ]
    return [(title, text) for title, text in shown if text and text != display.EMPTY]


def _is_open(message: Message) -> bool:
    return message.state in {MessageState.DUE, MessageState.LEASED}


def _labels(labels: Mapping[str, Any]) -> str:
    pairs = tuple((str(name), str(text)) for name, text in sorted(labels.items()))
    return display.labels_text(pairs) or _("one for all alerts of the route")


def others_of(message: Message) -> list[dict[str, Any]]:
    """The message that it stands for, and those that stand for it."""
    found = [(_("Stands for"), message.instead_of)] if message.instead_of else []
    found += [(_("Told instead"), other) for other in message.fallbacks.order_by("pk")]
    return [
        {
            "word": word,
            "message": other,
            "receiver": other.receiver_name,
            "state": explaining.state_badge(other),
        }
        for word, other in found
    ]


def text_of(payload: Mapping[str, Any]) -> str:
    """The message as a person reads it, where its kind has such a text."""
    for name in ("text", "body"):
        text = payload.get(name)
        if isinstance(text, str) and text:
            return text[:_MOST_TEXT]
    return ""


def payload_text(payload: Mapping[str, Any]) -> str:
    """The frozen payload as JSON; pictures and other long texts by their length."""
    return json.dumps(_shortened(payload), indent=2, ensure_ascii=False, sort_keys=True)


def _shortened(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(name): _shortened(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_shortened(one) for one in value]
    if isinstance(value, str) and len(value) > _MOST_TEXT:
        return _("%(begin)s… (%(n)d characters)") % {"begin": value[:80], "n": len(value)}
    return value
