"""The collector of health."""

from __future__ import annotations

import pytest

from tests.health.checks import PATIENCE, made
from zerostate_monitoring.collectors.base import COLLECTORS
from zerostate_monitoring.health import CheckRegistry, collecting, healthy, unhealthy
from zerostate_monitoring.health.collecting import health
from zerostate_monitoring.health.network import JUDGES
from zerostate_monitoring.health.notes import noted
from zerostate_monitoring.health.running import Runner
from zerostate_monitoring.health.states import Status, unknown

PREFIX = "zerostate_monitoring_health_"


@pytest.fixture
def said(monkeypatch):
    """One check of the test's own, and a network of which nothing is known."""
    outcome = [healthy("fine")]
    registry = CheckRegistry()
    registry.add(made("shop", lambda: outcome[0], keep=1e-9))
    asking = Runner()
    monkeypatch.setattr(collecting, "CHECKS", registry)
    monkeypatch.setattr(collecting, "runner", lambda: asking)
    monkeypatch.setattr(collecting, "BUDGET_SECONDS", PATIENCE)
    monkeypatch.setattr(collecting, "judged", lambda q, at: dict.fromkeys(JUDGES, unknown("?")))
    return outcome


def values():
    return {(i.definition.name, *i.labels): i.value for i in health()}


def test_health__gives_status_duration_and_last_change(store, said):
    """One status is 1 and all others are 0, of each component."""
    found = values()
    statuses = {s: found[PREFIX + "status", "shop", s.value] for s in Status}
    assert statuses == {s: float(s is Status.HEALTHY) for s in Status}
    assert found[PREFIX + "status", "p2p", "unknown"] == 1
    assert found[PREFIX + "duration_seconds", "shop"] >= 0
    assert {key[1] for key in found} == {"shop", *JUDGES}


def test_health__remembers_since_when(store, said):
    """The time stands while the status does, and is another one with the next change."""
    key = (PREFIX + "last_change_timestamp_seconds", "shop")
    first = values()[key]
    assert values()[key] == first
    said[0] = unhealthy("gone")
    changed = values()[key]
    assert changed > first
    assert values()[key] == changed
    assert noted()["shop"].message == "gone"


def test_health__is_one_of_the_collectors():
    """It is found by beat's tick, every 15 seconds."""
    assert COLLECTORS["health"].interval_seconds == 15
