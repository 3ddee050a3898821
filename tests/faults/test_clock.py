"""Clocks that are set back or forward: of the workers, and of the store."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from tests.faults.conftest import INTERVAL
from zerostate_monitoring.collectors.due import claim_due
from zerostate_monitoring.collectors.runner import run
from zerostate_monitoring.storage.keys import Keys

pytestmark = pytest.mark.django_db

KEYS = Keys("zerostate")
DAY = 24 * 3600.0


@pytest.mark.parametrize("shift", [-DAY, -INTERVAL, DAY])
def test_workers_clock__may_jump(store, shop, shown, shift):
    """After a jump of a worker's clock its next run is made, written and shown."""
    now = time.time()
    shop.value = 1
    assert run("shop", store=store).ok
    shop.value = 2
    with time_machine.travel(datetime.fromtimestamp(now + shift, UTC), tick=True):
        assert run("shop", store=store).ok
    assert (shown("shop_before"), shown("shop_after")) == (2, 2)
    shop.value = 3
    assert run("shop", store=store, now=now + max(shift, 0) + INTERVAL).ok
    assert shown("shop_after") == 3


def test_workers_clock__set_back_does_not_hold_up_the_hand_out(store, shop):
    """A slot that was handed out in the future does not silence a collector until then."""
    now = time.time()
    assert "shop" in {definition.name for definition in claim_due(now + DAY)}
    assert "shop" in {definition.name for definition in claim_due(now)}
    assert "shop" not in {definition.name for definition in claim_due(now)}


@pytest.mark.parametrize("ahead", [timedelta(minutes=1), timedelta(days=400)])
def test_stores_clock__set_back_leaves_tokens_rising(store, shop, shown, valkey_server, ahead):
    """Tokens from a clock that was ahead fence off nobody who comes after them."""
    shop.value = 1
    assert run("shop", store=store).ok
    client = valkey_server.client
    future = int((time.time() + ahead.total_seconds()) * 1_000_000)
    client.set(KEYS.token, future)
    for value in (2, 3):
        shop.value = value
        assert run("shop", store=store, forced=True).ok
        assert shown("shop_after") == value
    assert int(client.get(KEYS.token)) == future + 2
    client.close()


def test_stores_clock__set_forward_takes_nobodys_right(store, shop, shown, valkey_server):
    """Tokens of long ago rise to the present by themselves."""
    client = valkey_server.client
    client.set(KEYS.token, 1)
    shop.value = 2
    assert run("shop", store=store).ok
    assert int(client.get(KEYS.token)) > (time.time() - DAY) * 1_000_000
    assert shown("shop_after") == 2
    client.close()


def test_lost_token_key__does_not_let_an_old_run_write(store, shop, shown, valkey_server):
    """If only the token is lost, the next ones are still above those that have written."""
    shop.value = 1
    assert run("shop", store=store).ok
    client = valkey_server.client
    client.delete(KEYS.token)
    client.close()
    shop.value = 2
    assert run("shop", store=store, forced=True).ok
    assert shown("shop_after") == 2
