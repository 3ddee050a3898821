"""What pictures say, as whoever shows them says it. Pure: in English where nobody says anything."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final


def _series(count: int) -> str:
    return f"{count} series"


def _more(count: int) -> str:
    return f"and {count} more"


def _alerts(count: int, firing: int) -> str:
    return f"{count} alerts, {firing} times firing"


@dataclass(frozen=True, slots=True)
class Words:
    """Texts of a picture in the language of its page.

    ``kinds`` and ``units`` are words by what they stand for; one that is not there stands as it is.
    ``decimal`` is what stands before the fraction of a number.
    """

    kinds: Mapping[str, str] = field(default_factory=dict)
    units: Mapping[str, str] = field(default_factory=dict)
    unknown: str = "no history yet"
    series: Callable[[int], str] = _series
    more: Callable[[int], str] = _more
    alerts: Callable[[int, int], str] = _alerts
    decimal: str = "."

    def kind(self, kind: str) -> str:
        """The word for a kind of bar."""
        return self.kinds.get(kind, kind)

    def unit(self, sign: str) -> str:
        """A sign of a unit, with the blank and the slash that it has."""
        name, slash, per = sign.partition("/")
        blank = name[: len(name) - len(name.lstrip())]
        known = name.lstrip()
        return f"{blank}{self.units.get(known, known)}{slash}{self.units.get(per, per)}"

    def number(self, text: str) -> str:
        """A number that was written with a point."""
        return text.replace(".", self.decimal)


ENGLISH: Final = Words()
