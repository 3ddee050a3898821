"""What the page of delivery shows, line by line, as text ready for its template."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from zerostate_monitoring.admin import display, receiver_state, words
from zerostate_monitoring.admin.delivery import explaining
from zerostate_monitoring.admin.delivery.standing import MOST_UNTOLD, MOST_WAITING, Counts, Tally
from zerostate_monitoring.charts.text import printable
from zerostate_monitoring.models import Message
from zerostate_monitoring.models.outbox import MessageState, OutboxState
from zerostate_monitoring.models.words import in_words

_LATE: Final = timedelta(minutes=5)
_NONE: Final = Tally()


@dataclass(frozen=True, slots=True)
class Sign:
    """One number of the outbox: where it leads, and what it means."""

    title: str
    badge: SafeString
    text: str
    query: str


def signs(counted: Counts, now: datetime) -> list[Sign]:
    """Waiting, being sent, sent, dead."""
    due = counted.all.get(MessageState.DUE, _NONE)
    leased = counted.all.get(MessageState.LEASED, _NONE)
    sent = counted.all.get(MessageState.SENT, _NONE)
    dead = counted.all.get(MessageState.DEAD, _NONE)
    return [
        _sign(_("Messages that wait"), due, _tone(due, now), _waits(due, now), "due"),
        _sign(_("Messages being sent"), leased, _tone(leased, now), _waits(leased, now), "leased"),
        _sign(
            _("Messages sent in the last hour"),
            sent,
            "good" if sent.n else "none",
            _("Taken by their receivers; without those of the canary."),
            "sent",
        ),
        _sign(_("Dead letters"), dead, "bad" if dead.n else "good", _dead(dead, now), "dead"),
    ]


def _sign(title: str, tally: Tally, tone: str, text: str, state: str) -> Sign:
    return Sign(title, display.badge(tone, display.number(tally.n)), text, f"state__exact={state}")


def _tone(tally: Tally, now: datetime) -> str:
    if tally.oldest is None:
        return "good"
    return "warn" if now - tally.oldest > _LATE else "none"


def _waits(tally: Tally, now: datetime) -> str:
    if tally.oldest is None:
        return _("Nothing.")
    age = display.age(max(int((now - tally.oldest).total_seconds()), 0))
    return _("The oldest is %s old.") % age


def _dead(tally: Tally, now: datetime) -> str:
    if tally.oldest is None:
        return _("Nothing was given up.")
    return _("Messages that were given up, and that nobody has seen to: see below.")


@dataclass(frozen=True, slots=True)
class ReceiverLine:
    """A receiver: its state, its last answer, and what is on its way to it."""

    row: Any
    badge: SafeString
    why: str
    since: SafeString | str
    success: SafeString | str
    where: str
    answer: str
    answered: SafeString | str
    way: str
    dead: int


def receiver_lines(rows: Iterable[Any], counted: Counts, now: datetime) -> list[ReceiverLine]:
    """Receivers that fail come first."""
    found = [_receiver(row, counted, now) for row in rows]
    return sorted(found, key=lambda one: (one.since == display.EMPTY, not one.dead))


def _receiver(row: Any, counted: Counts, now: datetime) -> ReceiverLine:
    tone, word, why = receiver_state.state_of(row, now)
    known = receiver_state.known_state(row)
    mine = counted.of.get(row.pk, {})
    failing = known.failing_since if known is not None else None
    if failing is None and receiver_state.refused_the_last(row):
        failing = row.refused_since
    return ReceiverLine(
        row=row,
        badge=display.badge(tone, word),
        why=printable(why[: receiver_state.MOST_ANSWER]),
        since=words.ago(failing, now),
        success=words.ago(known.last_success_at if known is not None else None, now),
        where=printable(receiver_state.destination_text(row)[: receiver_state.MOST_ANSWER]),
        answer=_answer(row.last_status, row.last_answer),
        answered=words.ago(row.last_at, now),
        way=_way(row, mine.get(MessageState.DUE, _NONE), mine.get(MessageState.LEASED, _NONE), now),
        dead=mine.get(MessageState.DEAD, _NONE).n,
    )


def _answer(status: int | None, answer: str | None) -> str:
    return receiver_state.answer_text(status, answer) or display.EMPTY


def _way(row: Any, due: Tally, leased: Tally, now: datetime) -> str:
    parts = []
    if row.waiting:
        said = ngettext("%(n)d notice", "%(n)d notices", row.waiting) % {"n": row.waiting}
        at = row.leaves_at
        leave = _("leaves now") if at is None or at <= now else _("leaves at %s") % words.clock(at)
        parts.append(f"{said}: {leave}")
    if due.n:
        parts.append(ngettext("%(n)d message waits", "%(n)d messages wait", due.n) % {"n": due.n})
    if leased.n:
        parts.append(_("%(n)d being sent") % {"n": leased.n})
    return ", ".join(parts) or display.EMPTY


@dataclass(frozen=True, slots=True)
class WaitingLine:
    """A message on its way."""

    message: Message
    subject: str
    badge: SafeString
    sentence: str
    answer: str


def waiting_lines(rows: Sequence[Message], now: datetime) -> dict[str, Any]:
    """What is on its way; whether there is more."""
    found = [
        WaitingLine(
            row,
            printable(row.subject or _("(could not be composed)")),
            explaining.state_badge(row),
            explaining.sentence(row, now),
            _answer(row.status, row.answer) if row.attempts else "",
        )
        for row in rows[:MOST_WAITING]
    ]
    return {"lines": found, "more": len(rows) > MOST_WAITING}


@dataclass(frozen=True, slots=True)
class UntoldLine:
    """A firing alert that nobody was told of: why, as far as one look says."""

    alert: Any
    labels: SafeString
    since: SafeString | str
    severity: SafeString | str
    badge: SafeString
    why: str


def untold_lines(rows: Sequence[Any]) -> dict[str, Any]:
    """Firing alerts of which no receiver was told; whether there are more."""
    return {"lines": [_untold(row) for row in rows[:MOST_UNTOLD]], "more": len(rows) > MOST_UNTOLD}


def _untold(row: Any) -> UntoldLine:
    tone, word, why = why_untold(row)
    return UntoldLine(
        row,
        words.what_of(row),
        words.ago(row.fired_at),
        words.severity_badge(row.severity),
        display.badge(tone, word),
        printable(why),
    )


def why_untold(row: Any) -> tuple[str, str, str]:
    """Tone, word and sentence, by what became of its newest notice."""
    if row.is_unrouted:
        return "bad", _("no receiver"), _("No route takes it: add one whose matchers it meets.")
    to = row.notice_receiver or ""
    said: dict[str | None, tuple[str, str, str]] = {
        OutboxState.SUPPRESSED: ("off", _("held back"), in_words(row.notice_reason or "")),
        OutboxState.DUE: ("none", _("waits"), _("It goes into the next message to %s.") % to),
        OutboxState.FROZEN: ("warn", _("on its way"), _("%s has not taken it yet.") % to),
        OutboxState.DEAD: ("bad", _("dead letter"), _("%s did not take it.") % to),
        OutboxState.SUPERSEDED: ("none", _("superseded"), in_words(row.notice_reason or "")),
    }
    if row.acknowledged_at is not None and row.notice_state is None:
        return "none", _("acknowledged"), _("Somebody did so before anybody was to be told.")
    nothing = ("warn", _("no notice"), _("Nothing was written for any receiver; see why."))
    return said.get(row.notice_state, nothing)
