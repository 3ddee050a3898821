"""What a version of a rule holds: its definition as texts that JSON can keep."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from zerostate_monitoring.exceptions import DurationError
from zerostate_monitoring.rules.definitions import Rule as Definition
from zerostate_monitoring.rules.durations import format_duration, parse_duration

if TYPE_CHECKING:
    from zerostate_monitoring.models.rule import Rule

DURATIONS: Final = ("for_duration", "keep_firing_for")
FIELDS: Final = (
    *("kind", "name", "expr", *DURATIONS, "severity", "layer", "labels", "annotations"),
    *("runbook_url", "owner", "no_data_policy", "error_policy", "kept", "tests"),
)
"""What makes a version. Switches, order and group are no part of what a rule says."""


@dataclass(frozen=True, slots=True)
class Former:
    """A rule as the database held it before it was saved; labels with those of its group."""

    version: int
    texts: Mapping[str, Any]
    definition: Definition
    enabled: bool
    group: int


def texts_of(rule: Rule) -> dict[str, Any]:
    """The fields of a version as they stand in the row."""
    values = {field: getattr(rule, field) for field in FIELDS}
    return {**values, **{field: written(values[field]) for field in DURATIONS}}


def written(duration: timedelta) -> str:
    """A duration as Prometheus writes it, or as Python does where that cannot be."""
    try:
        return format_duration(duration)
    except DurationError:
        return str(duration)


def by_name(value: Any) -> dict[str, str]:
    """Texts by name out of JSON that was written past a form, where it may hold anything.

    What is no text is told as JSON writes it, nothing as an empty one; what has no names has none.
    """
    if not isinstance(value, dict):
        return {}
    return {name: one if isinstance(one, str) else _as_text(one) for name, one in value.items()}


def _as_text(value: Any) -> str:
    return "" if value is None else json.dumps(value, ensure_ascii=False)


def bring_back(rule: Rule, texts: Mapping[str, Any]) -> None:
    """Make ``rule`` say what a version says; it is not saved."""
    for field in FIELDS:
        if field in texts:
            value = texts[field]
            setattr(rule, field, parse_duration(value) if field in DURATIONS else value)


def differences(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[tuple[str, Any, Any]]:
    """Field, old and new text, where the two are not the same; labels one by one."""
    for field in FIELDS:
        before, after = old.get(field), new.get(field)
        if isinstance(before, dict) and isinstance(after, dict):
            for name in sorted({*before, *after}):
                if before.get(name) != after.get(name):
                    yield f"{field}.{name}", before.get(name), after.get(name)
        elif before != after:
            yield field, before, after
