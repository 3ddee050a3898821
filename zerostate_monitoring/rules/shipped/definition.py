"""Built-in rules as values: an expression with named parameters, and all that goes with it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from zerostate_monitoring.rules.durations import format_duration

_PLACE: Final = re.compile(r"<([a-z_]+)>")
_ZERO: Final = timedelta(0)
_MIB: Final = 1024 * 1024


class Unit(StrEnum):
    """What the number of a parameter counts."""

    RATIO = "ratio"
    SECONDS = "seconds"
    BYTES = "bytes"
    COUNT = "count"
    POINTS = "points"
    WINDOW = "window"
    """Seconds, too; written as a duration, for it stands in brackets."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """One number of a rule that an operator may set, within ``lowest`` and ``highest``."""

    name: str
    default: float
    unit: Unit
    lowest: float
    highest: float
    help: str

    def promql(self, value: float) -> str:
        """The value as it stands in an expression."""
        if self.unit is Unit.WINDOW:
            return format_duration(timedelta(seconds=value))
        return f"{value:.15g}" if abs(value) < 1e15 else repr(value)

    def text(self, value: float) -> str:
        """The value as people read it."""
        match self.unit:
            case Unit.RATIO:
                return f"{value * 100:.6g}%"
            case Unit.WINDOW | Unit.SECONDS:
                return format_duration(timedelta(seconds=value))
            case Unit.BYTES:
                return f"{value / _MIB:.4g} MiB"
            case _:
                return f"{value:,.15g}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Firing:
    """One alert that fires: labels that the expression gives, and its value."""

    value: float
    labels: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}), hash=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """What fires at one time after the beginning; nothing where ``alerts`` is empty."""

    at: timedelta
    alerts: tuple[Firing, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One test of a rule: series in promtool's notation, and what fires when."""

    name: str
    series: Mapping[str, str] = field(hash=False)
    moments: tuple[Moment, ...] = ()
    interval: timedelta = timedelta(minutes=1)
    evaluation_interval: timedelta = timedelta(seconds=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShippedRule:
    """A built-in alerting rule. ``<name>`` in its texts is the place of a parameter.

    ``fault`` is a label that is the same for all rules about one fault. ``switch`` is the
    fault of the example network that makes it fire, empty where none can. ``no_data`` is
    what becomes of its alerts when its data is missing. ``is_exempt``: it watches this app,
    so it is never dormant. ``is_observed``: a fresh installation sends nothing of it at first.
    """

    name: str
    severity: str
    layer: str
    fault: str
    expr: str
    summary: str
    description: str
    switch: str = ""
    parameters: tuple[Parameter, ...] = ()
    for_: timedelta = _ZERO
    keep_firing_for: timedelta = _ZERO
    no_data: str = "keep"
    is_exempt: bool = False
    is_observed: bool = True

    @property
    def key(self) -> str:
        """What the row of this rule is found by."""
        return self.name

    @property
    def defaults(self) -> dict[str, float]:
        """Parameters by name, as shipped."""
        return {parameter.name: parameter.default for parameter in self.parameters}

    def rendered_expr(self, values: Mapping[str, float] | None = None) -> str:
        """The expression with ``values`` in the places of its parameters."""
        return _PLACE.sub(lambda found: self._promql(found[1], values or {}), self.expr)

    def rendered_annotations(self, values: Mapping[str, float] | None = None) -> dict[str, str]:
        """Summary and description, with the parameters in their places."""
        texts = {"summary": self.summary, "description": self.description}
        return {
            name: _PLACE.sub(lambda found: self._text(found[1], values or {}), text)
            for name, text in texts.items()
        }

    def places(self) -> frozenset[str]:
        """Names of the parameters that stand in its expression."""
        return frozenset(_PLACE.findall(self.expr))

    def parameter(self, name: str) -> Parameter:
        """The parameter of this name.

        Raises:
            KeyError: it has none.
        """
        return {parameter.name: parameter for parameter in self.parameters}[name]

    def _promql(self, name: str, values: Mapping[str, float]) -> str:
        parameter = self.parameter(name)
        return parameter.promql(values.get(name, parameter.default))

    def _text(self, name: str, values: Mapping[str, float]) -> str:
        parameter = self.parameter(name)
        return parameter.text(values.get(name, parameter.default))


@dataclass(frozen=True, slots=True, kw_only=True)
class ShippedRecording:
    """A built-in recording rule; ``kept`` says whether its series are kept for weeks."""

    name: str
    expr: str
    kept: bool = True

    @property
    def key(self) -> str:
        """What the row of this rule is found by."""
        return self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class ShippedGroup:
    """Built-in rules that are evaluated together."""

    name: str
    rules: tuple[ShippedRule | ShippedRecording, ...]
    interval: timedelta = timedelta(seconds=30)


# -- short words for tables of rules ---------------------------------------------


def minutes(count: float) -> timedelta:
    """So many minutes."""
    return timedelta(minutes=count)


def ratio(name: str, default: float, lowest: float, highest: float, text: str) -> Parameter:
    """A share of the whole, 0 to 1."""
    return Parameter(name, default, Unit.RATIO, lowest, highest, text)


def number(name: str, default: float, lowest: float, highest: float, text: str) -> Parameter:
    """So many things."""
    return Parameter(name, default, Unit.COUNT, lowest, highest, text)


def seconds(name: str, default: float, lowest: float, highest: float, text: str) -> Parameter:
    """A threshold in seconds."""
    return Parameter(name, default, Unit.SECONDS, lowest, highest, text)


def window(name: str, default: float, lowest: float, highest: float, text: str) -> Parameter:
    """How far back an expression looks, in seconds."""
    return Parameter(name, default, Unit.WINDOW, lowest, highest, text)
