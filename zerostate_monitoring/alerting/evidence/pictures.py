"""What of evidence is to be drawn: a picture of each expression that says something of its own."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from zerostate_monitoring.alerting.evidence.packing import Line, Pack, Part
from zerostate_monitoring.alerting.operands import COMPARISONS, bare, limits
from zerostate_monitoring.exceptions import QuerySyntaxError
from zerostate_monitoring.promql.nodes import Binary, Expr, Number
from zerostate_monitoring.promql.printer import format_expr
from zerostate_monitoring.promql.query import parse

MOST: Final = 4
"""Lines of one picture."""
MOST_PICTURES: Final = 3
"""More of them are looked at by nobody at night."""
_GIVES_LEFT: Final = frozenset({*COMPARISONS, "and", "or", "unless"})
_WHOLE: Final = 0.9
"""A level that has so much of its slots says the same all the time."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """An expression with the lines that are drawn of it, and the number it is held to.

    ``more`` series are not drawn. ``level`` are the values of series that were the same all the
    time, of which there is no picture.
    """

    expr: str
    lines: tuple[Line, ...] = ()
    limit: float | None = None
    more: int = 0
    level: tuple[float, ...] = ()
    problem: str = ""


def draw(found: Pack, most: int = MOST, pictures: int = MOST_PICTURES) -> tuple[Drawn, ...]:
    """All parts that have something to show or to say; what gives the value comes first.

    What only filters another part, as ``a > 1`` does, is left out: ``a`` is drawn with the limit
    in it.
    """
    known = _limits(found)
    texts = {part.expr for part in found.parts if part.lines}
    parts = [
        part
        for part in found.parts
        if part.problem or (part.lines and not _filters(part.expr, texts))
    ]
    first = _leading(found.parts[0].expr) if found.parts else ""
    left, told = pictures, list[Drawn]()
    for part in sorted(parts, key=lambda one: one.expr != first):
        limit = known.get(part.expr, _own_limit(part.expr))
        one = _part(part, limit, most if left > 0 else 0, found)
        left -= bool(one.lines)
        told.append(one)
    return tuple(told)


def _limits(found: Pack) -> Mapping[str, float]:
    try:
        return limits(parse(found.parts[0].expr).expr) if found.parts else {}
    except QuerySyntaxError:
        return {}


def _leading(expr: str) -> str:
    """What stands leftmost, and is compared there: of it the value of an alert is."""
    try:
        node = bare(parse(expr).expr)
    except QuerySyntaxError:
        return expr
    while isinstance(node, Binary) and node.op in _GIVES_LEFT and not node.returns_bool:
        left = bare(node.left)
        node = bare(node.right) if isinstance(left, Number) else left
    return format_expr(node)


def _own_limit(expr: str) -> float | None:
    """The number that an expression itself compares with."""
    try:
        node = bare(parse(expr).expr)
    except QuerySyntaxError:
        return None
    if not isinstance(node, Binary) or node.op not in COMPARISONS or node.returns_bool:
        return None
    sides = (bare(node.left), bare(node.right))
    return next((side.value for side in sides if isinstance(side, Number)), None)


def _filters(expr: str, texts: Collection[str]) -> bool:
    """Whether other parts show all values that an expression gives."""
    try:
        return _shows(bare(parse(expr).expr), texts, whole=True)
    except QuerySyntaxError:
        return False


def _shows(node: Expr, texts: Collection[str], *, whole: bool = False) -> bool:
    node = bare(node)
    if not whole and format_expr(node) in texts:
        return True
    if not isinstance(node, Binary) or node.returns_bool:
        return False
    left, right = bare(node.left), bare(node.right)
    if node.op in COMPARISONS:
        sides = [side for side in (left, right) if not isinstance(side, Number)]
        return bool(sides) and all(_shows(side, texts) for side in sides)
    if node.op in {"and", "unless"}:
        return _shows(left, texts)
    return node.op == "or" and _shows(left, texts) and _shows(right, texts)


def _part(part: Part, limit: float | None, most: int, whole: Pack) -> Drawn:
    if limit is None and part.lines and all(_is_level(line, whole) for line in part.lines):
        level = tuple(sorted({line.values[0] for line in part.lines}))
        return Drawn(part.expr, (), None, part.more, level, part.problem)
    shown = tuple(part.lines[:most])
    more = part.more + len(part.lines) - len(shown)
    return Drawn(part.expr, shown, limit, more, (), part.problem)


def _is_level(line: Line, whole: Pack) -> bool:
    """Whether a series had one value, and had it all the time."""
    slots = (whole.end_ms - whole.start_ms) / max(whole.step_ms, 1)
    return _is_same(line.values) and len(line.values) >= slots * _WHOLE


def _is_same(values: Sequence[float]) -> bool:
    return bool(values) and math.isfinite(values[0]) and min(values) == max(values)
