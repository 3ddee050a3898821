"""Which time a page shows: one of a few lengths up to now, or from and to; by its address."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from urllib.parse import urlencode

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from zerostate_monitoring.admin.display import held_together
from zerostate_monitoring.models.words import in_words
from zerostate_monitoring.querying.times import instant_ms, step_ms

LENGTHS: Final = {
    "15m": (900, gettext_lazy("15 min")),
    "1h": (3600, gettext_lazy("1 h")),
    "3h": (10_800, gettext_lazy("3 h")),
    "6h": (21_600, gettext_lazy("6 h")),
    "12h": (43_200, gettext_lazy("12 h")),
    "1d": (86_400, gettext_lazy("1 day")),
    "2d": (172_800, gettext_lazy("2 days")),
    "7d": (604_800, gettext_lazy("7 days")),
    "14d": (1_209_600, gettext_lazy("14 days")),
}
"""Seconds and name of each length that is offered."""
USUAL: Final = "1h"
_POINTS: Final = 480
_SHORTEST_MS: Final = 60_000
_LONGEST_MS: Final = 366 * 86_400_000
_NAMES: Final = frozenset({"window", "from", "to", "last"})


@dataclass(frozen=True, slots=True)
class Window:
    """A span of time (ms), the step between two values, and how it was asked for.

    ``length`` is a key of ``LENGTHS`` where it reaches up to now, else empty. ``problem`` says
    what could not be read; the usual span is shown then.
    """

    start_ms: int
    end_ms: int
    step_ms: int
    length: str = ""
    problem: str = ""

    @property
    def span_ms(self) -> int:
        """How long it is."""
        return self.end_ms - self.start_ms

    @property
    def start_text(self) -> str:
        """As a field for a local time wants it."""
        return _local(self.start_ms)

    @property
    def end_text(self) -> str:
        """As a field for a local time wants it."""
        return _local(self.end_ms)

    def moved(self) -> Iterator[tuple[str, dict[str, str]]]:
        """Other spans, in words, and what asks for them."""
        half = self.span_ms // 2
        for title, start, end in (
            (_("earlier"), self.start_ms - half, self.end_ms - half),
            (_("later"), self.start_ms + half, self.end_ms + half),
            (_("twice as long"), self.start_ms - half, self.end_ms + half),
        ):
            yield title, {"from": _absolute(start), "to": _absolute(end)}

    @property
    def asked(self) -> dict[str, str]:
        """What asks for this span again."""
        if self.length:
            return {"window": self.length}
        return {"from": _absolute(self.start_ms), "to": _absolute(self.end_ms)}


def window_of(asked: Mapping[str, str], now_ms: int) -> Window:
    """The span that an address asks for.

    ``window`` is a length that was just chosen and goes before ``from`` and ``to``; ``last`` is
    the one before, for a form whose other fields were changed.
    """
    if asked.get("window") in LENGTHS:
        return _up_to_now(asked["window"], now_ms)
    length = asked.get("last", "")
    length = length if length in LENGTHS else USUAL
    if not (asked.get("from") or asked.get("to")):
        return _up_to_now(length, now_ms)
    try:
        end = _instant(asked.get("to", ""), now_ms, now_ms)
        start = _instant(asked.get("from", ""), end - 1000 * LENGTHS[length][0], now_ms)
        return _between(start, end)
    except ValueError as error:
        return _up_to_now(length, now_ms, in_words(str(error)))


def lengths() -> list[tuple[str, str]]:
    """Key and title of each length."""
    return [(key, held_together(str(title))) for key, (_seconds, title) in LENGTHS.items()]


def others(asked: Mapping[str, str], window: dict[str, str]) -> str:
    """The query of an address with another window and all else as it was."""
    kept = {name: text for name, text in asked.items() if name not in _NAMES}
    return "?" + urlencode({**kept, **window})


def _up_to_now(length: str, now_ms: int, problem: str = "") -> Window:
    span = 1000 * LENGTHS[length][0]
    step = step_ms(0, span, _POINTS)
    end = now_ms // step * step
    return Window(end - span, end, step, length, problem)


def _between(start_ms: int, end_ms: int) -> Window:
    if not 0 <= start_ms < end_ms:
        raise ValueError(_("The end must lie after the start."))
    if end_ms - start_ms > _LONGEST_MS:
        raise ValueError(_("A window may be a year long, and no longer."))
    step = step_ms(start_ms, end_ms, _POINTS)
    end = -(-end_ms // step) * step
    start = min(start_ms // step * step, end - max(_SHORTEST_MS // step * step, step))
    return Window(start, end, step)


def _instant(text: str, default_ms: int, now_ms: int) -> int:
    """What a field for a local time, or a person, wrote."""
    if not text.strip():
        return default_ms
    try:
        at = datetime.fromisoformat(text.strip())
    except ValueError:
        return instant_ms(text, now_ms)
    try:
        known = at if timezone.is_aware(at) else timezone.make_aware(at)
        return round(known.timestamp() * 1000)
    except (OverflowError, OSError) as error:
        raise ValueError(_("No calendar reaches as far as %s.") % text[:40]) from error


def _local(at_ms: int) -> str:
    at = timezone.localtime(datetime.fromtimestamp(at_ms / 1000, UTC))
    return at.strftime("%Y-%m-%dT%H:%M:%S")


def _absolute(at_ms: int) -> str:
    return f"{datetime.fromtimestamp(max(at_ms, 0) / 1000, UTC):%Y-%m-%dT%H:%M:%SZ}"
