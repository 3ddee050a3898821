"""Where panels stand: 24 columns, rows beneath each other, nothing over anything else."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final
from zlib import crc32

from zerostate_monitoring.generators.dashboards.values import Dashboard, Kind, Panel, Row

COLUMNS: Final = 24
OPEN_ROWS: Final = 3
"""So many rows with headings are open; a folded one asks nothing until it is opened."""

_TALLEST_LINE: Final = 3
_MOST_TILES: Final = 8
_HEIGHTS: Final = {Kind.STAT: 4}
_HEIGHT: Final = 8
_IDS: Final = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Box:
    """A place in the grid."""

    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class PlacedRow:
    """A row with its place, where it has a heading, and those of its panels."""

    row: Row
    head: Box | None
    is_folded: bool
    panels: tuple[tuple[Panel, Box], ...]


def laid_out(dashboard: Dashboard) -> Iterator[PlacedRow]:
    """All rows, from the top down."""
    y, headings = 0, 0
    for row in dashboard.rows:
        head = Box(0, y, COLUMNS, 1) if row.title else None
        headings += bool(row.title) and not row.repeat
        is_folded = headings > OPEN_ROWS or bool(row.repeat)
        panels, end = _placed(row.panels, y + bool(head))
        yield PlacedRow(row, head, is_folded, panels)
        y = y + 1 if is_folded else end


def _placed(panels: Sequence[Panel], y: int) -> tuple[tuple[tuple[Panel, Box], ...], int]:
    """Panels side by side, and beneath each other where a line is full."""
    found: list[tuple[Panel, Box]] = []
    x = tallest = 0
    for panel, width in zip(panels, _widths(panels), strict=True):
        if x + width > COLUMNS:
            x, y, tallest = 0, y + tallest, 0
        height = panel.height or _HEIGHTS.get(panel.kind, _HEIGHT)
        found.append((panel, Box(x, y, width, height)))
        x, tallest = x + width, max(tallest, height)
    return tuple(found), y + tallest


def _widths(panels: Sequence[Panel]) -> list[int]:
    equal = iter(_equal([panel for panel in panels if not panel.width]))
    return [panel.width or next(equal) for panel in panels]


def _equal(panels: Sequence[Panel]) -> list[int]:
    """Equal shares of as few lines as are readable."""
    if not panels:
        return []
    is_tiles = all(panel.kind is Kind.STAT for panel in panels)
    most = _MOST_TILES if is_tiles else _TALLEST_LINE
    lines = -(-len(panels) // most)
    at_most = -(-len(panels) // lines)
    widths: list[int] = []
    left = len(panels)
    for line in range(lines, 0, -1):
        count = min(at_most, -(-left // line))
        widths += _line(count)
        left -= count
    return widths


def _line(count: int) -> list[int]:
    """The widths of a whole line."""
    share, more = divmod(COLUMNS, count)
    return [share + (place < more) for place in range(count)]


def panel_id(dashboard: Dashboard, row: Row, panel: Panel | None = None) -> int:
    """A number that stays what it is while others come and go."""
    words = (dashboard.uid, row.title, panel.title if panel else "")
    return crc32("\n".join(words).encode()) % _IDS + 1
