"""From the platform's figures to readings, and the ratios between them: pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from django.utils.translation import gettext_noop

from zerostate_monitoring.catalogue import CATALOGUE
from zerostate_monitoring.catalogue.definition import Measure, Reading
from zerostate_monitoring.catalogue.shapes import WINDOWS
from zerostate_monitoring.collectors.items import Absent, Item
from zerostate_monitoring.conf import conf
from zerostate_monitoring.sources.platform import Answer
from zerostate_monitoring.sources.platform.figures import Statement

NO_PLATFORM: Final = gettext_noop(
    "no platform is configured: name its database in ZEROSTATE_MONITORING_PLATFORM_DATABASE"
)
PREFIX: Final = "zerostate_"


def idle_without_platform() -> str:
    """Why the platform's collectors have nothing to read; empty if they have."""
    return "" if conf.PLATFORM_DATABASE else NO_PLATFORM


@dataclass(frozen=True, slots=True)
class Ratio:
    """Sum of some series over the sum of others; each is a family and its label values."""

    family: str
    part: Sequence[tuple[str, ...]]
    whole: Sequence[tuple[str, ...]]
    labels: tuple[str, ...] = ()

    def of(self, values: Mapping[tuple[str, tuple[str, ...]], float]) -> float | None:
        """The ratio; None where the whole is 0 or a series is not there."""
        part, whole = (
            [values.get((s[0], s[1:])) for s in side] for side in (self.part, self.whole)
        )
        if None in part or None in whole:
            return None
        total = sum(value or 0 for value in whole)
        return sum(value or 0 for value in part) / total if total else None

    @property
    def sources(self) -> frozenset[str]:
        """Families that it is made of."""
        return frozenset(series[0] for series in (*self.part, *self.whole))


def families_of(statements: Iterable[Statement], ratios: Iterable[Ratio]) -> frozenset[str]:
    """Every family that a run of these can give, by its name on the page."""
    asked = (figure.family for statement in statements for figure in statement.figures)
    return frozenset(PREFIX + family for family in (*asked, *(ratio.family for ratio in ratios)))


def windowed(
    family: str, source: str, part: Sequence[str], whole: Sequence[str]
) -> Iterator[Ratio]:
    """One ratio for each window of a family with the labels outcome and window."""
    for window in WINDOWS:
        yield Ratio(
            family,
            tuple((source, outcome, window) for outcome in part),
            tuple((source, outcome, window) for outcome in whole),
            (window,),
        )


def items(answer: Answer, ratios: Sequence[Ratio]) -> Iterator[Item]:
    """Readings of all that the platform could say, and ``Absent`` for the rest.

    A family of which the platform can say a part (overdue channels, but not escrows)
    gives that part and is also ``Absent``, with the reason for what it lacks.
    """
    for (family, labels), value in answer.values.items():
        yield _reading(family, labels, value, answer.newest.get(family))
    for ratio in ratios:
        if (found := ratio.of(answer.values)) is not None:
            yield _reading(ratio.family, ratio.labels, found)
    for family, reason in {**_lost(answer, ratios), **answer.missing}.items():
        yield Absent(PREFIX + family, reason)


def _reading(
    family: str, labels: tuple[str, ...], value: float, newest: float | None = None
) -> Reading:
    definition = CATALOGUE[PREFIX + family]
    counted = definition.suffix == "_total" and definition.measure is not Measure.WINDOW
    named = dict(zip(definition.labels, labels, strict=True))
    reading = definition.reading(value, **named)
    return replace(reading, counted=counted, newest=newest if counted else None)


def _lost(answer: Answer, ratios: Sequence[Ratio]) -> dict[str, str]:
    """Ratios of families that are missing, with the same reason."""
    return {
        ratio.family: answer.missing[source]
        for ratio in ratios
        for source in sorted(ratio.sources & answer.missing.keys())
    }
