"""Routes, and the receivers that they lead to."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from zerostate_monitoring.exceptions import RuleError
from zerostate_monitoring.generators.alertmanager.matchers import matcher_texts
from zerostate_monitoring.generators.alertmanager.muting import Muted, muting_routes
from zerostate_monitoring.generators.alertmanager.values import (
    InhibitionValue,
    RouteValue,
)
from zerostate_monitoring.models.receiver import ALL_LABELS
from zerostate_monitoring.promql.quoting import is_plain_label
from zerostate_monitoring.rules.durations import format_duration

_LONGEST: Final = timedelta(days=366).total_seconds()
_SHORTEST: Final = 0.001


@dataclass(frozen=True, slots=True)
class Routed:
    """Routes as they stand in the file, and sentences of what they lack.

    ``last`` is the receiver of what no route takes, where there is one: that of the first route
    that cannot be read, as in this app.
    """

    routes: tuple[dict[str, Any], ...]
    warnings: tuple[str, ...]
    last: int | None = None


def routed(
    routes: Sequence[RouteValue],
    names: Mapping[int, str],
    sends: Mapping[int, bool],
    windows: Sequence[Muted],
) -> Routed:
    """``routes`` in their order. ``names`` are those of receivers in the file; ``sends`` says
    which of them tell somebody.
    """
    made: list[dict[str, Any]] = []
    warnings: list[str] = []
    last: list[int] = []
    for route in routes:
        if not route.steps:
            warnings.append(f"The route {route.name} is left out: no receiver of it is enabled.")
            continue
        taken = _step(route, sends)
        warnings += (f"The route {route.name}: {said}" for said in _lost(route, taken, names))
        try:
            matchers = matcher_texts(route.matchers)
        except RuleError as error:
            said = "takes what no other one takes" if not last else "is left out"
            warnings.append(f"The route {route.name} {said}: {error}")
            last.append(taken)
            continue
        grouping, lost = _grouping(route)
        warnings += (f"The route {route.name}: {said}" for said in lost)
        made.append(_route(route, names[taken], matchers, grouping, windows))
    return Routed(tuple(made), tuple(warnings), last[0] if last else None)


def inhibit_rules(
    inhibitions: Sequence[InhibitionValue],
) -> tuple[tuple[dict[str, Any], ...], tuple[str, ...]]:
    """Inhibitions, and a sentence for each that cannot be said."""
    made, warnings = [], []
    for each in inhibitions:
        try:
            made.append(_inhibit_rule(each))
        except RuleError as error:
            warnings.append(f"The inhibition {each.name} is left out: {error}")
    return tuple(made), tuple(warnings)


def _inhibit_rule(inhibition: InhibitionValue) -> dict[str, Any]:
    source, target = matcher_texts(inhibition.source), matcher_texts(inhibition.target)
    if not source or not target:
        raise RuleError("a side without matchers would hold back everything.")
    if odd := [name for name in inhibition.equal if not is_plain_label(name)]:
        raise RuleError(f"{odd[0]!r} is no label that Alertmanager knows.")
    equal = {"equal": list(inhibition.equal)} if inhibition.equal else {}
    return {"source_matchers": source, "target_matchers": target, **equal}


def _step(route: RouteValue, sends: Mapping[int, bool]) -> int:
    """The first receiver that tells somebody there; where none does, the first."""
    return next((pk for pk in route.steps if sends[pk]), route.steps[0])


def _lost(route: RouteValue, taken: int, names: Mapping[int, str]) -> Iterator[str]:
    others = [names[pk] for pk in dict.fromkeys(route.steps) if pk != taken]
    if others:
        yield (
            f"Alertmanager knows no steps, so it tells {names[taken]} alone, and never "
            f"{', '.join(others)}."
        )


def _grouping(route: RouteValue) -> tuple[list[str], list[str]]:
    if ALL_LABELS in route.group_by:
        return [ALL_LABELS], []
    odd = [name for name in route.group_by if not is_plain_label(name)]
    lost = [f"it does not group by {name!r}, which Alertmanager does not know." for name in odd]
    return [name for name in dict.fromkeys(route.group_by) if name not in odd], lost


def _route(
    route: RouteValue,
    receiver: str,
    matchers: list[str],
    grouping: list[str],
    windows: Sequence[Muted],
) -> dict[str, Any]:
    beneath = muting_routes(windows)
    found = {
        "receiver": receiver,
        "matchers": matchers,
        "continue": route.is_continued,
        "group_by": grouping,
        "group_wait": _duration(route.group_wait_seconds, 0),
        "group_interval": _duration(route.group_interval_seconds, _SHORTEST),
        "repeat_interval": _duration(route.repeat_interval_seconds, _SHORTEST),
        "routes": beneath,
    }
    return {key: value for key, value in found.items() if value not in ([], False)}


def _duration(seconds: float, least: float) -> str:
    """Within what Alertmanager takes; a row that was not written by a form may hold anything."""
    known = seconds if math.isfinite(seconds) else _LONGEST
    held = min(max(known, least), _LONGEST)
    return format_duration(timedelta(milliseconds=round(held * 1000)))
