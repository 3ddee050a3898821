"""Tell the store what this process has counted, in as many publications as it takes."""

from __future__ import annotations

import logging
import uuid
from typing import Final

from zerostate_monitoring.instrumentation import registry
from zerostate_monitoring.instrumentation.ledger import Ledger
from zerostate_monitoring.instrumentation.present import Present, about
from zerostate_monitoring.instrumentation.series import Batch
from zerostate_monitoring.storage.publication import Gauges, Publication, Receipt
from zerostate_monitoring.storage.publishing import Publishing

logger = logging.getLogger(__name__)

BATCH_SERIES: Final = 2000
"""Most series of one publication: the store serves nobody else meanwhile."""
DECLARE_SECONDS: Final = 60.0
_TRIES: Final = 5


class Teller:
    """Tells the store of one process; no thread, no clock of its own.

    ``sequence`` rises with what the store acknowledged. While the first publication is not
    acknowledged it stays 1, whose repetition the store knows. ``answers`` counts what the
    store has answered: as long as it rises there is progress.
    """

    def __init__(self, door: Publishing, ledger: Ledger, present: Present) -> None:
        self.producer: Final = uuid.uuid4().hex
        self.answers = 0
        self._door: Final = door
        self._ledger: Final = ledger
        self._present: Final = present
        self._gauges: Gauges | None = None
        self._cursor = -1
        self._sequence = 1
        self._base = False
        self._on_its_way: tuple[int, Batch] | None = None
        self._declared_at = float("-inf")

    def ended(self, name: str, labels: tuple[str, ...]) -> None:
        """A series was removed here."""
        self._ledger.end(name, labels)

    # -- what is to be said ------------------------------------------------------

    def tell_totals(self, now: float, ttl: float) -> None:
        """Publish what ended and what changed.

        Raises:
            StoreError: the store does not answer; the next call says what this one could not.
        """
        for _ in range(_TRIES):
            if self._settle(now, ttl):
                return
        logger.warning("publication_not_settled", extra={"producer": self.producer})

    def _settle(self, now: float, ttl: float) -> bool:
        """Say all once; whether the store took it and needs nothing more."""
        base = self._base
        # What others ended meanwhile must not come back with all the rest.
        if base and not self._tell(Batch(), now, ttl):
            return False
        changed = self._ledger.scan()
        for batch in self._ledger.ends():
            if not self._tell(batch, now, ttl):
                return False
        for name, labels in self._ledger.unplaced(changed).items():
            self._register(name, labels)
        for start in range(0, max(len(changed), 1), BATCH_SERIES):
            part = self._ledger.batch(changed[start : start + BATCH_SERIES], base=base)
            if not self._tell(part, now, ttl):
                return False
        self._base = False
        return not base

    def _register(self, name: str, labels: list[tuple[str, ...]]) -> None:
        family = self._ledger.total_of(name)
        for start in range(0, len(labels), BATCH_SERIES):
            part = labels[start : start + BATCH_SERIES]
            self._ledger.place(name, part, self._door.register(family, part))
            self.answers += 1

    def tell_gauges(self, gauges: Gauges, now: float, ttl: float) -> None:
        """Publish the present values, if they are others than those that the store has.

        Raises:
            StoreError: the store does not answer.
        """
        for _ in range(_TRIES):
            if gauges == self._gauges or self._tell(Batch(), now, ttl, gauges=gauges):
                return

    def close(self, now: float) -> None:
        """Say that this process ends; what it counted has been told before.

        Raises:
            StoreError: the store does not answer.
        """
        self._tell(Batch(), now, 1.0, closing=True)

    # -- saying it ---------------------------------------------------------------

    def _tell(
        self,
        batch: Batch,
        now: float,
        ttl: float,
        *,
        gauges: Gauges | None = None,
        closing: bool = False,
    ) -> bool:
        declares = now - self._declared_at >= DECLARE_SECONDS and not self._base
        dropped = dict(registry.DROPPED)
        publication = Publication(
            producer=self.producer,
            sequence=self._sequence,
            base=self._base,
            totals=batch.changes,
            cleared=batch.cleared,
            gauges=gauges,
            gauge_samples=len(self._gauges.values) if self._gauges else 0,
            removals=batch.removals,
            cursor=self._cursor,
            dropped=dropped,
            declared=self._ledger.family_ids if declares else (),
            closing=closing,
            about=about(),
        )
        self._note_try(batch)
        receipt = self._door.publish(publication, gauges_ttl=ttl)
        self.answers += 1
        if receipt.outcome != "ok":
            self._refused(receipt, batch)
            return False
        self._ledger.arrived(batch)
        registry.reported(dropped)
        self._declared_at = now if declares else self._declared_at
        self._gauges = gauges or self._gauges
        return self._taken(receipt)

    def _note_try(self, batch: Batch) -> None:
        """Note what all tries of this sequence have in common: one of them may have arrived."""
        sequence, before = self._on_its_way or (0, batch)
        common = before.common(batch) if sequence == self._sequence else batch
        self._on_its_way = (self._sequence, common)

    def _taken(self, receipt: Receipt) -> bool:
        """Note what the store answered; whether it needs nothing more."""
        before, self._sequence = self._sequence - 1, self._sequence + 1
        self._others(receipt)
        if receipt.wanted:
            self._ledger.misplaced(set(receipt.wanted))
            self._ledger.tell_all()
            self._gauges = None if "gauges" in receipt.wanted else self._gauges
        if receipt.sequence == before or self._base:
            return not receipt.wanted
        # A failover lost what it had acknowledged. Values are absolute: all of them again.
        logger.warning("store_went_back", extra={"producer": self.producer})
        self._ledger.tell_all()
        self._gauges = None
        return False

    def _others(self, receipt: Receipt) -> None:
        """Take note of the series that other processes have ended."""
        self._cursor = receipt.cursor
        ended = [removal for removal in receipt.removals if removal.producer != self.producer]
        self._ledger.forget(ended)
        self._present.forget(ended)

    def _refused(self, receipt: Receipt, batch: Batch) -> None:
        """Find out what the store has, and say it again in its terms."""
        if receipt.outcome == "old":
            # A try of this sequence arrived; its answer did not. What ended with it has ended,
            # and a new series of that name must not end with it. What it told is told: should
            # another process have ended that since, it must not come back as news.
            if self._on_its_way is not None:
                self._ledger.arrived(self._on_its_way[1])
            self._sequence = receipt.sequence + 1
            return
        self._ledger.refused(batch)
        if receipt.outcome == "moved":
            self._others(receipt)
            self._ledger.moved(receipt.moved)
            return
        # Emptied, or this process slept for too long. What it may have counted becomes
        # the base of what follows: the totals show a reset, and never a jump.
        self._ledger.misplaced()
        self._base, self._gauges = True, None
        logger.warning("process_unknown_to_store", extra={"producer": self.producer})
