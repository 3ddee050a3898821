"""Checks of what this app stands on, and of its own work."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import DatabaseError, connection
from django.utils import timezone

from tests.collectors.test_celery import answering
from zerostate_monitoring.collectors.signals import Workforce, queues_requested
from zerostate_monitoring.doctor import queue
from zerostate_monitoring.health import own, workers
from zerostate_monitoring.health.own import judge_disk
from zerostate_monitoring.health.pulse import Life
from zerostate_monitoring.health.states import Status
from zerostate_monitoring.models import Collector

H, D, U, N = Status.HEALTHY, Status.DEGRADED, Status.UNHEALTHY, Status.UNKNOWN
QUEUES = (
    "zerostate_monitoring",
    "zerostate_monitoring_evaluate",
    "zerostate_monitoring_deliver",
)


@pytest.mark.django_db
def test_database__answers():
    """By a statement, not by a connection that may be dead."""
    assert own.database().status is H


@pytest.mark.django_db
def test_database__that_fails_raises(monkeypatch):
    """The runner makes an unhealthy component of it."""

    def fail(*args):
        raise DatabaseError("gone")

    monkeypatch.setattr(connection, "cursor", fail)
    with pytest.raises(DatabaseError):
        own.database()


def test_redis__answers(store, settings):
    """Up and in time."""
    settings.ZEROSTATE_MONITORING_REDIS_TIMEOUT_SECONDS = 60
    assert own.redis().status is H


@pytest.mark.parametrize("url", ["redis://127.0.0.1:1/0", "nonsense://x"])
def test_redis__away_or_misnamed(settings, url):
    """Unhealthy, with the reason; nothing is raised."""
    settings.ZEROSTATE_MONITORING_REDIS_URL = url
    found = own.redis()
    assert found.status is U
    assert found.message


def test_broker__answers_or_not(monkeypatch):
    """It takes a connection, it does not, or nobody here knows it."""
    with answering(Workforce({}), {}):
        assert own.broker().status is H
    monkeypatch.setattr(
        queues_requested, "send_robust", lambda **asked: [(None, OSError("refused"))]
    )
    assert own.broker().status is U
    monkeypatch.setattr(queues_requested, "send_robust", lambda **asked: [])
    assert own.broker().status is N


def test_worker__by_its_pulse(store, settings):
    """All three queues need somebody; without evaluation here, two."""
    assert own.worker().status is U
    now = timezone.now().timestamp()
    workers.tell(Life("worker", "w", "ready", (QUEUES[0], QUEUES[2])), now)
    assert own.worker().message == f"no worker takes {QUEUES[1]}"
    settings.ZEROSTATE_MONITORING_EVALUATE = False
    assert own.worker().status is H


def test_worker__and_beat_without_a_store_are_unknown():
    """Where their notes are away nothing is known of them: that is the store's fault."""
    assert own.worker().status is N
    assert own.beat().status is N


def test_beat__by_its_ticks(store):
    """Fresh, late, or of a clock that runs ahead: that is not fresh."""
    now = timezone.now().timestamp()
    for at, status in ((now, H), (now - 3600, U), (now + 3600, D)):
        store.note(queue.BEAT_NOTE, {"tick": {"at": at}})
        assert own.beat().status is status


@pytest.mark.django_db
def test_collectors__the_worst_is_told():
    """A collector that fails is named with its error."""
    Collector.objects.all().delete()
    assert own.collectors().status is D
    Collector.objects.create(
        name="monitoring", failures_in_a_row=3, last_error="boom", interval_seconds=60
    )
    found = own.collectors()
    assert found.status is U
    assert "boom" in found.message


@pytest.mark.django_db
def test_evaluation__without_rules_is_well():
    """Nothing to evaluate, nothing late."""
    assert own.evaluation().status is H


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("waits", "status", "seconds"), [(None, H, 0), (30, H, 30), (600, U, 600), (-3600, H, 0)]
)
def test_outbox__by_its_age(monkeypatch, waits, status, seconds):
    """What is due and is not taken; a time in the future makes no age below 0."""
    now = timezone.now()
    oldest = None if waits is None else now - timedelta(seconds=waits)
    monkeypatch.setattr(own, "oldest_due", lambda now: oldest)
    found = own.outbox()
    assert found.status is status
    assert seconds <= found.metadata["oldest_seconds"] < seconds + 300


@pytest.mark.parametrize(
    ("ratio", "status"), [(0.0, H), (0.79, H), (0.8, D), (0.949, D), (0.95, U), (1.0, U)]
)
def test_judge_disk__thresholds(ratio, status):
    """The original's: 80 % and 95 %."""
    assert judge_disk(ratio, "/").status is status


def test_disk__of_a_path(settings, tmp_path):
    """This host's, by the setting; one that is not there raises."""
    settings.ZEROSTATE_MONITORING_HEALTH_DISK_PATH = str(tmp_path)
    assert 0 <= own.disk().metadata["disk_usage_percent"] <= 100
    settings.ZEROSTATE_MONITORING_HEALTH_DISK_PATH = str(tmp_path / "none")
    with pytest.raises(OSError, match="none"):
        own.disk()
