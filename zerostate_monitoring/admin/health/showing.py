"""Components as a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from zerostate_monitoring.admin import display
from zerostate_monitoring.exceptions import StoreError
from zerostate_monitoring.health.judging import NETWORK
from zerostate_monitoring.health.notes import Noted, noted
from zerostate_monitoring.health.registry import CHECKS, PROCESS
from zerostate_monitoring.health.states import Component, Status
from zerostate_monitoring.models.words import in_words

TONES: Final = {
    Status.HEALTHY: "good",
    Status.DEGRADED: "warn",
    Status.UNHEALTHY: "bad",
    Status.UNKNOWN: "none",
}
_TITLES: Final = {
    "service": gettext_lazy("What it stands on"),
    "work": gettext_lazy("Its own work"),
    NETWORK: gettext_lazy("The network, by collected numbers"),
    "project": gettext_lazy("The project's own"),
}
_ADVICE: Final = "advice"


@dataclass(frozen=True, slots=True)
class Line:
    """One component as the page shows it."""

    name: str
    badge: SafeString
    message: str
    advice: str
    facts: str
    since: str
    took: str
    critical: bool


@dataclass(frozen=True, slots=True)
class Group:
    """Components that speak of one thing."""

    title: str
    lines: tuple[Line, ...]


def badge_of(status: Status) -> SafeString:
    """A status as sign and word."""
    words = {
        Status.HEALTHY: _("healthy"),
        Status.DEGRADED: _("degraded"),
        Status.UNHEALTHY: _("unhealthy"),
        Status.UNKNOWN: _("unknown"),
    }
    return display.badge(TONES[status], words[status])


def sentence(whole: Status, components: Sequence[Component]) -> str:
    """What the verdict means here."""
    bad = [c.name for c in components if c.status in {Status.UNHEALTHY, Status.DEGRADED}]
    if whole is Status.UNHEALTHY:
        return _("A critical component does not work: this process takes itself out of service.")
    if bad:
        return _("It serves. Look at: %s.") % display.some(bad)
    return _("All that is known works.")


def since() -> Mapping[str, Noted]:
    """Since when each is as a worker found it; nothing where the store is away."""
    try:
        return noted()
    except StoreError:
        return {}


def groups(components: Sequence[Component], known: Mapping[str, Noted], now: float) -> list[Group]:
    """Components by what they are about, in the order in which one would look."""
    lines: dict[str, list[Line]] = {about: [] for about in _TITLES}
    for component in components:
        lines.setdefault(_about(component.name), []).append(
            _line(component, known.get(component.name), now)
        )
    return [
        Group(str(_TITLES.get(about, about)), tuple(found))
        for about, found in lines.items()
        if found
    ]


def _about(name: str) -> str:
    if name == PROCESS:
        return "service"
    return CHECKS[name].about if name in CHECKS else "project"


def _line(component: Component, note: Noted | None, now: float) -> Line:
    metadata = dict(component.outcome.metadata)
    advice = in_words(str(metadata.pop(_ADVICE, "")))
    same = note is not None and note.status is component.status
    return Line(
        name=component.name,
        badge=badge_of(component.status),
        message=in_words(component.outcome.message),
        advice=advice,
        facts=", ".join(f"{name} {_shown(value)}" for name, value in metadata.items()),
        since=display.age(max(now - note.since, 0)) if note is not None and same else display.EMPTY,
        took=display.duration(component.seconds),
        critical=component.critical,
    )


def _shown(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value)) or display.EMPTY
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return display.number(float(str(value))) if is_number else str(value)
