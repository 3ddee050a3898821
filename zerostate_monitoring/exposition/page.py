"""The page: what changed is rendered anew, the rest is kept as bytes."""

from __future__ import annotations

import threading
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from zerostate_monitoring.exposition.answers import Origin
from zerostate_monitoring.exposition.own import Known
from zerostate_monitoring.exposition.plan import Section
from zerostate_monitoring.exposition.planner import Planner, nobody
from zerostate_monitoring.exposition.renderings import render_together
from zerostate_monitoring.exposition.selection import Selection
from zerostate_monitoring.storage.snapshot import Snapshot

EVERYTHING: Final = Selection()

# Smaller pieces are joined, so that a server does not send a header line by itself.
_PIECE: Final = 128 * 1024
# Level 9 takes nine times as long as level 1 and saves an eighth.
_GZIP_LEVEL: Final = 1
_GZIP_FORMAT: Final = 16 + zlib.MAX_WBITS


class Format(StrEnum):
    """What a page is written in."""

    TEXT = "text"
    OPENMETRICS = "openmetrics"


def _nobody_told(origin: Origin) -> None:
    """Nobody counts."""


Pieces = tuple[bytes, ...]
"""Bytes that make one page when they are joined."""


@dataclass(slots=True)
class _Kept:
    """What is made for one state of the snapshot and the settings."""

    up: bool = False
    pages: dict[tuple[Format, bool], Pieces] = field(default_factory=dict)


class PageCache:
    """The pages of one process. Threads take turns; each page is made once.

    Args:
        known: gives the project's collectors with their intervals.
        external_labels: gives the labels of this installation.
        refused: gives the producers that may not stand on the page.
    """

    def __init__(
        self,
        known: Callable[[], Known],
        external_labels: Callable[[], Mapping[str, str]],
        refused: Callable[[Snapshot], frozenset[str]] = nobody,
    ) -> None:
        self._planner: Final = Planner(known, external_labels, refused)
        self._lock: Final = threading.Lock()
        self._kept = _Kept()

    def page(
        self,
        snapshot: Snapshot,
        kind: Format,
        *,
        compressed: bool = False,
        selection: Selection = EVERYTHING,
        told: Callable[[Origin], None] = _nobody_told,
    ) -> Pieces:
        """The page of ``snapshot``, or the part that ``selection`` asks for.

        ``told`` is called with where the answer came from.
        """
        with self._lock:
            # Old pages go first, so that the new ones find their memory.
            self._planner.bring_to(snapshot, before=lambda: self._let_go(snapshot))
            told(self._origin(kind, selection, compressed=compressed))
            if selection:
                pieces = self._pieces(kind, selection)
                return _compressed(pieces) if compressed else pieces
            return self._whole(kind, compressed=compressed)

    def _origin(self, kind: Format, selection: Selection, *, compressed: bool) -> Origin:
        if selection:
            return Origin.PART
        return Origin.KEPT if (kind, compressed) in self._kept.pages else Origin.MADE

    def _let_go(self, snapshot: Snapshot) -> None:
        self._kept = _Kept(snapshot.up)

    def _whole(self, kind: Format, *, compressed: bool) -> Pieces:
        pages = self._kept.pages
        if (kind, False) not in pages:
            pages[kind, False] = self._pieces(kind, EVERYTHING)
        if compressed and (kind, True) not in pages:
            pages[kind, True] = _compressed(pages[kind, False])
        return pages[kind, compressed]

    # -- making a page -------------------------------------------------------

    def _pieces(self, kind: Format, selection: Selection) -> Pieces:
        return tuple(_coalesced(self._sections(kind, selection)))

    def _sections(self, kind: Format, selection: Selection) -> Iterator[list[bytes]]:
        """The page in parts of one family each."""
        is_text = kind is Format.TEXT
        texts = self._texts(kind, selection)
        for section in self._planner.plan.sections:
            if section.cumulative and not self._kept.up and not section.is_own:
                # Replicas that lost the store at different times would disagree about
                # a count, and Prometheus would take that for resets.
                continue
            lines = _lines(section, texts, selection)
            if lines:
                header = section.text_header if is_text else section.openmetrics_header
                yield [header, *lines]
        if not is_text:
            yield [b"# EOF\n"]

    def _texts(self, kind: Format, selection: Selection) -> dict[str, list[bytes]]:
        """The lines of the asked-for producers, by family."""
        asked = {
            producer: rendering
            for producer, rendering in self._planner.renderings.items()
            if selection.takes_producer(producer)
        }
        render_together(asked.values())
        return {
            producer: rendering.text if kind is Format.TEXT else rendering.openmetrics
            for producer, rendering in asked.items()
        }


def _lines(section: Section, texts: Mapping[str, list[bytes]], selection: Selection) -> list[bytes]:
    """The asked-for lines of one family, in one part for each producer."""
    if not selection:
        return [texts[producer][place] for producer, place, _ in section.shares]
    found = [
        selection.lines(lines, texts[producer][place])
        for producer, place, lines in section.shares
        if producer in texts
    ]
    return [text for text in found if text]


def _coalesced(sections: Iterable[list[bytes]]) -> Iterator[bytes]:
    """The same bytes in fewer pieces; sections of large parts are passed on as they are."""
    small: list[bytes] = []
    size = 0
    for parts in sections:
        total = sum(map(len, parts))
        if total >= _PIECE * (len(parts) - 1):
            yield from _joined([*small, parts[0]])
            yield from parts[1:]
            small, size = [], 0
            continue
        small += parts
        size += total
        if size >= _PIECE:
            yield from _joined(small)
            small, size = [], 0
    yield from _joined(small)


def _joined(chunks: list[bytes]) -> Iterator[bytes]:
    if chunks:
        yield b"".join(chunks)


def _compressed(pieces: Pieces) -> Pieces:
    gzip = zlib.compressobj(_GZIP_LEVEL, zlib.DEFLATED, _GZIP_FORMAT)
    parts = [gzip.compress(piece) for piece in pieces]
    return (b"".join([*parts, gzip.flush()]),)
