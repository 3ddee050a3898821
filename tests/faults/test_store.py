"""A store that is full, or goes away between two words: told, survived, left behind."""

from __future__ import annotations

import pytest

from tests.faults.conftest import ERRORS, INTERVAL
from tests.servers import store_server, wait_until
from zerostate_monitoring.collectors.runner import run
from zerostate_monitoring.storage.store import close_stores, current_store

pytestmark = pytest.mark.django_db

NOW = 1_800_000_000.0
UP = "zerostate_monitoring_store_up"


@pytest.fixture
def server(settings):
    """A store of this test's own, which it may hurt."""
    with store_server() as server:
        settings.ZEROSTATE_MONITORING_REDIS_URL = server.url
        yield server
        close_stores()


def test_full_store__keeps_what_it_has_and_names_the_cause(server, shop, shown):
    """Refused writes end in the row; the page lives on; room heals it, and counts come after."""
    store = current_store()
    shop.value = 1
    assert run("shop", store=store, now=NOW).ok
    client = server.client
    client.config_set("maxmemory", "1mb")
    shop.value = 2

    outcome = run("shop", store=store, now=NOW + INTERVAL)

    assert (outcome.error_kind, shop.row.last_error_kind) == ("store", "store")
    assert "full" in shop.row.last_error
    assert (shown(UP), shown("shop_before"), shown("shop_after")) == (1, 1, 1)
    client.config_set("maxmemory", "0")
    client.close()
    assert run("shop", store=store, now=NOW + 2 * INTERVAL).ok
    assert (shown("shop_before"), shown("shop_after")) == (2, 2)
    assert shown(ERRORS, collector="shop", kind="store") == 1


def test_stopped_store__ends_a_run_that_had_its_lease(server, shop, shown):
    """A store that stops between lease and write costs that run, and nothing of the next."""
    store = current_store()
    shop.between = server.stop

    outcome = run("shop", store=store, now=NOW)

    assert (outcome.failed, outcome.error_kind) == (True, "store")
    assert shown(UP) == 0
    server.start()
    assert run("shop", store=store, now=NOW + INTERVAL).ok
    assert (shown(UP), shown("shop_after")) == (1, 0)


def test_emptied_store__has_another_id_at_once(server, shop, page):
    """FLUSHALL between two scrapes: nothing old, and no id until somebody writes."""
    store = current_store()
    run("shop", store=store, now=NOW)
    before = _ids(page())
    client = server.client
    client.flushall()
    client.close()
    assert _ids(page()) == set()
    run("shop", store=store, now=NOW + INTERVAL)
    wait_until(lambda: _ids(page()), what="an id")
    assert len(before) == 1
    assert _ids(page()).isdisjoint(before)


def test_closed_stores__leave_no_page_behind(server, shop, shown):
    """A store that is opened anew is read anew, whatever its predecessor had counted."""
    for value in (1, 2):
        shop.value = value
        assert run("shop", store=current_store(), now=NOW, forced=True).ok
        assert (shown("shop_before"), shown("shop_after")) == (value, value)
        close_stores()


def _ids(page) -> set[str]:
    return {
        dict(labels)["store"] for name, labels in page if name == "zerostate_monitoring_store_info"
    }
