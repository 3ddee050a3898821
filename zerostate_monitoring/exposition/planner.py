"""What stands on a page: the producers' lines, the app's own, and which are accepted."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Final

from zerostate_monitoring.exposition.layout import Layout
from zerostate_monitoring.exposition.own import Known, own_frame, silent
from zerostate_monitoring.exposition.plan import OWN, Candidate, Plan, make_plan
from zerostate_monitoring.exposition.renderings import Rendering, Renderings
from zerostate_monitoring.frames.frame import Frame, PackedFrame
from zerostate_monitoring.frames.schema import Schema
from zerostate_monitoring.storage.snapshot import Snapshot


def nobody(snapshot: Snapshot) -> frozenset[str]:
    """No producer is refused."""
    return frozenset()


class Planner:
    """Bring the lines and their plan to a snapshot. Who asks holds a lock.

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
        self._known: Final = known
        self._external_labels: Final = external_labels
        self._refused: Final = refused
        self._renderings: Final = Renderings()
        self._own: Rendering | None = None
        self._own_made_for: tuple[object, ...] = ()
        self._planned_for: tuple[int, Layout] | None = None
        self._made_for: object = None
        self.plan = Plan()
        self.own_schema = Schema(())

    @property
    def renderings(self) -> dict[str, Rendering]:
        """All producers with their lines."""
        own = {} if self._own is None else {OWN: self._own}
        return {**dict(self._renderings.items()), **own}

    def bring_to(self, snapshot: Snapshot, before: Callable[[], None] = lambda: None) -> None:
        """Bring all to ``snapshot``; ``before`` is called first if anything is to be done."""
        known, labels = self._known(), self._external_labels()
        without = silent(snapshot, known, time.time())
        made_for = (snapshot.revision, dict(known), labels, without)
        if made_for == self._made_for:
            return
        # What is kept is marked at the end: what could not be made is made anew the next time.
        self._made_for = None
        before()
        self._renderings.bring_to(snapshot, self._refused(snapshot))

        def own() -> Frame:
            return own_frame(snapshot, known, labels, self.plan, without)

        told = (*_told(snapshot), dict(known), labels, without)
        self._bring_own(told, own)
        if self._replan():
            self._bring_own(told, own)
        self._made_for = made_for

    def _bring_own(self, told: tuple[object, ...], make: Callable[[], Frame]) -> None:
        """Take what the app says of itself, unless it would say the same again."""
        if self._own is None or self._own_made_for != (*told, self.plan):
            self._take_own(make())
            self._own_made_for = (*told, self.plan)

    def _take_own(self, frame: Frame) -> None:
        packed = PackedFrame(frame.schema.digest, frame.values, frame.at, frame.labels, {})
        before = self._own
        same = before is not None and before.packed.digest == packed.digest
        layout = before.layout if before and same else Layout(frame.schema, frame.labels)
        self._own = Rendering(packed, layout)
        self.own_schema = frame.schema

    def _replan(self) -> bool:
        """Make the plan anew if lines changed; whether it was."""
        if self._own is None or self._planned_for == (self._renderings.version, self._own.layout):
            return False
        own = Candidate(OWN, self._own.layout, ())
        candidates = [own, *self._renderings.candidates()]
        self.plan = make_plan(candidates, self._renderings.unusable)
        self._planned_for = (self._renderings.version, self._own.layout)
        return True


def _told(snapshot: Snapshot) -> tuple[object, ...]:
    """What the app's own families are made of; quick to compare while it is the same."""
    return (
        snapshot.up,
        snapshot.store_id,
        snapshot.notes,
        snapshot.counts,
        snapshot.dropped,
        snapshot.history,
        len(snapshot.processes),
        snapshot.skipped,
    )
