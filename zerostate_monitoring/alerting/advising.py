"""Why a question has no answer, with what to do about it."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext, gettext_noop

from zerostate_monitoring.exceptions import (
    MonitoringError,
    QueryTimeoutError,
    SourceError,
    StoreError,
)
from zerostate_monitoring.models.words import in_words

_ADVICE: Final[tuple[tuple[type[MonitoringError], str], ...]] = (
    (
        QueryTimeoutError,
        gettext_noop(
            "Choose a shorter time, narrow its selectors, or let a recording rule work out a part."
        ),
    ),
    (
        StoreError,
        gettext_noop("The rule can be saved all the same; Doctor says what is away."),
    ),
    (
        SourceError,
        gettext_noop(
            "The rule can be saved all the same; see whether the server that evaluates is up."
        ),
    ),
)


def advised(error: MonitoringError) -> str:
    """What ``error`` says, as a sentence, and what to do where that is not said yet.

    In the language of who asks.
    """
    text = in_words(str(error).strip()) or type(error).__name__
    advice = next((gettext(said) for kind, said in _ADVICE if isinstance(error, kind)), "")
    if not advice:
        return text
    return f"{text}{'' if text.endswith(('.', '!', '?')) else '.'} {advice}"
