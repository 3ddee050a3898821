"""Checks of what this app stands on, and of its own work."""

from __future__ import annotations

import shutil
import time
from functools import partial
from typing import Final

from django.db import connections, router
from django.utils import timezone

from zerostate_monitoring.collectors.deliveries import oldest_due
from zerostate_monitoring.collectors.signals import queues_requested
from zerostate_monitoring.conf import conf
from zerostate_monitoring.doctor.alerting import examine_evaluation, judge_delivery
from zerostate_monitoring.doctor.collection import examine_collectors
from zerostate_monitoring.doctor.queue import examine_beat
from zerostate_monitoring.doctor.server import judge_memory, judge_speed
from zerostate_monitoring.exceptions import ConfigurationError, StoreError
from zerostate_monitoring.health.findings import in_english, outcome_of, worst_of
from zerostate_monitoring.health.registry import check
from zerostate_monitoring.health.states import Outcome, degraded, healthy, unhealthy, unknown
from zerostate_monitoring.health.workers import judge_workers, pulses
from zerostate_monitoring.models import Collector
from zerostate_monitoring.storage.store import current_store

WARN_RATIO: Final = 0.8
FULL_RATIO: Final = 0.95
"""The original's thresholds of a disk."""


def timeout_seconds() -> float:
    """The timeout of these checks, as it is now."""
    return conf.HEALTH_TIMEOUT_SECONDS


_service = partial(check, timeout=timeout_seconds, about="service")
_work = partial(check, timeout=timeout_seconds, about="work")


@_service("database")
def database() -> Outcome:
    """Whether this app's database answers."""
    alias = router.db_for_read(Collector)
    with connections[alias].cursor() as cursor:
        cursor.execute("SELECT 1")
        cursor.fetchone()
    return healthy(f"{connections[alias].vendor} answers", alias=alias)


@_service("redis")
@in_english
def redis() -> Outcome:
    """Whether the store answers, in time, and has room."""
    began = time.perf_counter()
    try:
        info = current_store().describe()
    except (StoreError, ConfigurationError) as error:
        return unhealthy(str(error))
    seconds = time.perf_counter() - began
    findings = (judge_speed(info, seconds, conf.REDIS_TIMEOUT_SECONDS), judge_memory(info))
    worst = worst_of(findings, "findings on the store")
    return worst if worst.status != "healthy" else outcome_of(findings[0])


@_service("broker")
def broker() -> Outcome:
    """Whether Celery's broker takes a connection."""
    answers = queues_requested.send_robust(sender=None, timeout=timeout_seconds(), queues=())
    problems = [answer for _, answer in answers if isinstance(answer, Exception)]
    if problems:
        return unhealthy(f"does not answer: {problems[0]}")
    return healthy("answers") if answers else unknown("nobody here knows the broker")


@_work("worker")
def worker() -> Outcome:
    """Whether workers said of late that they run, and take our queues."""
    queues = [conf.QUEUE, *([conf.EVALUATE_QUEUE] if conf.EVALUATE else []), conf.DELIVER_QUEUE]
    try:
        return judge_workers(pulses(), queues, timezone.now().timestamp())
    except StoreError:
        return unknown("the store, where workers say that they run, does not answer")


@_work("beat")
@in_english
def beat() -> Outcome:
    """Whether beat's ticks reach a worker."""
    return outcome_of(next(iter(examine_beat())))


@_work("collectors")
@in_english
def collectors() -> Outcome:
    """Whether each collector's numbers are fresh."""
    return worst_of(examine_collectors(), "collectors")


@_work("evaluation")
@in_english
def evaluation() -> Outcome:
    """Whether rules are evaluated in time."""
    return outcome_of(next(iter(examine_evaluation())))


@_work("outbox")
@in_english
def outbox() -> Outcome:
    """Whether somebody takes the messages that are due."""
    now = timezone.now()
    oldest = oldest_due(now)
    age = 0.0 if oldest is None else max(0.0, (now - oldest).total_seconds())
    told = outcome_of(judge_delivery(oldest, now, conf.DELIVER_QUEUE))
    return Outcome(told.status, told.message, {**told.metadata, "oldest_seconds": round(age, 1)})


@_service("disk")
def disk() -> Outcome:
    """Whether this host's disk has room."""
    path = conf.HEALTH_DISK_PATH
    usage = shutil.disk_usage(path)
    # As df does: what is kept for root is no room.
    total = usage.used + usage.free
    return judge_disk(usage.used / total if total else 1.0, path)


def judge_disk(ratio: float, what: str) -> Outcome:
    """By the share of a disk that is used."""
    message = f"{ratio:.0%} of {what} is used"
    about = {
        "disk_usage_percent": round(ratio * 100, 1),
        "warn_threshold": WARN_RATIO * 100,
        "critical_threshold": FULL_RATIO * 100,
    }
    if ratio >= FULL_RATIO:
        return unhealthy(message, **about)
    return degraded(message, **about) if ratio >= WARN_RATIO else healthy(message, **about)
