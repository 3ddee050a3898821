"""Tell the store what this process has counted, in as many publications as it takes."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Sequence
from typing import Any, Final

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
_TRIES: Final = 4


class Teller:
    """Tells the store of one process; no thread, no clock of its own.

    ``sequence`` rises with what the store acknowledged. While the first publication is not
    acknowledged it stays 1, whose repetition the store knows.
    """

    def __init__(self, door: Publishing, ledger: Ledger, present: Present) -> None:
        self.producer: Final = uuid.uuid4().hex
        self._door: Final = door
        self._ledger: Final = ledger
        self._present: Final = present
        self._gauges: Gauges | None = None
        self._cursor = -1
        self._sequence = 1
        self._base = False
        self._declared_at = float("-inf")

    def ended(self, name: str, labels: tuple[str, ...]) -> None:
        """A series was removed here."""
        self._ledger.end(name, labels)

    def tell(self, now: float, *, ttl: float, closing: bool = False) -> None:
        """Publish what changed.

        Raises:
            StoreError: the store does not answer; the next call says what this one could not.
        """
        for _ in range(_TRIES):
            changed = self._ledger.scan()
            for name, labels in self._ledger.unplaced(changed).items():
                self._register(name, labels)
            was_base = self._base
            if self._tell_batches(changed, now, ttl, closing=closing) and not was_base:
                return
        logger.warning("publication_not_settled", extra={"producer": self.producer})

    def _register(self, name: str, labels: Sequence[tuple[str, ...]]) -> None:
        family = self._ledger.total_of(name)
        for start in range(0, len(labels), BATCH_SERIES):
            part = labels[start : start + BATCH_SERIES]
            self._ledger.place(name, part, self._door.register(family, part))

    def _tell_batches(
        self, changed: Sequence[Any], now: float, ttl: float, *, closing: bool
    ) -> bool:
        """Send all batches; whether the store took them."""
        batches = list(self._ledger.batches(changed, BATCH_SERIES, base=self._base))
        for number, batch in enumerate(batches):
            is_last = number == len(batches) - 1
            if not self._tell(batch, now, ttl, closing=closing and is_last):
                return False
        self._base = False
        return True

    def _tell(self, batch: Batch, now: float, ttl: float, *, closing: bool) -> bool:
        gauges = None if closing else self._present.read(now)
        declares = now - self._declared_at >= DECLARE_SECONDS
        dropped = dict(registry.DROPPED)
        publication = Publication(
            producer=self.producer,
            sequence=self._sequence,
            base=self._base,
            totals=batch.changes,
            cleared=batch.cleared,
            gauges=None if gauges == self._gauges else gauges,
            removals=batch.removals,
            cursor=self._cursor,
            dropped=dropped,
            declared=self._ledger.family_ids if declares else (),
            closing=closing,
            about=about(),
        )
        receipt = self._door.publish(publication, gauges_ttl=ttl)
        if receipt.outcome != "ok":
            self._ledger.refused(batch)
            self._refused(receipt)
            return False
        self._ledger.arrived(batch)
        if receipt.sequence != self._sequence - 1 and not self._base:
            # A failover lost what it had acknowledged. Values are absolute: all of them again.
            logger.warning("store_went_back", extra={"producer": self.producer})
            self._ledger.tell_all()
        registry.reported(dropped)
        self._gauges, self._cursor = gauges, receipt.cursor
        self._sequence += 1
        self._declared_at = now if declares else self._declared_at
        self._ledger.forget(receipt.removals)
        self._present.forget(receipt.removals)
        return True

    def _refused(self, receipt: Receipt) -> None:
        """Find out what the store has, and say it again in its terms."""
        if receipt.outcome == "old":
            self._sequence = receipt.sequence + 1
        elif receipt.outcome == "moved":
            self._ledger.misplaced(receipt.moved)
        else:
            # Emptied, or this process slept for too long. What it may have counted becomes
            # the base of what follows: the totals show a reset, and never a jump.
            self._ledger.misplaced()
            self._base, self._gauges, self._cursor = True, None, -1
            logger.warning("process_unknown_to_store", extra={"producer": self.producer})
