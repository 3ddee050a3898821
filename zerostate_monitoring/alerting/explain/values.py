"""An explanation as a value."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from django.utils import timezone
from django.utils.translation import gettext as _

from zerostate_monitoring.charts.text import number
from zerostate_monitoring.frames.exemplar import Labels
from zerostate_monitoring.promql.data import Sample


@dataclass(frozen=True, slots=True)
class Section:
    """A heading, and sentences below it. ``key`` is the same in every language."""

    key: str
    title: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Explanation:
    """All that is known of a rule at an instant, in sections."""

    name: str
    at: datetime
    sections: tuple[Section, ...]

    def section(self, key: str) -> tuple[str, ...]:
        """The lines of a section; none where there is no such."""
        return next((one.lines for one in self.sections if one.key == key), ())


@dataclass(frozen=True, slots=True)
class Values:
    """What an expression and its operands gave, by their texts; ``source`` says where from.

    A part that could not be asked is missing, and ``problem`` says why.
    """

    whole: tuple[Sample, ...] | None = None
    parts: Mapping[str, tuple[Sample, ...]] = field(default_factory=dict)
    source: str = ""
    problem: str = ""
    known_from_ms: int | None = None
    """Where history is too young: from when on it is not."""


Tell = Callable[[float], str]
"""How a value is written; with its unit, for somebody who reads it on a page."""

_UNITS: Final = ((86_400, "d"), (3_600, "h"), (60, "m"), (1, "s"))


def span(length: timedelta) -> str:
    """A length of time as rules have it, in its two largest units, such as ``1m20s``."""
    left, parts = round(length.total_seconds()), list[str]()
    if left <= 0:
        return "0s"
    for size, unit in _UNITS:
        count, left = divmod(left, size)
        if count:
            parts.append(f"{count}{unit}")
    return "".join(parts[:2])


def lasted(length: timedelta) -> str:
    """A length of time for a sentence, in its two largest units, such as ``1 min 20 s``."""
    left, parts = max(round(length.total_seconds()), 0), list[str]()
    signs = (_("d"), _("h"), _("min"), _("s"))
    for (size, _unit), sign in zip(_UNITS, signs, strict=True):
        count, left = divmod(left, size)
        parts.append(f"{count} {sign}" if count else "")
    first = next((place for place, part in enumerate(parts) if part), len(parts))
    return " ".join(part for part in parts[first : first + 2] if part) or f"0 {signs[-1]}"


def moment(at: datetime) -> str:
    """An instant, to the second."""
    local = timezone.localtime(at) if timezone.is_aware(at) else at
    return f"{local:%Y-%m-%d %H:%M:%S} {local.tzname() or ''}".rstrip()


def value(found: float) -> str:
    """A value for a sentence: six digits."""
    if math.isnan(found):
        return _("unknown (NaN)")
    return number(float(f"{found:.6g}"))


def plain(labels: Labels, without: frozenset[str] = frozenset()) -> str:
    """Labels for a sentence."""
    pairs = [f'{name}="{text}"' for name, text in labels if name not in without]
    return "{" + ", ".join(pairs) + "}" if pairs else ""
