"""Thresholds as numbers: of rules, with what operators have changed of them, and of settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final

from zerostate_monitoring.conf import conf
from zerostate_monitoring.generators.dashboards.values import Bound, Colour, Limits, Setting
from zerostate_monitoring.models.rule import Rule as Row
from zerostate_monitoring.rules.shipped import RULES, possible

_JUST_ABOVE: Final = 1e-9
"""Grafana colours from a threshold on; a rule fires above its own."""


@dataclass(frozen=True, slots=True)
class Step:
    """A colour from a value on; the first one has none."""

    value: float | None
    colour: Colour


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Parameters that operators have set, by rule; what is not here is as shipped."""

    changed: Mapping[str, Mapping[str, float]] = field(
        default_factory=lambda: MappingProxyType({}), hash=False
    )

    def value(self, bound: Bound) -> float:
        """A threshold as a number."""
        if isinstance(bound, (int, float)):
            return float(bound)
        if isinstance(bound, Setting):
            return round(float(getattr(conf, bound.name)) * bound.times, 9)
        parameter = RULES[bound.name].parameter(bound.parameter)
        set_to = self.changed.get(bound.name, {}).get(bound.parameter, parameter.default)
        return bound.value(set_to)

    def steps(self, limits: Limits | None) -> tuple[Step, ...]:
        """Colours in the order of their values."""
        if limits is None:
            return (Step(None, Colour.PLAIN),)
        return self._falling(limits) if limits.below else self._rising(limits)

    def colour(self, limits: Limits | None, value: float) -> Colour:
        """What a value is shown in."""
        steps = self.steps(limits)
        return next(s.colour for s in reversed(steps) if s.value is None or value >= s.value)

    def _rising(self, limits: Limits) -> tuple[Step, ...]:
        pairs = ((limits.amber, Colour.AMBER), (limits.red, Colour.RED))
        found = [
            Step(self.value(bound) or _JUST_ABOVE, colour)
            for bound, colour in pairs
            if bound is not None
        ]
        return (Step(None, Colour.GOOD), *found)

    def _falling(self, limits: Limits) -> tuple[Step, ...]:
        worst = Colour.AMBER if limits.red is None else Colour.RED
        pairs = ((limits.red, Colour.AMBER), (limits.amber, Colour.GOOD))
        found = [Step(self.value(bound), colour) for bound, colour in pairs if bound is not None]
        if limits.amber is None:
            found = [Step(step.value, Colour.GOOD) for step in found]
        return (Step(None, worst), *found)


def from_rows() -> Thresholds:
    """What operators have changed of the built-in rules."""
    rows = Row.objects.filter(shipped_key__in=RULES).values_list("shipped_key", "overrides")
    return Thresholds({key: _parameters(key, overrides) for key, overrides in rows if overrides})


def _parameters(key: str, overrides: Any) -> Mapping[str, float]:
    kept, _ = possible(RULES[key], overrides)
    return {name: float(value) for name, value in kept.get("parameters", {}).items()}
