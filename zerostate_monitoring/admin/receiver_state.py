"""How a receiver is, in words: its state, where it is used, what goes if it goes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from zerostate_monitoring.admin import display
from zerostate_monitoring.charts.text import printable
from zerostate_monitoring.exceptions import ConfigurationError
from zerostate_monitoring.models import OutboxEntry, Receiver, ReceiverState, RouteStep
from zerostate_monitoring.models.outbox import MessageState, OutboxState
from zerostate_monitoring.models.words import in_words
from zerostate_monitoring.notifiers.destinations import destination
from zerostate_monitoring.notifiers.trial import Trial

MOST_ANSWER: Final = 200


def known_state(receiver: Receiver) -> ReceiverState | None:
    """What the delivery wrote of it, if it ever did."""
    return getattr(receiver, "state", None)


def state_of(receiver: Receiver, now: datetime) -> tuple[str, str, str]:
    """Tone, word and explanation of a receiver's state."""
    if not receiver.enabled:
        return "off", _("disabled"), _("No message is sent to it.")
    try:
        destination(receiver)
    except ConfigurationError as error:
        return "bad", _("cannot be used"), in_words(str(error))
    state = known_state(receiver)
    if state is not None and state.failing_since is not None:
        age = display.age(max(int((now - state.failing_since).total_seconds()), 0))
        return "bad", _("failing for %s") % age, in_words(state.last_error)
    if refused_the_last(receiver):
        said = answer_text(
            getattr(receiver, "last_status", None), getattr(receiver, "last_answer", "")
        )
        return "bad", _("refused the last message"), said
    if state is None or state.last_success_at is None:
        return "none", _("not used yet"), ""
    return "good", _("ok"), ""


def condition(receiver: Receiver, now: datetime, dead: int, address: str) -> SafeString:
    """Its state and why, and how many dead letters nobody has seen to, a link to ``address``."""
    tone, word, why = state_of(receiver, now)
    parts = [display.badge(tone, word)]
    if dead:
        badge = display.badge("bad", dead_text(dead))
        shown = format_html('<a href="{}">{}</a>', address, badge) if address else badge
        parts.append(format_html('<div class="zsm-why">{}</div>', shown))
    if why:
        parts.append(format_html('<div class="zsm-why"><bdi>{}</bdi></div>', why[:160]))
    return format_html_join("", "{}", ((one,) for one in parts))


def refused_the_last(receiver: Receiver) -> bool:
    """Whether it did not take the newest message, as ``with_last_answer`` has it."""
    if getattr(receiver, "last_state", None) != MessageState.DEAD:
        return False
    state = known_state(receiver)
    success = None if state is None else state.last_success_at
    at: datetime | None = getattr(receiver, "last_at", None)
    return success is None or at is None or success < at


def is_in_error(receiver: Receiver) -> bool:
    """Whether nothing has been taken since its last error."""
    state = known_state(receiver)
    if state is None:
        return False
    has_taken = state.last_success_at is not None
    return state.failing_since is not None or not has_taken or refused_the_last(receiver)


def answer_text(status: int | None, answer: str | None) -> str:
    """What a receiver said: its status, and the beginning of its words."""
    said = " ".join(str(part) for part in (status, in_words(answer or "")[:MOST_ANSWER]) if part)
    return printable(said)


def dead_text(n: int) -> str:
    """How many dead letters there are."""
    return ngettext("%(n)d dead letter", "%(n)d dead letters", n) % {"n": n}


def destination_text(receiver: Receiver) -> str:
    """Where its messages go; empty where that cannot be read."""
    try:
        return destination(receiver)
    except ConfigurationError:
        return ""


def places_of(steps: Sequence[RouteStep]) -> list[str]:
    """In which routes it stands, and at which step."""
    return [
        _("%(route)s, step %(step)d") % {"route": step.route.name, "step": step.position + 1}
        for step in steps
    ]


def used_by(receiver: Receiver) -> str | SafeString:
    """The routes that lead to it, as a list."""
    found = places_of(list(receiver.steps.all()))
    if not found:
        return display.badge("warn", _("no route"), _("No alert is sent to it."))
    lines = format_html_join("", "<li>{}</li>", ((one,) for one in found))
    return format_html('<ul class="zsm-reasons">{}</ul>', lines)


def lost_with(receivers: Sequence[Receiver]) -> Iterator[str]:
    """What goes with receivers that are deleted, in lines for the page that asks."""
    for receiver in receivers:
        yield _("Receiver: %s") % receiver.name
    due = OutboxEntry.objects.filter(receiver__in=receivers, state=OutboxState.DUE).count()
    if due:
        line = ngettext("%d notification not sent yet", "%d notifications not sent yet", due)
        yield line % due


def told(receiver: Receiver, trial: Trial) -> str:
    """What came of a test message, in a sentence."""
    parts = [display.duration(trial.seconds)]
    if trial.status is not None:
        parts.append(_("status %d") % trial.status)
    values = {
        "name": receiver.name,
        "how": ", ".join(parts),
        "said": _sentence(in_words(trial.error or trial.answer)) or _("It says nothing."),
    }
    if not trial.error:
        return _("Test message taken by %(name)s (%(how)s): %(said)s") % values
    later = _("It would be refused again.") if trial.is_permanent else _("A later try may succeed.")
    return _("Test message not taken by %(name)s (%(how)s): %(said)s") % values + f" {later}"


def _sentence(said: str) -> str:
    """What the other side said, ended so that another sentence may follow."""
    return said if not said or said.endswith((".", "!", "?")) else f"{said}."
