"""Which collectors are due, and slots that could not be used."""

from __future__ import annotations

import pytest

from zerostate_monitoring.collectors import COLLECTORS, collector
from zerostate_monitoring.collectors.due import Slot, claim_due, give_back
from zerostate_monitoring.models import Collector

pytestmark = pytest.mark.django_db

NOW = 1_800_000_000.0


@pytest.fixture
def shop():
    collector("shop", interval=30)(list)
    yield
    COLLECTORS.discard("shop")


def claim(now: float) -> Slot | None:
    """The slot of ``shop`` if it is due."""
    return next((slot for slot in claim_due(now) if slot.name == "shop"), None)


@pytest.mark.parametrize("fraction", [0.0, 0.0000004, 0.0000006, 0.9999999])
def test_claim__is_made_once_however_the_clock_reads(shop, fraction):
    """A row holds microseconds; a claim is not taken for one of the future."""
    assert claim(NOW + fraction)

    assert claim(NOW + fraction) is None


@pytest.mark.parametrize("interval", [lambda: 0.0, lambda: 1 / 0, lambda: float("nan")])
def test_claim__survives_an_interval_that_is_none(shop, interval, caplog):
    """One collector whose interval cannot be had does not stop the others."""
    collector("broken", interval=interval)(list)
    try:
        assert {"shop"} == {slot.name for slot in claim_due(NOW)} & {"shop", "broken"}
    finally:
        COLLECTORS.discard("broken")
    assert "collector_not_handed_out" in caplog.messages


def test_give_back__lets_the_next_tick_claim(shop):
    """A claim that was undone leaves the row as it was before."""
    assert claim(NOW)
    slot = claim(NOW + 30)
    assert slot is not None

    give_back(slot)

    assert Collector.objects.get(name="shop").dispatched_at.timestamp() == NOW
    assert claim(NOW + 35)


def test_give_back__leaves_a_later_claim(shop):
    """Who claimed since keeps it."""
    early = claim(NOW)
    late = claim(NOW + 30)
    assert early is not None
    assert late is not None

    give_back(early)

    assert Collector.objects.get(name="shop").dispatched_at == late.at
