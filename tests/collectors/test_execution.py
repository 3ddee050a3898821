"""The execution collector on a platform."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sources.platform.fixtures import Platform
from zerostate_monitoring.catalogue import CATALOGUE, Feed
from zerostate_monitoring.collectors import COLLECTORS, Absent, Reading
from zerostate_monitoring.collectors.execution import execution
from zerostate_monitoring.conf import conf
from zerostate_monitoring.exceptions import SourceError


def test_registered__with_its_interval_and_feed() -> None:
    """The collector is the platform's producer and runs at the configured interval."""
    known = COLLECTORS["execution"]
    assert (known.source, known.feed) == ("platform", Feed.PLATFORM)
    assert known.interval_seconds == conf.EXECUTION_INTERVAL_SECONDS


def test_tasks__are_counted_rows(platform: Platform) -> None:
    """Task counts are handed over as counts of rows, states are not."""
    platform.insert("tasks", status="failed")
    found = {(r.definition.name, r.labels): r for r in execution() if isinstance(r, Reading)}
    failed = found["zerostate_tasks_total", ("failed",)]
    assert (failed.value, failed.counted) == (1, True)
    assert failed.newest is not None
    online = found["zerostate_agents", ("online",)]
    assert (online.counted, online.newest) == (False, None)


def test_utilization__has_no_sample_without_capacity(platform: Platform) -> None:
    """A ratio whose whole is 0 is not there; with agents it is load over capacity."""
    name = "zerostate_agent_utilization_ratio"
    assert all(r.definition.name != name for r in execution() if isinstance(r, Reading))
    platform.insert("agents", status="busy", current_load=2, max_capacity=8)
    (found,) = (r for r in execution() if isinstance(r, Reading) and r.definition.name == name)
    assert found.value == 0.25


def test_families__are_all_catalogued_for_the_platform(platform: Platform) -> None:
    """Whatever comes is declared, and the platform may feed it."""
    for item in execution():
        assert isinstance(item, Reading)
        assert Feed.PLATFORM in CATALOGUE[item.definition.name].feeds


def test_missing_column__is_absent_with_its_ratio(platform: Platform) -> None:
    """What cannot be said is said to be absent, and so is what is made of it."""
    platform.execute("ALTER TABLE agents DROP COLUMN max_capacity")
    absent = {item.family: item.reason for item in execution() if isinstance(item, Absent)}
    assert absent.keys() == {"zerostate_agent_capacity", "zerostate_agent_utilization_ratio"}
    assert all("agents.max_capacity" in reason for reason in absent.values())


def test_no_platform__gives_nothing(settings: Any) -> None:
    """Without an alias there is nothing to read, and nothing is absent."""
    settings.ZEROSTATE_MONITORING_PLATFORM_DATABASE = ""
    assert list(execution()) == []


def test_unreadable_platform__is_an_error(platform: Platform) -> None:
    """A platform that lost all its tables fails the run instead of reading 0."""
    for table in ("tasks", "agents"):
        platform.execute(f"DROP TABLE {table}")
    with pytest.raises(SourceError):
        list(execution())
