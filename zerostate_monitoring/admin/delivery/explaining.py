"""What a message's state means, in sentences: why it is there, and what to do."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from zerostate_monitoring.admin import display, words
from zerostate_monitoring.conf import conf
from zerostate_monitoring.models import Message
from zerostate_monitoring.models.outbox import MessageState, OutboxState

MESSAGE_TONES: Final = {
    MessageState.DUE: "warn",
    MessageState.LEASED: "none",
    MessageState.SENT: "good",
    MessageState.DEAD: "bad",
    MessageState.SUPERSEDED: "off",
}
_MAY_PASS: Final = frozenset({408, 425, 429})
ENTRY_TONES: Final = {
    OutboxState.DUE: "none",
    OutboxState.FROZEN: "none",
    OutboxState.SENT: "good",
    OutboxState.SUPERSEDED: "off",
    OutboxState.SUPPRESSED: "off",
    OutboxState.DEAD: "bad",
}


def state_badge(message: Message) -> SafeString:
    """Where a message stands. A new one that is due is no cause for concern."""
    state = MessageState(message.state)
    if state is MessageState.DEAD and message.closed_at is not None:
        return display.badge("off", _("closed"), _("A dead letter that somebody has seen to."))
    tone = MESSAGE_TONES[state]
    if state is MessageState.DUE and not message.attempts:
        tone = "none"
    return display.badge(tone, str(state.label))


def entry_badge(state: str, reason: str = "") -> SafeString:
    """Where an outbox entry stands."""
    known = OutboxState(state)
    return display.badge(ENTRY_TONES[known], str(known.label), reason)


def sentence(message: Message, now: datetime) -> str:
    """What is, in one sentence."""
    said = {
        MessageState.DUE: _due,
        MessageState.LEASED: _leased,
        MessageState.SENT: _sent,
        MessageState.DEAD: _dead,
        MessageState.SUPERSEDED: _superseded,
    }
    return said[MessageState(message.state)](message, now)


def tries(message: Message) -> str:
    """How often it was tried."""
    n = message.attempts
    return ngettext("%(n)d try", "%(n)d tries", n) % {"n": n}


def _due(message: Message, now: datetime) -> str:
    at = message.next_try_at
    when = _("now") if at is None or at <= now else _("at %s") % words.clock(at)
    if not message.attempts:
        return _("It is tried for the first time %s.") % when
    given_up = (message.resent_at or message.created_at) + timedelta(
        seconds=conf.DELIVERY_GIVE_UP_SECONDS
    )
    values = {"tries": tries(message), "when": when, "end": words.clock(given_up)}
    return _("%(tries)s so far; the next one %(when)s. It is given up at %(end)s.") % values


def _leased(message: Message, now: datetime) -> str:
    until = words.clock(message.lease_until)
    return (
        _("A worker is sending it. If nothing is heard of it until %s, another one does.") % until
    )


def _sent(message: Message, now: datetime) -> str:
    at = message.sent_at or message.created_at
    took = display.age(max((at - message.created_at).total_seconds(), 0))
    values = {"name": message.receiver_name, "at": words.clock(at), "tries": tries(message)}
    if message.attempts <= 1:
        return _("%(name)s took it at %(at)s.") % values
    return _("%(name)s took it at %(at)s, after %(tries)s in %(took)s.") % {**values, "took": took}


def _dead(message: Message, now: datetime) -> str:
    values = {"name": message.receiver_name, "at": words.clock(message.ended_at)}
    if not message.attempts:
        return _("It was never tried, and ended at %(at)s.") % values
    return _("%(name)s did not take it: %(tries)s, given up at %(at)s.") % {
        **values,
        "tries": tries(message),
    }


def _superseded(message: Message, now: datetime) -> str:
    return _("It is not sent: what it was to tell is told by another message, if it is still so.")


def advice(message: Message, *, is_composed: bool | None = None) -> str:
    """What to do about a dead letter; whether it has bytes may be known without reading them."""
    if message.receiver is None:
        return _(
            "Its receiver was deleted. Put another one into the route: it is told of what fires "
            "from now on. Then close this one."
        )
    if not message.receiver.enabled:
        return _("Its receiver is disabled. Enable it, then send this again; or close it.")
    if not (bool(message.payload) if is_composed is None else is_composed):
        return _(
            "It could not be composed. Mend the receiver's configuration, and send it again: it "
            "is composed anew."
        )
    status = message.status or 0
    if message.receiver.kind == "email" and status >= _REFUSED_MAIL:
        return _refused()
    return _advice_by_status(status)


_REFUSED_MAIL: Final = 500
"""From this status on a mail server refuses for good, where one of the web may recover."""


def _advice_by_status(status: int) -> str:
    if status in {401, 403}:
        return _(
            "The receiver refused our credentials. Enter the secret anew, send a test message, "
            "then send this again."
        )
    if status in {404, 410}:
        return _(
            "There is nothing at its address any more. Correct the address, send a test message, "
            "then send this again."
        )
    if 400 <= status < 500 and status not in _MAY_PASS:
        return _refused()
    return _(
        "It did not work for as long as is tried (ZEROSTATE_MONITORING_DELIVERY_GIVE_UP_SECONDS). "
        "Send the receiver a test message; when it is taken, send this again."
    )


def _refused() -> str:
    return _(
        "The receiver will refuse the same bytes again. Read its answer and look at the "
        "receiver's configuration before you send it again."
    )
