"""What a status means: taken, to be tried again, or never to be taken. Pure."""

from __future__ import annotations

import base64
import math
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final
from urllib.parse import quote

from zerostate_monitoring.notifiers.addresses import place
from zerostate_monitoring.notifiers.base import Answer, DeliveryError

LONGEST_WAIT_SECONDS: Final = 3_600.0
"""A receiver that asks for more than this is asked again after this."""

MOST_SHOWN: Final = 300
HIDDEN: Final = "•••"
_LATER: Final = frozenset({408, 425, 429})
_SHORTEST_SECRET: Final = 4
_SHORTEST_PART: Final = 8


@dataclass(frozen=True, slots=True)
class Response:
    """An answer over HTTP; ``body`` is its beginning."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str = ""

    @property
    def is_success(self) -> bool:
        """Whether the receiver says that it has the message."""
        return 200 <= self.status < 300

    @property
    def text(self) -> str:
        """The beginning of the body, for people."""
        return shown(self.body)


def shown(text: str) -> str:
    """The beginning of a text from outside, on one line, with nothing that cannot be seen."""
    words = " ".join(text[: 20 * MOST_SHOWN].split())
    seen = "".join(one if one.isprintable() else "�" for one in words)
    return seen if len(seen) <= MOST_SHOWN else seen[: MOST_SHOWN - 1] + "…"


def redacted(text: str, secrets: Iterable[str]) -> str:
    """``text`` without any of ``secrets``, or parts of them, which a receiver may have repeated."""
    forms = {form for secret in secrets for form in _forms(secret)}
    for form in sorted(forms, key=lambda one: (-len(one), one)):
        text = text.replace(form, HIDDEN)
    return text


def _forms(secret: str) -> Iterator[str]:
    """A secret as it may come back: whole, in base64, or the parts of an address."""
    if len(secret) >= _SHORTEST_SECRET:
        yield secret
        yield base64.b64encode(secret.encode()).decode()
        yield quote(secret, safe="")
    _, found, rest = secret.partition("://")
    if found:
        # What stands before the first stroke is a host, which is no secret.
        _, _, path = rest.partition("/")
        yield from (part for part in re.split(r"[/?&=]", path) if len(part) >= _SHORTEST_PART)


def judged(response: Response, now: datetime, detail: str = "") -> Answer:
    """The answer, if the receiver took the message; ``detail`` instead of the body's text.

    Raises:
        DeliveryError: it did not.
    """
    said = detail or response.text
    if response.is_success:
        return Answer(said, response.status)
    message = f"It answers {response.status}: {said}" if said else f"It answers {response.status}."
    if 300 <= response.status < 400:
        raise DeliveryError(_redirect(response), is_permanent=True, status=response.status)
    if response.status in _LATER or response.status >= 500:
        wait = retry_after(response.headers.get("Retry-After", ""), now)
        raise DeliveryError(message, status=response.status, retry_after_seconds=wait)
    raise DeliveryError(message, is_permanent=True, status=response.status)


def retry_after(text: str, now: datetime) -> float | None:
    """Seconds that ``Retry-After`` asks for, bounded; ``None`` if it says nothing of use."""
    wanted = _seconds(text.strip(), now)
    if wanted is None or math.isnan(wanted):
        return None
    return min(max(wanted, 0.0), LONGEST_WAIT_SECONDS)


def _seconds(text: str, now: datetime) -> float | None:
    if text.isascii() and text.isdecimal():
        return float(text[:12])
    try:
        until = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError):
        return None
    aware = until if until.tzinfo else until.replace(tzinfo=UTC)
    return (aware - now).total_seconds()


def _redirect(response: Response) -> str:
    there = place(response.headers.get("Location", ""))
    if not there:
        return (
            f"It answers {response.status} and redirects to another address. Redirects are not "
            "followed: enter the address at which messages are taken."
        )
    return (
        f"It answers {response.status} and redirects to {there}. Redirects are not followed: "
        "enter the address at which messages are taken."
    )
