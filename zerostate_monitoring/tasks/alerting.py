"""The tasks of alerts: evaluation and delivery, each in its queue, and what is done beside them."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime
from typing import Any

from celery import shared_task
from django.db import Error as DatabaseError
from django.utils import timezone
from kombu.exceptions import OperationalError

from zerostate_monitoring import tracing
from zerostate_monitoring.alerting.delivery.running import deliver as deliver_due
from zerostate_monitoring.alerting.evaluation.ticking import tick
from zerostate_monitoring.alerting.evidence import keep
from zerostate_monitoring.alerting.pruning import prune as prune_old
from zerostate_monitoring.conf import conf
from zerostate_monitoring.exceptions import ConfigurationError, StoreError
from zerostate_monitoring.schedule import (
    DELIVER,
    DELIVERY_BUDGET_SECONDS,
    EVALUATE,
    KEEP_EVIDENCE,
    PRUNE,
)
from zerostate_monitoring.tasks.options import OPTIONS, STOPS, TIMEOUTS
from zerostate_monitoring.tracing import names

logger = logging.getLogger(__name__)


@shared_task(name=EVALUATE, **OPTIONS)
def evaluate() -> None:
    """Evaluate the groups of rules that are due; each slot once, however many ask for it."""
    if not (conf.ENABLED and conf.EVALUATE):
        return
    try:
        with tracing.span(names.EVALUATE) as span:
            span.set_attribute(names.COUNT, tick(timezone.now()))
    except (DatabaseError, StoreError, *TIMEOUTS) as error:
        # What was claimed and not written counts as missed; the next tick is never far.
        details = {"kind": type(error).__name__, "error": str(error)}
        logger.warning("evaluation_broken_off", extra=details)


@shared_task(name=DELIVER, **OPTIONS)
def deliver() -> None:
    """Send what is due; also where rules are not evaluated. Any number may run at once."""
    if conf.ENABLED:
        with tracing.span(names.DELIVER) as span:
            budget = DELIVERY_BUDGET_SECONDS
            tries = deliver_due(timezone.now(), stops=STOPS, budget_seconds=budget)
            span.set_attribute(names.COUNT, tries)


def wake_delivery(sender: object, **kwargs: Any) -> None:
    """Queue a pass of the delivery at once; receiver of ``messages_due``.

    A broker that does not answer costs the time until beat's next tick.
    """
    try:
        deliver.apply_async()
    except OperationalError as error:
        logger.warning("delivery_not_woken", extra={"error": str(error)})


@shared_task(name=KEEP_EVIDENCE, **OPTIONS)
def keep_evidence() -> None:
    """Keep the numbers around transitions, as long as history has them."""
    if conf.ENABLED:
        _beside("evidence_broken_off", keep)


@shared_task(name=PRUNE, **OPTIONS)
def prune() -> None:
    """Delete what is older than the settings allow."""
    if conf.ENABLED:
        _beside("pruning_broken_off", prune_old)


def _beside(event: str, work: Callable[[datetime], object]) -> None:
    """Do what the next run does again where this one cannot."""
    try:
        work(timezone.now())
    except (DatabaseError, StoreError, ConfigurationError, *TIMEOUTS) as error:
        logger.warning(event, extra={"kind": type(error).__name__, "error": str(error)})
