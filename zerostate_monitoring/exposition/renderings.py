"""The lines of every producer, kept while its frame is the same."""

from __future__ import annotations

import logging
from collections.abc import ItemsView, Iterable, Iterator, Sequence
from itertools import groupby
from typing import Final

import numpy as np

from zerostate_monitoring.exceptions import FrameError
from zerostate_monitoring.exposition.layout import Layout
from zerostate_monitoring.exposition.numbers import spell
from zerostate_monitoring.exposition.plan import Candidate
from zerostate_monitoring.frames.exemplar import Labels
from zerostate_monitoring.frames.frame import PackedFrame
from zerostate_monitoring.frames.schema import Schema
from zerostate_monitoring.storage.snapshot import Snapshot

logger = logging.getLogger(__name__)

Key = tuple[bytes, Labels]

_AT_ONCE: Final = 10_000
"""About how many numbers are spelled together."""


class Rendering:
    """One producer: its frame, its lines and their text by family, made when it is asked for."""

    __slots__ = ("_openmetrics", "_text", "layout", "packed")

    def __init__(self, packed: PackedFrame, layout: Layout) -> None:
        self.packed: Final = packed
        self.layout: Final = layout
        self._text: list[bytes] | None = None
        self._openmetrics: list[bytes] | None = None

    @property
    def has_text(self) -> bool:
        """Whether the lines have been made."""
        return self._text is not None

    def take(self, texts: list[bytes], first: int) -> None:
        """Make the lines; the numbers are those of ``texts`` from ``first`` on."""
        self._text = self.layout.render(texts, first)

    @property
    def text(self) -> list[bytes]:
        """Lines of the Prometheus text format."""
        if self._text is None:
            self._text = self.layout.render(spell(self.packed.values))
        return self._text

    @property
    def openmetrics(self) -> list[bytes]:
        """Lines of OpenMetrics; those of the text format where there are no exemplars."""
        if not self.packed.exemplars:
            return self.text
        if self._openmetrics is None:
            packed = self.packed
            texts = spell(packed.values)
            self._openmetrics = self.layout.render_with_exemplars(packed.exemplars, texts)
        return self._openmetrics


class Renderings:
    """Bring the producers' lines to a snapshot, rendering only what changed.

    ``version`` rises when lines come, go or change otherwise than in their values.
    """

    def __init__(self) -> None:
        self.version = 0
        self._by_producer: Final[dict[str, Rendering]] = {}
        self._left_out: dict[str, PackedFrame] = {}
        self._refused = 0

    @property
    def unusable(self) -> int:
        """Series of producers whose frames cannot be rendered, or may not stand."""
        return sum(len(packed.values) for packed in self._left_out.values()) + self._refused

    def items(self) -> ItemsView[str, Rendering]:
        """All producers with their lines."""
        return self._by_producer.items()

    def candidates(self) -> Iterator[Candidate]:
        """All producers, for a plan."""
        for producer, rendering in self._by_producer.items():
            yield Candidate(producer, rendering.layout, rendering.packed.labels)

    def bring_to(self, snapshot: Snapshot, refused: frozenset[str] = frozenset()) -> None:
        """Render the producers whose frames are new, forget those that ended or are refused."""
        refused &= snapshot.packed.keys()
        number = sum(len(snapshot.packed[producer].values) for producer in refused)
        self.version += number != self._refused
        self._refused = number
        for gone in self._by_producer.keys() - (snapshot.packed.keys() - refused):
            del self._by_producer[gone]
            self.version += 1
        self._left_out = {
            p: packed for p, packed in self._left_out.items() if snapshot.packed.get(p) is packed
        }
        known = self._left_out.keys() | refused
        fresh = [
            producer
            for producer, packed in snapshot.packed.items()
            if self._packed(producer) is not packed and producer not in known
        ]
        # One schema at a time: a schema as objects weighs five times what its lines do.
        fresh.sort(key=lambda producer: snapshot.packed[producer].digest)
        layouts = self._layouts()
        for _, group in groupby(fresh, lambda producer: snapshot.packed[producer].digest):
            self._render(list(group), snapshot, layouts)

    def _packed(self, producer: str) -> PackedFrame | None:
        before = self._by_producer.get(producer)
        return before.packed if before else None

    def _layouts(self) -> dict[Key, Layout]:
        """What is known already; nodes with equal series and labels share it."""
        return {
            (rendering.packed.digest, rendering.packed.labels): rendering.layout
            for rendering in self._by_producer.values()
        }

    def _render(
        self, producers: Sequence[str], snapshot: Snapshot, layouts: dict[Key, Layout]
    ) -> None:
        """Render producers of one schema, which is decoded only for lines not known yet."""
        schema: Schema | None = None
        for producer in producers:
            packed = snapshot.packed[producer]
            key = (packed.digest, packed.labels)
            try:
                if key not in layouts:
                    schema = schema or snapshot.schemas[packed.digest]
                    layouts[key] = Layout(schema, packed.labels)
                self._replace(producer, packed, layouts[key])
            except FrameError as error:
                self._leave_out(producer, packed, error)

    def _leave_out(self, producer: str, packed: PackedFrame, error: FrameError) -> None:
        """One producer's frame must not cost the others their page."""
        logger.warning("producer_left_out", extra={"producer": producer, "error": str(error)})
        self._left_out[producer] = packed
        if self._by_producer.pop(producer, None) is not None:
            self.version += 1

    def _replace(self, producer: str, packed: PackedFrame, layout: Layout) -> None:
        before = self._by_producer.get(producer)
        if before is None or before.layout is not layout:
            self.version += 1
        self._by_producer[producer] = Rendering(packed, layout)


def render_together(renderings: Iterable[Rendering]) -> None:
    """Make the lines that are lacking; to spell many numbers at once is quicker than few."""
    for part in _parts([one for one in renderings if not one.has_text]):
        texts = spell(np.concatenate([one.packed.values for one in part]))
        first = 0
        for one in part:
            one.take(texts, first)
            first += len(one.packed.values)


def _parts(renderings: Iterable[Rendering]) -> Iterator[list[Rendering]]:
    """Renderings together, as long as their numbers as text take little room."""
    part: list[Rendering] = []
    size = 0
    for one in renderings:
        part.append(one)
        size += len(one.packed.values)
        if size >= _AT_ONCE:
            yield part
            part, size = [], 0
    if part:
        yield part
