"""Evidence as pictures: one for each series of each part, the first ones."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from zerostate_monitoring.alerting.evidence.packing import Line, Pack, Part
from zerostate_monitoring.alerting.operands import limits
from zerostate_monitoring.charts.svg import svg
from zerostate_monitoring.exceptions import QuerySyntaxError
from zerostate_monitoring.promql.data import NAME
from zerostate_monitoring.promql.query import parse

MOST: Final = 4
"""Pictures of one part."""

MOST_IN_ALL: Final = 6
"""Pictures of all parts together: more of them are looked at by nobody at night."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """A part: its expression, pictures with the labels of each, and how many have none."""

    expr: str
    pictures: tuple[tuple[str, str], ...]
    more: int = 0
    problem: str = ""


def draw(found: Pack, most: int = MOST, in_all: int = MOST_IN_ALL) -> tuple[Drawn, ...]:
    """All parts that have something to show or to say; with the limit that they are held to."""
    known = _limits(found)
    parts = [part for part in found.parts if part.lines or part.problem]
    shares = _shares([min(len(part.lines), most) for part in parts], in_all)
    return tuple(
        _part(part, known.get(part.expr), share, found)
        for part, share in zip(parts, shares, strict=True)
    )


def _shares(wanted: Sequence[int], in_all: int) -> list[int]:
    """How many pictures each part gets: one each, the first parts first, then one more each."""
    rounds = ((n, at) for at, count in enumerate(wanted) for n in range(count))
    given = Counter(at for _, at in sorted(rounds)[:in_all])
    return [given[at] for at in range(len(wanted))]


def _limits(found: Pack) -> Mapping[str, float]:
    try:
        return limits(parse(found.parts[0].expr).expr) if found.parts else {}
    except QuerySyntaxError:
        return {}


def _part(part: Part, limit: float | None, most: int, whole: Pack) -> Drawn:
    drawn = tuple((_label(line), _svg(line, limit, whole, part.expr)) for line in part.lines[:most])
    return Drawn(part.expr, drawn, part.more + len(part.lines) - len(drawn), part.problem)


def _svg(line: Line, limit: float | None, whole: Pack, expr: str) -> str:
    """All pictures show the same time, so that one is read below the other."""
    ends = ((whole.start_ms, math.nan), (whole.end_ms, math.nan))
    known = set(line.times)
    points = [
        *zip(line.times, line.values, strict=True),
        *(one for one in ends if one[0] not in known),
    ]
    points.sort()
    return svg(points, threshold=limit, title=_label(line) or expr, width=640)


def _label(line: Line) -> str:
    name = line.labels.get(NAME, "")
    pairs = ", ".join(f'{key}="{text}"' for key, text in line.labels.items() if key != NAME)
    return f"{name}{{{pairs}}}" if pairs else name
