"""Why a question has no answer, with what to do about it."""

from __future__ import annotations

from typing import Final

from zerostate_monitoring.exceptions import (
    MonitoringError,
    QueryTimeoutError,
    SourceError,
    StoreError,
)

_ADVICE: Final[tuple[tuple[type[MonitoringError], str], ...]] = (
    (
        QueryTimeoutError,
        "Choose a shorter time, narrow its selectors, or let a recording rule work out a part.",
    ),
    (
        StoreError,
        "The rule can be saved all the same; Doctor says what is away.",
    ),
    (
        SourceError,
        "The rule can be saved all the same; see whether the server that evaluates is up.",
    ),
)


def advised(error: MonitoringError) -> str:
    """What ``error`` says, as a sentence, and what to do where that is not said yet."""
    text = str(error).strip() or type(error).__name__
    advice = next((said for kind, said in _ADVICE if isinstance(error, kind)), "")
    if not advice:
        return text
    return f"{text}{'' if text.endswith(('.', '!', '?')) else '.'} {advice}"
