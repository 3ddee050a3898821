"""The last hours of all components as a picture."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.storage.timelines import INTERVAL, fill, now_slot, series
from zerostate_monitoring.admin.health.picturing import picture
from zerostate_monitoring.frames.exemplar import Labels
from zerostate_monitoring.health.states import Status
from zerostate_monitoring.storage.recording import Recorder

COLUMNS = 40


def column(at: int) -> dict[Labels, float]:
    """``shop`` is down for ten columns; ``till`` is not told in five of them."""
    states = {"shop": "unhealthy" if 10 <= at < 20 else "healthy"}
    if not 20 <= at < 25:
        states["till"] = "degraded"
    return {
        series("zerostate_monitoring_health_status", component=name, status=status.value): float(
            status.value == state
        )
        for name, state in states.items()
        for status in Status
    }


@pytest.fixture
def now(store, settings):
    """Ten minutes of history; the store is waited for."""
    settings.ZEROSTATE_MONITORING_REDIS_TIMEOUT_SECONDS = 60
    last = now_slot()
    pages = [column(at) for at in range(COLUMNS)]
    fill(Recorder(store.timeline()), pages, last - (COLUMNS - 1) * INTERVAL)
    return datetime.fromtimestamp(last / 1000, UTC)


@pytest.mark.django_db
def test_picture__has_a_bar_for_each_span(now):
    """Healthy, unhealthy, healthy; and a gap where nobody told."""
    svg = picture(["till", "shop", "absent"], now).svg
    assert svg.startswith("<svg")
    assert "Status of 2 components over time" in svg
    counts = {status: svg.count(f"<title>{status} ") for status in ("healthy", "unhealthy")}
    assert counts == {"healthy": 2, "unhealthy": 1}
    assert svg.count("<title>degraded ") == 2
    assert svg.index(">till<") < svg.index(">shop<")


@pytest.mark.django_db
def test_picture__of_nothing_says_so(store):
    """No worker has told yet."""
    assert (
        picture(["shop"], datetime.now(UTC)).problem == "No worker has told of health in this time."
    )
