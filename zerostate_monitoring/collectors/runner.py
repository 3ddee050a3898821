"""Run one collector once: claim, collect, assemble, write, record.

A run is fenced twice. The lease in the store, held while the run lasts, keeps runs from
overlapping; the claim on the collector's row (its ``token`` grows with every run) keeps a run
that was overtaken from writing its state, also after the store was emptied and counts tokens
anew.
"""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from typing import Final

from django.db import DatabaseError

from zerostate_monitoring.catalogue import CATALOGUE
from zerostate_monitoring.collectors.absence import log_absences
from zerostate_monitoring.collectors.assembly import Assembled, assemble
from zerostate_monitoring.collectors.base import COLLECTORS, CollectorDefinition
from zerostate_monitoring.collectors.bounds import held, time_limit, until
from zerostate_monitoring.collectors.collector_row import row_of, too_soon
from zerostate_monitoring.collectors.feeders import Feeder, hold
from zerostate_monitoring.collectors.followed import followed
from zerostate_monitoring.collectors.outcome import (
    TIMEOUTS,
    Outcome,
    failed,
    kind_of,
    lost,
    skipped,
    succeeded,
)
from zerostate_monitoring.collectors.policy import load_policy
from zerostate_monitoring.collectors.record import (
    claim,
    finite,
    is_enabled,
    record,
    record_unclaimed,
    seen,
    tell,
    tell_off,
    unclaim,
    unfinished_since,
    will_count,
)
from zerostate_monitoring.conf import conf
from zerostate_monitoring.exceptions import SourceError, StaleTokenError, StoreError
from zerostate_monitoring.models import Collector
from zerostate_monitoring.schedule import limits, ttl
from zerostate_monitoring.storage.lease import Lease
from zerostate_monitoring.storage.store import Store, Write

logger = logging.getLogger(__name__)

DISABLED: Final = "disabled"
NOT_FINITE: Final = "its count is not a finite number"


@followed
def run(
    name: str,
    *,
    store: Store,
    now: float | None = None,
    forced: bool = False,
    timeouts: tuple[type[BaseException], ...] = TIMEOUTS,
) -> Outcome:
    """Run the collector ``name`` and say how it ended.

    Errors of the source, of the store, of the project's database and of the collector's
    own code end in the outcome, never in the caller.

    Args:
        name: a registered collector.
        store: where the frame goes.
        now: unix seconds; the clock's if left out.
        forced: run although the last run began less than half an interval ago.
        timeouts: exceptions by which the caller says that time is up.

    Raises:
        ConfigurationError: no collector has this name.
    """
    definition = COLLECTORS.find(name)
    if not conf.ENABLED:
        return skipped(name, "ZEROSTATE_MONITORING_ENABLED is False")
    at = time.time() if now is None else now
    made = _Run(definition, store, at, timeouts, forced)
    try:
        return made.begin()
    except Exception as error:  # noqa: BLE001 - logged and counted below
        # Outside the collector: rows that cannot be read, time that is up while writing.
        outcome = made.failed(error)
        tell(store, definition, None, outcome, at)
        return outcome


@dataclass(frozen=True, slots=True)
class _Run:
    """One run; ``at`` is its time in unix seconds."""

    definition: CollectorDefinition
    store: Store
    at: float
    timeouts: tuple[type[BaseException], ...]
    forced: bool

    @property
    def name(self) -> str:
        return self.definition.name

    @property
    def moment(self) -> datetime:
        return datetime.fromtimestamp(self.at, UTC)

    def begin(self) -> Outcome:
        """Run unless there is a reason not to, under a lease."""
        interval = self.definition.checked_interval()
        row = row_of(self.definition)
        if reason := self.definition.idle() or ("" if row.enabled else DISABLED):
            return self._off(reason)
        if reason := self._too_soon(row):
            return skipped(self.name, reason)
        bounds = limits(interval)
        try:
            lease = self.store.lease(self.definition.producer, bounds.lease)
        except StoreError as error:
            return self._without_lease(row, error)
        if lease is None:
            return self._beside(row)
        with held(self.store, lease, bounds, ttl(interval)), time_limit(bounds.lease):
            return self._under(lease, row)

    def _too_soon(self, row: Collector) -> str:
        """Why it need not run again; empty if it must, as where the last run's series are gone."""
        reason = "" if self.forced else too_soon(row, self.at, self.definition.checked_interval())
        return reason if reason and self._stands() else ""

    def _beside(self, row: Collector) -> Outcome:
        """Not run: another one is under way, and may hang."""
        row.refresh_from_db()
        since = "" if row.last_started_at is None else f" since {row.last_started_at:%H:%M:%S} UTC"
        logger.info("run_under_way", extra={"collector": self.name, "since": row.last_started_at})
        return skipped(self.name, f"another run is under way{since}")

    def failed(self, error: Exception, duration: float = 0.0) -> Outcome:
        """The outcome of a run that ended in ``error``, which is logged."""
        level = logging.WARNING if isinstance(error, SourceError | StoreError) else logging.ERROR
        kind = kind_of(error, self.timeouts)
        details = {"collector": self.name, "kind": kind, "error": str(error)}
        logger.log(level, "collection_failed", extra=details, exc_info=level == logging.ERROR)
        return failed(self.name, error, duration, self.timeouts)

    def _stands(self) -> bool:
        """Whether the store has what the last run gave; one that was emptied has not."""
        try:
            return self.store.holds(self.definition.producer)
        except StoreError:
            return False

    def _off(self, reason: str) -> Outcome:
        tell_off(self.store, self.name, reason)
        return skipped(self.name, reason)

    def _under(self, lease: Lease, row: Collector) -> Outcome:
        # Under the lease nobody else writes the row; what was read before may be old. Who
        # disables the collector after this look ends its series after the lease began.
        row.refresh_from_db()
        if not row.enabled:
            return self._off(DISABLED)
        if reason := self._too_soon(row):
            return skipped(self.name, reason)
        before, began = row.last_started_at, unfinished_since(row)
        if not claim(row, self.moment):
            return skipped(self.name, "another run has just begun")
        if began is not None:
            self._lost(row, began)
        try:
            outcome, assembled = self._attempt(row, lease)
        except StaleTokenError as error:
            return self._overtaken(row, before, error)
        self._record(row, self.moment, outcome, assembled)
        # Looked at last: who disables it after this notes so after us.
        if not is_enabled(row):
            tell_off(self.store, self.name, DISABLED)
        return outcome

    def _lost(self, row: Collector, began: datetime) -> None:
        """Record the run before this one, of which nothing was heard after it began."""
        logger.warning("collection_lost", extra={"collector": self.name, "began": began})
        self._record(row, began, lost(self.name, began), None)

    def _attempt(self, row: Collector, lease: Lease) -> tuple[Outcome, Assembled | None]:
        """Collect, assemble, write; the boundary behind which no collector's error gets.

        Raises:
            StaleTokenError: a newer run has written, or the collector was disabled.
        """
        began = time.perf_counter()
        try:
            assembled = self._assemble(row)
            seconds = ttl(self.definition.interval_seconds)
            self._hold(assembled, seconds)
            write = Write(self.definition.producer, assembled.frame, seconds)
            self.store.write([write], token=lease.token)
        except StaleTokenError:
            raise
        except Exception as error:  # noqa: BLE001 - failed() logs it, tell() counts it
            return self.failed(error, time.perf_counter() - began), None
        return self._ended(assembled, time.perf_counter() - began), assembled

    def _ended(self, assembled: Assembled, duration: float) -> Outcome:
        """The outcome of a run whose frame was written."""
        outcome = succeeded(self.name, assembled, duration)
        short = assembled.shortfall
        if short is None:
            return outcome
        fault = self.failed(SourceError(short.reason, kind=short.kind))
        return replace(outcome, ok=False, error=fault.error, error_kind=fault.error_kind)

    def _hold(self, assembled: Assembled, seconds: float) -> None:
        """Leave word of what it feeds, before it does: another one must not begin meanwhile."""
        if self.definition.feed is not None:
            feeder = Feeder(self.definition.feeder, self.definition.feed)
            hold(self.store, assembled.catalogued, feeder, at=self.at, seconds=seconds)

    def _assemble(self, row: Collector) -> Assembled:
        policy = load_policy(self.store, self.at)
        seconds = limits(self.definition.interval_seconds).soft
        assembled = assemble(
            until(self.definition.collect(), seconds),
            at=self.at,
            previous=row.carry,
            refusal=partial(
                policy.refusal, feed=self.definition.feed, producer=self.definition.feeder
            ),
            find=CATALOGUE.find,
        )
        carried, broken = finite(assembled.carried, row.carry)
        if not broken:
            return assembled
        details = {"collector": self.name, "families": sorted(broken)}
        logger.error("counts_not_finite", extra=details)
        absent = {**assembled.absent, **dict.fromkeys(broken, NOT_FINITE)}
        return replace(assembled, carried=carried, absent=absent)

    def _overtaken(
        self, row: Collector, before: datetime | None, error: StaleTokenError
    ) -> Outcome:
        """No failure of the source: nothing is recorded but that nothing was."""
        unclaim(row, before)
        logger.warning("collection_overtaken", extra={"collector": self.name, "error": str(error)})
        if not is_enabled(row):
            return self._off(DISABLED)
        return skipped(self.name, f"overtaken: {error}")

    def _record(
        self, row: Collector, now: datetime, outcome: Outcome, assembled: Assembled | None
    ) -> None:
        """Write down how it went: in the row first, which outlives the store."""
        carried = None if assembled is None else assembled.carried
        interval = self.definition.interval_seconds
        told: Collector | None = row
        before = row.absent
        try:
            if not record(row, outcome, now, interval, carried):
                told = None
            elif assembled is not None:
                log_absences(self.name, before, outcome.absent)
                seen(assembled.catalogued, now)
                details = {"collector": self.name, "samples": outcome.samples}
                logger.info("collection_finished", extra={**details, "duration": outcome.duration})
        except DatabaseError as error:
            # The frame is written: the page is right, and says that something is not.
            details = {"collector": self.name, "error": str(error)}
            logger.exception("collection_not_recorded", extra=details)
            will_count(self.store, self.name, kind_of(error))
        overflow = {} if assembled is None else assembled.overflow
        tell(self.store, self.definition, told, outcome, now.timestamp(), overflow)

    def _without_lease(self, row: Collector, error: StoreError) -> Outcome:
        """Write it down in the row alone.

        The store has just not answered: to tell it of that would cost the timeout once more,
        of a worker that has other collectors to try.
        """
        outcome = self.failed(error)
        record_unclaimed(row, outcome, self.moment, self.definition.interval_seconds)
        will_count(self.store, self.name, outcome.error_kind)
        return outcome
