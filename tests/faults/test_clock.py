"""Clocks that are set back or forward: of the workers, and of the store."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from tests.faults.conftest import INTERVAL
from tests.sources.nodes.server import fake_node
from zerostate_monitoring.collectors import node_scraping, nodes
from zerostate_monitoring.collectors.due import claim_due
from zerostate_monitoring.collectors.runner import run
from zerostate_monitoring.models import Node
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


@pytest.mark.parametrize("ahead", [timedelta(minutes=1), timedelta(days=400)])
def test_stores_clock__set_back_does_not_stop_the_scraping_of_nodes(store, valkey_server, ahead):
    """A slot that was taken in the future is free at once, for one caller."""
    assert nodes.claim_slot(store=store)
    assert not nodes.claim_slot(store=store)
    client = valkey_server.client
    (slot,) = client.keys(KEYS.slot("*"))
    assert client.pttl(slot) == -1  # an expiry would go with the clock
    future = int((time.time() + ahead.total_seconds()) * 1000)
    client.set(slot, future)
    client.close()
    assert nodes.claim_slot(store=store)
    assert not nodes.claim_slot(store=store)


@pytest.fixture
def node():
    """A node without health or peers."""
    with fake_node() as running:
        running.page(b"# TYPE go_goroutines gauge\ngo_goroutines 7\n")
        yield running


@pytest.mark.parametrize("shift", [-DAY, -INTERVAL, DAY])
def test_workers_clock__may_jump_between_scrapes_of_a_node(store, shown, node, shift):
    """The node is scraped, shown, marked as up, and asked again for what it did not have."""
    row = Node.objects.create(name="n", base_url=node.url)
    now = time.time()
    node_scraping.scrape_chunk([row.pk], store=store, now=now)
    node.page(b"# TYPE go_goroutines gauge\ngo_goroutines 8\n")
    node_scraping.scrape_chunk([row.pk], store=store, now=now + shift)
    assert shown("go_goroutines", node="n", node_role="edge") == 8
    row.refresh_from_db()
    assert row.last_up_at.timestamp() == pytest.approx(now + shift, abs=1)
    absent_for = store.notes("node")["n"]["absent"]["/api/peers"] - (now + shift)
    assert 0 < absent_for < 3610


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
