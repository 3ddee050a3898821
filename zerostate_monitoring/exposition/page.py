"""The page: what changed is rendered anew, the rest is kept as bytes."""

from __future__ import annotations

import threading
import time
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from zerostate_monitoring.exposition.layout import Layout
from zerostate_monitoring.exposition.own import Known, own_frame, silent
from zerostate_monitoring.exposition.plan import OWN, Candidate, Plan, Section, make_plan
from zerostate_monitoring.exposition.renderings import Rendering, Renderings, render
from zerostate_monitoring.exposition.selection import Selection
from zerostate_monitoring.frames.frame import Frame, PackedFrame
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


Pieces = tuple[bytes, ...]
"""Bytes that make one page when they are joined."""


@dataclass(slots=True)
class _Kept:
    """What is made for one state of the snapshot and the settings."""

    made_for: object = None
    up: bool = False
    pages: dict[tuple[Format, bool], Pieces] = field(default_factory=dict)


def _nobody(snapshot: Snapshot) -> frozenset[str]:
    return frozenset()


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
        refused: Callable[[Snapshot], frozenset[str]] = _nobody,
    ) -> None:
        self._known: Final = known
        self._external_labels: Final = external_labels
        self._refused: Final = refused
        self._lock: Final = threading.Lock()
        self._renderings: Final = Renderings()
        self._own: Rendering | None = None
        self._own_made_for: tuple[object, ...] = ()
        self._plan = Plan()
        self._planned_for: tuple[int, Layout] | None = None
        self._kept = _Kept()

    def page(
        self,
        snapshot: Snapshot,
        kind: Format,
        *,
        compressed: bool = False,
        selection: Selection = EVERYTHING,
    ) -> Pieces:
        """The page of ``snapshot``, or the part that ``selection`` asks for."""
        with self._lock:
            self._bring_to(snapshot)
            if selection:
                pieces = self._pieces(kind, selection)
                return _compressed(pieces) if compressed else pieces
            return self._whole(kind, compressed=compressed)

    def _whole(self, kind: Format, *, compressed: bool) -> Pieces:
        pages = self._kept.pages
        if (kind, False) not in pages:
            pages[kind, False] = self._pieces(kind, EVERYTHING)
        if compressed and (kind, True) not in pages:
            pages[kind, True] = _compressed(pages[kind, False])
        return pages[kind, compressed]

    # -- bringing what is kept to the snapshot -------------------------------

    def _bring_to(self, snapshot: Snapshot) -> None:
        known, labels = self._known(), self._external_labels()
        without = silent(snapshot, known, time.time())
        made_for = (snapshot.revision, dict(known), labels, without)
        if made_for == self._kept.made_for:
            return
        # Old pages go first, so that the new ones find their memory. What is kept is
        # marked at the end: a page that could not be made is made anew the next time.
        self._kept = _Kept(None, snapshot.up)
        self._renderings.bring_to(snapshot, self._refused(snapshot))

        def own() -> Frame:
            return own_frame(snapshot, known, labels, self._plan, without)

        told = (*_told(snapshot), dict(known), labels, without)
        self._bring_own(told, own)
        if self._replan():
            self._bring_own(told, own)
        self._kept.made_for = made_for

    def _bring_own(self, told: tuple[object, ...], make: Callable[[], Frame]) -> None:
        """Render what the app says of itself, unless it would say the same again."""
        if self._own is None or self._own_made_for != (*told, self._plan):
            self._render_own(make())
            self._own_made_for = (*told, self._plan)

    def _render_own(self, frame: Frame) -> None:
        packed = PackedFrame(frame.schema.digest, frame.values, frame.at, frame.labels, {})
        before = self._own
        same = before is not None and before.packed.digest == packed.digest
        layout = before.layout if before and same else Layout(frame.schema, frame.labels)
        self._own = render(packed, layout)

    def _replan(self) -> bool:
        """Make the plan anew if lines changed; whether it was."""
        if self._own is None or self._planned_for == (self._renderings.version, self._own.layout):
            return False
        own = Candidate(OWN, self._own.layout, ())
        candidates = [own, *self._renderings.candidates()]
        self._plan = make_plan(candidates, self._renderings.unusable)
        self._planned_for = (self._renderings.version, self._own.layout)
        return True

    # -- making a page -------------------------------------------------------

    def _pieces(self, kind: Format, selection: Selection) -> Pieces:
        return tuple(_coalesced(self._sections(kind, selection)))

    def _sections(self, kind: Format, selection: Selection) -> Iterator[list[bytes]]:
        """The page in parts of one family each."""
        is_text = kind is Format.TEXT
        texts = self._texts(kind, selection)
        for section in self._plan.sections:
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
        renderings = dict(self._renderings.items())
        if self._own is not None:
            renderings[OWN] = self._own
        return {
            producer: rendering.text if kind is Format.TEXT else rendering.openmetrics
            for producer, rendering in renderings.items()
            if selection.takes_producer(producer)
        }


def _told(snapshot: Snapshot) -> tuple[object, ...]:
    """What the app's own families are made of; quick to compare while it is the same."""
    return (
        snapshot.up,
        snapshot.store_id,
        snapshot.notes,
        snapshot.counts,
        snapshot.dropped,
        len(snapshot.processes),
        snapshot.skipped,
    )


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
