"""Answers with the page in numbers: who asked, and whether it had to be made."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from functools import partial
from typing import Final

from zerostate_monitoring.instrumentation.families import counts

_answers: Final = counts("zerostate_monitoring_page_answers_total")

_SCRAPERS: Final = (
    ("prometheus", "prometheus"),
    ("alloy", "alloy"),
    ("grafanaagent", "alloy"),
    ("vm_promscrape", "vmagent"),
    ("otelcol", "opentelemetry"),
    ("opentelemetry", "opentelemetry"),
    ("telegraf", "telegraf"),
    ("curl", "curl"),
)
"""How known programs begin to call themselves, and what they are called here."""
_OTHER: Final = "other"


class Origin(StrEnum):
    """Where an answer came from."""

    KEPT = "kept"
    MADE = "made"
    PART = "part"


def scraper_of(user_agent: str) -> str:
    """Which program asks, as it says itself; one of few words, whatever a stranger sends."""
    said = user_agent[:50].lower()
    return next((name for start, name in _SCRAPERS if said.startswith(start)), _OTHER)


def counting(user_agent: str) -> Callable[[Origin], None]:
    """What counts the answer to this program."""
    return partial(_count, scraper_of(user_agent))


def _count(scraper: str, origin: Origin) -> None:
    _answers[scraper, origin.value](1)
