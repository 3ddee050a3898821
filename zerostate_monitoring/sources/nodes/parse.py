"""The page of a node, as bytes, becomes a frame.

The Prometheus text format 0.0.4 and OpenMetrics 1.0 are read. The labels of a page
seldom change, so what the first parse found is kept and the next page of that target is
compared with it line by line; where all but the values is equal, only the values are
read. Timestamps of samples are checked and dropped: a sample counts at the moment of the
scrape, as with Prometheus' ``honor_timestamps: false``. ``_created`` samples are dropped.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from threading import Lock
from typing import Final

from zerostate_monitoring.exceptions import SourceError
from zerostate_monitoring.frames.frame import Frame
from zerostate_monitoring.sources.nodes.layout import Layout, read_page
from zerostate_monitoring.sources.nodes.memory import MAX_SERIES, Memory

_ENDS: Final = ("\n# EOF\n", "\n# EOF")
_EMPTY: Final = ("# EOF\n", "# EOF")
_SIMILAR: Final = 4
_LINES_PER_SERIES: Final = 5  # itself, HELP, TYPE, UNIT, a blank one


@dataclass(frozen=True, slots=True)
class Page:
    """All usable samples of a page; ``refused`` maps a family to why it was left out."""

    frame: Frame
    refused: Mapping[str, str]


class PageParser:
    """Parse pages, and remember the layout of each target.

    The memory holds at most ``max_targets`` targets and ``max_series`` series; see
    ``Memory``. Targets with equal pages share one layout. Instances may be used by
    several threads.
    """

    def __init__(self, max_targets: int = 4096, max_series: int = MAX_SERIES) -> None:
        self._memory: Final[Memory[Layout]] = Memory(max_targets, max_series)
        self._lock: Final = Lock()

    def parse(
        self, target: str, body: bytes, *, openmetrics: bool, at: float, max_series: int
    ) -> Page:
        """Read one whole page of ``target``, scraped at ``at`` (unix seconds).

        Invalid UTF-8 becomes U+FFFD.

        Raises:
            SourceError: ``invalid`` with line and reason for a malformed or cut page or a
                series that stands twice; ``too_large`` for more than ``max_series``.
        """
        text = body.decode("utf-8", "replace")
        _check_end(text, openmetrics=openmetrics)
        own = self._own(target, at)
        for layout in self._candidates(own):
            if layout.openmetrics is openmetrics and len(layout.heads) <= max_series:
                frame = layout.read(text, at)
                if frame is not None:
                    if layout is not own:
                        self._remember(target, layout, at)
                    return Page(frame, layout.refused)
        _check_series(text, max_series)
        layout, frame = read_page(
            text, openmetrics=openmetrics, at=at, known=own.known() if own else {}
        )
        self._remember(target, layout, at)
        return Page(frame, layout.refused)

    def forget(self, target: str) -> None:
        """Drop what is known of ``target``."""
        with self._lock:
            self._memory.forget(target)

    def _own(self, target: str, at: float) -> Layout | None:
        with self._lock:
            return self._memory.get(target, at)

    def _candidates(self, own: Layout | None) -> list[Layout]:
        """The target's own layout; for a new target those of the latest other ones."""
        if own is not None:
            return [own]
        with self._lock:
            return self._memory.latest(_SIMILAR)

    def _remember(self, target: str, layout: Layout, at: float) -> None:
        with self._lock:
            # Comments take room, too; a page has about one for each series at most.
            size = max(len(layout.heads), len(layout.lines) // 4)
            self._memory.put(target, layout, size, at)


def _check_series(text: str, max_series: int) -> None:
    lines = text.count("\n")
    if lines <= max_series:
        return
    samples = lines - text.count("\n#") - text.startswith("#") - text.count("\n\n")
    if samples > max_series:
        message = f"the page has {samples} series, {max_series} are allowed"
        raise SourceError(message, kind="too_large")
    if lines > _LINES_PER_SERIES * max_series:
        message = f"the page has {lines} lines, for {max_series} series at most"
        raise SourceError(message, kind="too_large")


def _check_end(text: str, *, openmetrics: bool) -> None:
    """Refuse a page whose end is missing: half a number is a number, too."""
    if not openmetrics:
        if text and not text.endswith("\n"):
            message = f"line {text.count(chr(10)) + 1}: the page ends within a line"
            raise SourceError(message, kind="invalid")
        return
    if not text.endswith(_ENDS) and text not in _EMPTY:
        raise SourceError("the page does not end with # EOF", kind="invalid")
