"""Sends what is due: leases in this thread, tries in others, records in this one again."""

from __future__ import annotations

import logging
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from queue import Empty, SimpleQueue
from random import shuffle
from time import monotonic, sleep
from typing import Final

from django.db import DatabaseError, connections

from zerostate_monitoring.alerting.delivery import posting
from zerostate_monitoring.alerting.delivery.leasing import (
    Lease,
    claim_probe,
    messages_due,
    receivers_due,
    take,
)
from zerostate_monitoring.alerting.delivery.posting import Outcome
from zerostate_monitoring.alerting.delivery.recording import LeaseLostError, record
from zerostate_monitoring.conf import conf
from zerostate_monitoring.models import Message, Receiver
from zerostate_monitoring.notifiers.base import DeliveryError

MOST_AT_ONCE: Final = 16
"""Tries that one worker makes at a time."""

PER_RECEIVER: Final = 4
"""And how many of them to one receiver; one that has failed gets one."""

_AHEAD: Final = 50
_LOOK_SECONDS: Final = 1.0
_GRACE_SECONDS: Final = 5.0
_RECORD_TRIES: Final = 3
_RECORD_PAUSE_SECONDS: Final = 0.5

logger = logging.getLogger(__name__)


class Sender:
    """One pass over the due messages of all receivers."""

    def __init__(
        self, clock: Callable[[], datetime], ends: float, flush: Callable[[], object] = int
    ) -> None:
        """``ends``: no try begins later, by the monotonic clock.

        ``flush`` makes what is due meanwhile into messages, while answers are waited for.
        """
        self._clock = clock
        self._flush = flush
        self._ends = ends
        self._done: SimpleQueue[Outcome] = SimpleQueue()
        self._running: dict[int, tuple[Lease, float]] = {}
        """By the tries' primary keys."""
        self._busy: Counter[int] = Counter()
        self._ahead: dict[int, tuple[Receiver, deque[Message]]] = {}
        self._looked = 0.0
        self._flushed = monotonic()
        self._tired: set[int] = set()
        self.made = 0

    def run(self) -> int:
        """Send until nothing is due or the time is over; returns how many tries were made."""
        while True:
            try:
                self._begin()
            except DatabaseError:
                # What is under way is recorded all the same; else it would be sent again.
                self._ends = monotonic()
                logger.exception("delivery_broken_off")
            if not self._running:
                return self.made
            self._end()

    def _begin(self) -> None:
        if monotonic() >= self._ends:
            return
        if not any(messages for _, messages in self._ahead.values()) or self._is_old():
            self._look()
        self._try(list(self._chosen()))

    def _chosen(self) -> Iterator[tuple[Receiver, Message]]:
        """What may be tried now; each takes its place until it is recorded."""
        for receiver, messages in self._ahead.values():
            while messages and self._has_room(receiver):
                self._busy[receiver.pk] += 1
                yield receiver, messages.popleft()

    def _is_old(self) -> bool:
        return monotonic() - self._looked > _LOOK_SECONDS

    def _look(self) -> None:
        """Read which messages are due; others may take some of them before."""
        if monotonic() - self._flushed > _LOOK_SECONDS:
            self._flush()  # One receiver that hangs holds back no new word to others.
            self._flushed = monotonic()
        self._looked, now = monotonic(), self._clock()
        self._ahead = {}
        for receiver in receivers_due(now):
            if self._has_room(receiver) and (found := self._found(receiver, now)):
                self._ahead[receiver.pk] = (receiver, found)

    def _found(self, receiver: Receiver, now: datetime) -> deque[Message]:
        state = getattr(receiver, "state", None)
        if state is not None and state.failing_since is not None:
            probe = messages_due(receiver, now, 1)
            return deque(probe if probe and claim_probe(state, now) else ())
        found = list(messages_due(receiver, now, _AHEAD))
        shuffle(found)  # Two workers that begin with the same one would be in each other's way.
        return deque(found)

    def _has_room(self, receiver: Receiver) -> bool:
        state = getattr(receiver, "state", None)
        most = 1 if state is not None and state.failures_in_a_row else PER_RECEIVER
        if receiver.pk in self._tired or self._busy.total() >= MOST_AT_ONCE:
            return False
        return self._busy[receiver.pk] < most

    def _try(self, chosen: Sequence[tuple[Receiver, Message]]) -> None:
        leases = take([message for _, message in chosen], self._clock())
        by_message = {lease.message.pk: lease for lease in leases}
        for receiver, message in chosen:
            if (lease := by_message.get(message.pk)) is None:
                self._busy[receiver.pk] -= 1
                continue
            self._running[lease.attempt.pk] = (lease, monotonic() + self._patience())
            self.made += 1
            posting.post(lease, receiver, self._done)

    def _patience(self) -> float:
        return conf.DELIVERY_TIMEOUT_SECONDS + _GRACE_SECONDS

    def _end(self) -> None:
        """Record the outcomes that are there, or the next one, or those that do not come."""
        first = min(until for _, until in self._running.values())
        try:
            wait = max(min(first - monotonic(), _LOOK_SECONDS), 0.001)
            found = [self._done.get(timeout=wait)]
            while not self._done.empty():
                found.append(self._done.get())
        except Empty:
            error = DeliveryError(f"No answer within {self._patience():g} seconds")
            late = [lease for lease, until in self._running.values() if until <= monotonic()]
            found = [Outcome(lease, self._patience(), error=error) for lease in late]
        self._record(found)

    def _record(self, found: Sequence[Outcome]) -> None:
        # One that comes after all, and was given up before, is not looked at.
        outcomes = [one for one in found if self._running.pop(one.lease.attempt.pk, None)]
        for outcome in outcomes:
            receiver_id = outcome.lease.message.receiver_id
            if receiver_id is not None:
                self._busy[receiver_id] -= 1
                if outcome.error is not None and not outcome.error.is_permanent:
                    self._tired.add(receiver_id)
        if sent := [outcome for outcome in outcomes if outcome.error is None]:
            self._write_down(sent)
        for outcome in outcomes:
            if outcome.error is not None:
                self._write_down([outcome])

    def _write_down(self, outcomes: Sequence[Outcome]) -> None:
        """Record what came of tries, if need be again: what is not recorded is sent again."""
        keys = [outcome.lease.message.key for outcome in outcomes]
        for left in reversed(range(_RECORD_TRIES if len(outcomes) == 1 else 1)):
            try:
                record(outcomes, self._clock())
            except (DatabaseError, LeaseLostError) as error:
                extra = {"keys": keys, "left": left, "error": str(error)}
                logger.warning("outcome_not_recorded", extra=extra)
                _drop_broken_connections()
                sleep(_RECORD_PAUSE_SECONDS if left else 0)
            else:
                return
        if len(outcomes) > 1:  # What one of them has kept from being recorded costs no other.
            for outcome in outcomes:
                self._write_down([outcome])


def _drop_broken_connections() -> None:
    """The next query opens another one where a server has gone; none within a transaction."""
    for connection in connections.all(initialized_only=True):
        if not connection.in_atomic_block:
            connection.close_if_unusable_or_obsolete()
