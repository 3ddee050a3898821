"""A worker judges the network by history; every process tells what it found."""

from __future__ import annotations

import time
from typing import Any

import pytest

from tests.health.checks import Clock
from tests.storage.timelines import INTERVAL, fill, now_slot, series
from zerostate_monitoring.exceptions import QueryTimeoutError, StoreUnavailableError
from zerostate_monitoring.health.judging import STALE_SECONDS, judged, numbers, of_note, told
from zerostate_monitoring.health.network import JUDGES
from zerostate_monitoring.health.notes import Noted, remember
from zerostate_monitoring.health.states import Status
from zerostate_monitoring.promql.data import Result, Vector
from zerostate_monitoring.querying import querier
from zerostate_monitoring.storage.recording import Recorder

COLUMNS = 30
NOW = 50_000.0


def page(at: int, share: float) -> dict[Any, float]:
    """A network at column ``at``: of ten tasks, payments and look-ups per column a share ends."""
    done, failed = 10 * share * at, 10 * (1 - share) * at
    return {
        series("zerostate_node_up", node="a"): 1.0,
        series("zerostate_node_up", node="b"): 1.0,
        series("zerostate_p2p_peers_connected", node="a"): 4.0,
        series("zerostate_p2p_peers_connected", node="b"): 6.0,
        series("zerostate_dht_lookups_total", operation="resolve", status="success"): done,
        series("zerostate_dht_lookups_total", operation="resolve", status="error"): failed,
        series("zerostate_tasks_total", status="completed"): done,
        series("zerostate_tasks_total", status="failed"): failed,
        series("zerostate_tasks_total", status="submitted"): 10.0 * at,
        series("zerostate_task_duration_seconds_sum", type="w"): 20.0 * at,
        series("zerostate_task_duration_seconds_count", type="w"): 10.0 * at,
        series("zerostate_economic_payments_total", status="success"): done,
        series("zerostate_economic_payments_total", status="failed"): failed,
        series("zerostate_economic_channels_active"): 3.0,
        series("zerostate_guilds", state="active"): 2.0,
        series("zerostate_guild_members", guild_id="g1"): 5.0,
        series("zerostate_guild_members", guild_id="g2"): 2.0,
    }


@pytest.fixture
def network(store, settings):
    """Seven minutes of a network in which a share of everything succeeds."""
    settings.ZEROSTATE_MONITORING_REDIS_TIMEOUT_SECONDS = 60

    def make(share):
        last = now_slot()
        pages = [page(at, share) for at in range(COLUMNS)]
        fill(Recorder(store.timeline()), pages, last - (COLUMNS - 1) * INTERVAL)
        return last / 1000

    return make


@pytest.mark.django_db
def test_numbers__are_those_of_history(network):
    """Each question has its number, by this app's own engine."""
    at = network(0.75)
    found = numbers(querier(), at)
    assert found["peer_count"] == 5
    assert found["health_rate"] == 1
    assert found["avg_members"] == 3.5
    assert found["active_guilds"] == 2
    assert found["task_seconds"] == pytest.approx(2.0)
    for name in ("dht_success_rate", "task_success_rate", "payment_success_rate"):
        assert found[name] == pytest.approx(0.75)
    assert "disk_usage_ratio" not in found
    assert "total_locked" not in found


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("share", "statuses"),
    [
        (1.0, {"dht": "healthy", "execution": "healthy", "payment": "healthy"}),
        (0.85, {"dht": "healthy", "execution": "degraded", "payment": "degraded"}),
        (0.0, {"dht": "unhealthy", "execution": "unhealthy", "payment": "unhealthy"}),
    ],
)
def test_judged__as_the_network_goes(network, share, statuses):
    """Nothing succeeds, most does, all does."""
    at = network(share)
    found = {name: outcome.status.value for name, outcome in judged(querier, at).items()}
    assert found == {**statuses, "p2p": "healthy", "guild": "healthy", "storage": "unknown"}


def disk(node, fstype, size, available):
    """What a node exporter says of a disk."""
    about = {"node": node, "fstype": fstype, "mountpoint": "/"}
    return {
        series("node_filesystem_size_bytes", **about): size,
        series("node_filesystem_avail_bytes", **about): available,
    }


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("available", "status"), [(30.0, "healthy"), (20.0, "degraded"), (5.0, "unhealthy")]
)
def test_storage__is_judged_by_what_was_collected(store, available, status):
    """The fullest disk of a node; memory, images and disks without a size are none."""
    page = {
        **disk("a", "ext4", 100.0, 90.0),
        **disk("b", "xfs", 100.0, available),
        **disk("a", "tmpfs", 100.0, 0.0),
        **disk("a", "iso9660", 100.0, 0.0),
        **disk("a", "autofs", 0.0, 0.0),
    }
    last = now_slot()
    fill(Recorder(store.timeline()), [page] * 3, last - 2 * INTERVAL)
    found = judged(querier, last / 1000)["storage"]
    assert found.status == status
    assert found.metadata == {
        "disk_usage_percent": 100 - available,
        "warn_threshold": 80.0,
        "critical_threshold": 95.0,
    }


def answering(answer) -> Any:
    """A querier that always gives the same."""

    class Answering:
        def instant(self, text, at_ms, options=None):
            if isinstance(answer, Exception):
                raise answer
            return answer

    return Answering()


@pytest.mark.parametrize("error", [StoreUnavailableError("away"), QueryTimeoutError("slow")])
def test_judged__without_numbers_nothing_is_known(error):
    """Whoever has the numbers is away, or too slow: unknown, and never healthy."""
    found = judged(lambda: answering(error), NOW)
    assert {outcome.status for outcome in found.values()} == {Status.UNKNOWN}
    assert set(found) == set(JUDGES)


def test_judged__of_an_empty_history():
    """No vector, no number."""
    found = judged(lambda: answering(Result(Vector(0, ()))), NOW)
    assert {outcome.status for outcome in found.values()} == {Status.UNKNOWN}


def test_numbers__end_when_their_time_is_over(monkeypatch):
    """A server that is slow with each of them does not cost the collector its run."""
    clock = Clock()
    monkeypatch.setattr(time, "monotonic", clock)
    asked = []

    class Slow:
        def instant(self, text, at_ms, options=None):
            asked.append(options.timeout_seconds)
            clock.now += 1.25
            return Result(Vector(at_ms, ()))

    slow: Any = Slow()
    assert numbers(slow, NOW) == {}
    assert asked == [3.0, 1.75, 0.5]


def note(at=NOW, status=Status.HEALTHY):
    return Noted(status, "5.0 peers per node", {"peer_count": 5}, at, 0.1, at)


@pytest.mark.parametrize(
    ("found", "status"),
    [
        (None, Status.UNKNOWN),
        (note(), Status.HEALTHY),
        (note(NOW - STALE_SECONDS), Status.HEALTHY),
        (note(NOW - STALE_SECONDS - 1), Status.UNKNOWN),
        (note(NOW + 10), Status.HEALTHY),
        (note(NOW + 86_400), Status.UNKNOWN),
    ],
)
def test_of_note__while_it_is_fresh(found, status):
    """One that is old, or of a clock that jumped, is not told for now."""
    assert of_note(found, NOW).status is status


def test_told__what_a_worker_left(store):
    """Message and metadata go along, with their age."""
    assert told("p2p").status is Status.UNKNOWN
    remember({"p2p": note(time.time())})
    found = told("p2p")
    assert (found.status, found.message) == (Status.HEALTHY, "5.0 peers per node")
    assert found.metadata["peer_count"] == 5
    assert 0 <= found.metadata["judged_seconds_ago"] < STALE_SECONDS


def test_told__without_a_store(settings):
    """Nothing is known where the notes are away."""
    found = told("p2p")
    assert found.status is Status.UNKNOWN
    assert "does not answer" in found.message
