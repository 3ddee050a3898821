"""Records what came of tries, in one transaction, if the leases still hold."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction

from zerostate_monitoring.alerting.delivery import ending
from zerostate_monitoring.alerting.delivery.backoff import next_wait, pause
from zerostate_monitoring.alerting.delivery.posting import MOST_ANSWER, Outcome
from zerostate_monitoring.alerting.delivery.receivers import note_failure, note_success
from zerostate_monitoring.conf import conf
from zerostate_monitoring.exceptions import MonitoringError
from zerostate_monitoring.models import Attempt, Message
from zerostate_monitoring.notifiers.base import DeliveryError

logger = logging.getLogger(__name__)

SENT: Final = "sent"
FAILED: Final = "failed"
PERMANENT: Final = "refused"
EXHAUSTED: Final = "given up"
LATE: Final = "too late"


class LeaseLostError(MonitoringError):
    """One of several messages was not this worker's any more: each is recorded for itself."""


def record(outcomes: Sequence[Outcome], now: datetime) -> Sequence[str]:
    """Write down several successes, or one failure; returns them as the tries' rows say them.

    Raises:
        LeaseLostError: nothing was written, for one of several leases is lost.
    """
    with transaction.atomic():
        if outcomes[0].error is None:
            words = _sent(outcomes, now)
        else:
            words = [_failed(one, now) for one in outcomes]
        _note(outcomes, words)
    for outcome, word in zip(outcomes, words, strict=True):
        _log(outcome, word)
    return words


def _log(outcome: Outcome, word: str) -> None:
    message, error = outcome.lease.message, outcome.error
    extra = {"receiver": message.receiver_name, "key": message.key, "outcome": word}
    if error is None:
        logger.info("message_sent", extra=extra)
    else:
        logger.warning("message_not_sent", extra={**extra, "error": str(error)})


def _note(outcomes: Sequence[Outcome], words: Sequence[str]) -> None:
    for outcome, word in zip(outcomes, words, strict=True):
        attempt, answer, error = outcome.lease.attempt, outcome.answer, outcome.error
        attempt.seconds, attempt.outcome = outcome.seconds, word
        attempt.status = answer.status if answer else error.status if error else None
        attempt.answer = (answer.text if answer else str(error or ""))[:MOST_ANSWER]
    tries = [outcome.lease.attempt for outcome in outcomes]
    Attempt.objects.bulk_update(tries, ["seconds", "outcome", "status", "answer"])


def _sent(outcomes: Sequence[Outcome], now: datetime) -> Sequence[str]:
    is_mine = ending.end_sent([_taken(one) for one in outcomes], now)
    if not is_mine and len(outcomes) > 1:
        raise LeaseLostError("A lease is lost.")
    receivers = {one.lease.message.receiver_id for one in outcomes}
    # In one order, so that two workers never wait for each other.
    for receiver in sorted(pk for pk in receivers if pk is not None):
        note_success(receiver, now)
    return [SENT if is_mine else LATE] * len(outcomes)


def _taken(outcome: Outcome) -> ending.Taken:
    lease, answer = outcome.lease, outcome.answer
    text, status = (answer.text[:MOST_ANSWER], answer.status) if answer else ("", None)
    return ending.Taken(lease.message, lease.token, text, status)


def _failed(outcome: Outcome, now: datetime) -> str:
    lease, error = outcome.lease, outcome.error
    assert error is not None  # noqa: S101 - the caller has looked
    text = str(error)[:MOST_ANSWER]
    word = verdict(lease.message, error, now)
    if word == FAILED:
        wait = _wait(lease.message, error)
        held = ending.postpone(
            lease.message, lease.token, now, answer=text, status=error.status, wait=wait
        )
    else:
        held = ending.end_dead(lease.message, now, text, error.status, lease.token)
    note_failure(
        lease.message.receiver_id,
        now,
        text,
        is_permanent=error.is_permanent,
        pause=pause(error.status, error.retry_after_seconds),
    )
    return word if held else LATE


def verdict(message: Message, error: DeliveryError, now: datetime) -> str:
    """Whether a message that failed is tried again."""
    if error.is_permanent:
        return PERMANENT
    # An operator who sends a dead letter again gives it as long as a new one has.
    given = timedelta(seconds=conf.DELIVERY_GIVE_UP_SECONDS)
    since = message.resent_at or message.created_at
    return EXHAUSTED if now - since >= given else FAILED


def _wait(message: Message, error: DeliveryError) -> float:
    return next_wait(message.attempts, message.key, error.status, error.retry_after_seconds)
