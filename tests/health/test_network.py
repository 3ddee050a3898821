"""The network's components by their numbers, with the original's thresholds."""

from __future__ import annotations

import pytest

from zerostate_monitoring.catalogue import CATALOGUE
from zerostate_monitoring.health.network import JUDGES, QUESTIONS
from zerostate_monitoring.health.states import Status
from zerostate_monitoring.promql.query import parse

H, D, U, N = Status.HEALTHY, Status.DEGRADED, Status.UNHEALTHY, Status.UNKNOWN


@pytest.mark.parametrize(
    ("name", "numbers", "status"),
    [
        ("p2p", {}, N),
        ("p2p", {"peer_count": 0, "health_rate": 1}, U),
        ("p2p", {"peer_count": 2.9, "health_rate": 1}, D),
        ("p2p", {"peer_count": 3, "health_rate": 0.69}, D),
        ("p2p", {"peer_count": 3, "health_rate": 0.7}, H),
        ("p2p", {"peer_count": 3}, H),
        ("dht", {}, N),
        ("dht", {"dht_success_rate": 0.0}, U),
        ("dht", {"dht_success_rate": 0.01}, D),
        ("dht", {"peer_count": 0.0}, U),
        ("dht", {"peer_count": 0.0, "dht_success_rate": 1.0}, U),
        ("dht", {"peer_count": 3.0}, N),
        ("dht", {"dht_success_rate": 0.79}, D),
        ("dht", {"dht_success_rate": 0.8}, H),
        ("execution", {"active_executions": 4}, N),
        ("execution", {"task_success_rate": 0.49}, U),
        ("execution", {"task_success_rate": 0.5}, D),
        ("execution", {"task_success_rate": 0.9}, H),
        ("execution", {"task_success_rate": 1, "task_seconds": 25.1}, D),
        ("execution", {"task_success_rate": 1, "task_seconds": 25}, H),
        ("execution", {"task_success_rate": 0.1, "task_seconds": 26}, U),
        ("payment", {"total_locked": 5}, N),
        ("payment", {"payment_success_rate": 0.79}, U),
        ("payment", {"payment_success_rate": 0.94}, D),
        ("payment", {"payment_success_rate": 0.95}, H),
        ("guild", {}, N),
        ("guild", {"active_guilds": 0}, H),
        ("guild", {"active_guilds": 3}, N),
        ("guild", {"active_guilds": 3, "avg_members": 1.9}, D),
        ("guild", {"active_guilds": 3, "avg_members": 2}, H),
        ("storage", {}, N),
        ("storage", {"disk_usage_ratio": 0.79}, H),
        ("storage", {"disk_usage_ratio": 0.8}, D),
        ("storage", {"disk_usage_ratio": 0.95}, U),
    ],
)
def test_judge__thresholds(name, numbers, status):
    """On each side of each threshold; without a number nothing is healthy."""
    assert JUDGES[name](numbers).status is status


def test_judge__tells_the_originals_metadata():
    """Names as the original has them; milliseconds are milliseconds."""
    numbers = {"task_success_rate": 0.95, "task_seconds": 1.5, "active_executions": 7}
    assert JUDGES["execution"](numbers).metadata == {
        "active_executions": 7,
        "success_rate": 0.95,
        "avg_duration_ms": 1500.0,
        "max_duration_ms": 25_000.0,
    }
    assert JUDGES["p2p"]({"peer_count": 4.25}).metadata == {"peer_count": 4.25, "min_peers": 3}
    channels = {"payment_success_rate": 1.0, "active_channels": 2, "total_locked": 9}
    assert set(JUDGES["payment"](channels).metadata) == {
        *("success_rate", "active_channels", "total_locked")
    }


@pytest.mark.parametrize("name", QUESTIONS)
def test_questions__ask_for_families_that_are_there(name):
    """Each is PromQL, and reads catalogued families; a node exporter's are its own."""
    names = [selection.selector.name for selection in parse(QUESTIONS[name]).selectors]
    assert names
    assert all(known(name) for name in names)


def known(name: str) -> bool:
    bare = name.removesuffix("_sum").removesuffix("_count")
    return CATALOGUE.find(bare) is not None or name.startswith("node_filesystem_")
