"""What an operator has changed of a built-in rule, laid over what is shipped.

Overrides are JSON: ``{"parameters": {"share": 0.5}, "severity": "warning", "for": "10m",
"keep_firing_for": "15m", "labels": {"team": "network"}, "enabled": false}``. What is not named
is as shipped.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

from zerostate_monitoring.exceptions import DurationError, OverrideError
from zerostate_monitoring.rules.definitions import RESERVED_LABELS, AlertingRule, Problem
from zerostate_monitoring.rules.durations import parse_duration
from zerostate_monitoring.rules.shipped.definition import Parameter, ShippedRule, Unit

KEYS: Final = ("parameters", "severity", "for", "keep_firing_for", "labels", "enabled")
"""What can be overridden; the expression cannot."""

SEVERITIES: Final = ("critical", "warning", "info", "none")
_TIMES: Final = ("for", "keep_firing_for")
_OWN: Final = frozenset({"severity", "layer", "fault", *RESERVED_LABELS})


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """What a row says of a built-in rule with an operator's changes; names are its columns."""

    name: str
    expr: str
    for_duration: timedelta
    keep_firing_for: timedelta
    severity: str
    layer: str
    labels: Mapping[str, str] = field(hash=False)
    annotations: Mapping[str, str] = field(hash=False)
    no_data_policy: str
    enabled: bool

    def rule(self, runbook_url: str = "") -> AlertingRule:
        """The rule as it is evaluated."""
        runbook = {"runbook_url": runbook_url} if runbook_url else {}
        return AlertingRule(
            alert=self.name,
            expr=self.expr,
            for_=self.for_duration,
            keep_firing_for=self.keep_firing_for,
            labels={**self.labels, "severity": self.severity, "layer": self.layer},
            annotations={**self.annotations, **runbook},
        )


def applied(definition: ShippedRule, overrides: Mapping[str, Any] | None = None) -> Applied:
    """The rule as shipped, with what an operator has changed.

    Raises:
        OverrideError: an override cannot be; all that is wrong is named.
    """
    given = overrides or {}
    if faults := override_problems(definition, given):
        raise OverrideError([str(fault) for fault in faults])
    values = {name: float(value) for name, value in given.get("parameters", {}).items()}
    times = {name: parse_duration(given[name]) for name in _TIMES if name in given}
    return Applied(
        name=definition.name,
        expr=definition.rendered_expr(values),
        for_duration=times.get("for", definition.for_),
        keep_firing_for=times.get("keep_firing_for", definition.keep_firing_for),
        severity=given.get("severity", definition.severity),
        layer=definition.layer,
        labels={**given.get("labels", {}), "fault": definition.fault},
        annotations=definition.rendered_annotations(values),
        no_data_policy=definition.no_data,
        enabled=given.get("enabled", True),
    )


def possible(definition: ShippedRule, overrides: Any) -> tuple[dict[str, Any], tuple[Problem, ...]]:
    """The overrides without those that can no longer be, and why.

    A new version may have dropped a parameter, or have narrowed its range.
    """
    problems = override_problems(definition, overrides)
    if not isinstance(overrides, Mapping):
        return {}, problems
    wrong = {problem.field for problem in problems}
    kept = {key: value for key, value in overrides.items() if key not in wrong}
    for key in ("parameters", "labels"):
        if isinstance(inner := kept.get(key), Mapping):
            kept[key] = {n: v for n, v in inner.items() if f"{key}.{n}" not in wrong}
    return kept, problems


def override_problems(definition: ShippedRule, overrides: Any) -> tuple[Problem, ...]:
    """All that is wrong with overrides; ``field`` is the path, such as ``parameters.share``."""
    if not isinstance(overrides, Mapping):
        return (Problem("", "Overrides are an object of names and values."),)
    return (
        *_unknown("", overrides, KEYS, "can be overridden"),
        *_parameter_problems(definition, overrides.get("parameters", {})),
        *_severity_problems(overrides),
        *_time_problems(overrides),
        *_label_problems(overrides.get("labels", {})),
        *_enabled_problems(overrides),
    )


def _unknown(path: str, given: Mapping[str, Any], known: Any, what: str) -> Iterator[Problem]:
    for name in given:
        if name not in known:
            choice = ", ".join(known) or "nothing"
            yield Problem(f"{path}{name}", f"There is no “{name}”; {choice} {what}.")


def _parameter_problems(definition: ShippedRule, given: Any) -> Iterator[Problem]:
    if not isinstance(given, Mapping):
        yield Problem("parameters", "Parameters are an object of names and numbers.")
        return
    yield from _unknown("parameters.", given, definition.defaults, "can be set")
    for parameter in definition.parameters:
        if parameter.name in given and (reason := out_of(parameter, given[parameter.name])):
            yield Problem(f"parameters.{parameter.name}", reason)


def out_of(parameter: Parameter, value: Any) -> str:
    """Why a value is none for ``parameter``; empty if it is one."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return f"A number is expected here ({parameter.unit})."
    if not parameter.lowest <= value <= parameter.highest:
        lowest, highest = parameter.text(parameter.lowest), parameter.text(parameter.highest)
        return f"{parameter.text(value)} is out of range: {lowest} to {highest}."
    if parameter.unit is Unit.WINDOW and value != int(value):
        return "A window is a whole number of seconds."
    return ""


def _severity_problems(overrides: Mapping[str, Any]) -> Iterator[Problem]:
    if "severity" in overrides and str(overrides["severity"]) not in SEVERITIES:
        yield Problem("severity", f"One of {', '.join(SEVERITIES)} is expected here.")


def _time_problems(overrides: Mapping[str, Any]) -> Iterator[Problem]:
    for name in _TIMES:
        if name in overrides:
            try:
                parse_duration(str(overrides[name]))
            except DurationError as error:
                yield Problem(name, str(error))


def _label_problems(given: Any) -> Iterator[Problem]:
    if not isinstance(given, Mapping):
        yield Problem("labels", "Labels are an object of names and texts.")
        return
    for name, value in given.items():
        if name in _OWN:
            yield Problem(f"labels.{name}", f"“{name}” is set by the rule itself.")
        elif not isinstance(value, str):
            yield Problem(f"labels.{name}", "A label is a text.")
    texts = {name: value for name, value in given.items() if isinstance(value, str)}
    rule = AlertingRule(alert="x", expr="1", labels=texts)
    yield from (p for p in rule.problems() if p.field.rpartition(".")[2] not in _OWN)


def _enabled_problems(overrides: Mapping[str, Any]) -> Iterator[Problem]:
    if "enabled" in overrides and not isinstance(overrides["enabled"], bool):
        yield Problem("enabled", "True or false is expected here.")
