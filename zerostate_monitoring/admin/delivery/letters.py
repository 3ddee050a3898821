"""What sending dead letters again would do: one sentence for each, and one for all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from zerostate_monitoring.admin import words
from zerostate_monitoring.admin.delivery import explaining
from zerostate_monitoring.charts.text import printable
from zerostate_monitoring.models.words import in_words

Fate = Literal["same", "anew", "left"]

_MOST_ANSWER: Final = 300


@dataclass(frozen=True, slots=True)
class Letter:
    """A dead letter, and what would become of it."""

    message: Any
    subject: str
    ended: SafeString | str
    answer: str
    advice: str
    fate: Fate
    would: str


def letters(messages: Iterable[Any]) -> list[Letter]:
    """Each of ``messages``, which are judged (``is_stale_now``)."""
    return [_letter(message) for message in messages]


def _letter(message: Any) -> Letter:
    fate = fate_of(message)
    status = "" if message.status is None else f"{message.status} "
    return Letter(
        message=message,
        subject=printable(message.subject or _("(could not be composed)")),
        ended=words.ago(message.ended_at),
        answer=printable((status + in_words(message.answer)[:_MOST_ANSWER]).strip()),
        advice=explaining.advice(message, is_composed=message.is_composed),
        fate=fate,
        would=_would(fate, message),
    )


@dataclass(frozen=True, slots=True)
class Advice:
    """What to do about dead letters of one receiver, said once."""

    receiver: str
    text: str
    n: int


def advised(found: Iterable[Letter]) -> list[Advice]:
    """What to do, once for each receiver and advice, in the order of the letters."""
    counted = Counter((one.message.receiver_name, one.advice) for one in found)
    return [Advice(receiver, text, n) for (receiver, text), n in counted.items()]


def fate_of(message: Any) -> Fate:
    """Whether it is sent as it is, decided anew, or left."""
    if message.receiver is None or not message.receiver.enabled:
        return "left"
    return "anew" if message.is_stale_now else "same"


def _would(fate: Fate, message: Any) -> str:
    if fate == "same":
        return _("Unchanged.")
    if fate == "anew":
        return _("It is not sent as it was: what is still so is told in a new message.")
    if message.receiver is None:
        return _("It stays: its receiver was deleted.")
    return _("It stays: its receiver is disabled.")


def summary(found: Sequence[Letter]) -> str:
    """What would become of all of them."""
    counted = Counter(one.fate for one in found)
    parts = {
        "same": ngettext(
            "%(n)d is sent again as it was",
            "%(n)d are sent again as they were",
            counted["same"],
        ),
        "anew": ngettext("%(n)d is decided anew", "%(n)d are decided anew", counted["anew"]),
        "left": ngettext("%(n)d stays as it is", "%(n)d stay as they are", counted["left"]),
    }
    said = [text % {"n": counted[fate]} for fate, text in parts.items() if counted[fate]]  # type: ignore[index]
    return ", ".join(said) + "." if said else ""
