"""Runs that are overtaken, die in the middle, or cannot tell how they ended."""

from __future__ import annotations

import pytest

from tests.faults.conftest import ERRORS, INTERVAL, LAST_SUCCESS
from tests.servers import store_server
from zerostate_monitoring import tasks
from zerostate_monitoring.collectors.runner import run
from zerostate_monitoring.exceptions import StoreUnavailableError
from zerostate_monitoring.models import Node
from zerostate_monitoring.storage.keys import Keys
from zerostate_monitoring.storage.store import Store, close_stores, current_store
from zerostate_monitoring.tasks import collecting

pytestmark = pytest.mark.django_db

NOW = 1_800_000_000.0
LEASE = Keys("zerostate").lease("collector:shop")


@pytest.fixture
def end_lease(valkey_server):
    """Ends the lease of ``shop``, as time does."""

    def end() -> None:
        client = valkey_server.client
        assert client.delete(LEASE) == 1
        client.close()

    return end


def test_overtaken_run__changes_neither_numbers_nor_state(store, shop, shown, end_lease):
    """A run whose lease ended in the middle is refused; the newer one's words stay."""
    newer = []

    def overtake() -> None:
        end_lease()
        shop.value = 2
        newer.append(run("shop", store=store, now=NOW + 60, forced=True))

    shop.value = 1
    shop.between = overtake

    late = run("shop", store=store, now=NOW)

    assert newer[0].ok
    assert (late.ok, late.failed) == (False, False)
    assert "newer run" in late.skipped_reason
    assert (shown("shop_before"), shown("shop_after")) == (2, 2)
    assert shop.row.last_success_at.timestamp() == NOW + 60
    assert shop.row.failures_in_a_row == 0
    assert shown(LAST_SUCCESS, collector="shop") == NOW + 60
    assert shown(ERRORS, collector="shop", kind="store") == 0


def test_dead_run__is_told_by_the_next(store, shop, shown, end_lease):
    """A run that never came to its end stands as lost, in the row and on the page."""

    class KilledError(BaseException):
        """Nothing catches it, as nothing catches kill -9."""

    def die() -> None:
        raise KilledError

    shop.between = die
    with pytest.raises(KilledError):
        run("shop", store=store, now=NOW)
    assert (shown("shop_before"), shown("shop_after")) == (None, None)

    assert run("shop", store=store, now=NOW + INTERVAL).ok

    row = shop.row
    assert (row.failures_in_a_row, row.last_error_kind) == (0, "lost")
    assert row.last_failure_at.timestamp() == NOW
    assert shown(ERRORS, collector="shop", kind="lost") == 1


@pytest.mark.parametrize("error", [None, RuntimeError("told")])
def test_ended_run__is_not_taken_for_lost(store, shop, shown, error):
    """Neither success nor failure leaves a run that nobody has heard of."""

    def fail() -> None:
        if error:
            raise error

    shop.between = fail
    run("shop", store=store, now=NOW)

    run("shop", store=store, now=NOW + INTERVAL)

    assert shop.row.last_error_kind == ("error" if error else "")
    assert not shown(ERRORS, collector="shop", kind="lost")


def test_errors__are_counted_once_the_store_is_back(shop, shown, settings):
    """What a process could not count it counts with its next word, once."""
    with store_server() as server:
        settings.ZEROSTATE_MONITORING_REDIS_URL = server.url
        store = current_store()
        run("shop", store=store, now=NOW)
        server.stop()
        for step in (1, 2):
            outcome = run("shop", store=store, now=NOW + step * INTERVAL)
            assert (outcome.failed, outcome.error_kind) == (True, "store")
        assert shop.row.failures_in_a_row == 2
        server.start()

        assert run("shop", store=store, now=NOW + 3 * INTERVAL).ok
        assert run("shop", store=store, now=NOW + 4 * INTERVAL).ok

        assert shown(ERRORS, collector="shop", kind="store") == 2
        assert shop.row.failures_in_a_row == 0
        close_stores()


def test_errors__that_one_count_refuses_are_not_forgotten(store, shop, shown, monkeypatch):
    """A store that goes away between two words of one run costs no count."""

    def away(*arguments: object) -> None:
        raise StoreUnavailableError("gone")

    def fail() -> None:
        raise RuntimeError("told")

    shop.between = fail
    with monkeypatch.context() as patched:
        patched.setattr(Store, "count", away)
        run("shop", store=store, now=NOW)
    run("shop", store=store, now=NOW + INTERVAL)

    assert shown(ERRORS, collector="shop", kind="error") == 1


def test_two_beats__scrape_nodes_once(store, monkeypatch):
    """Of two requests in one interval the second one scrapes nothing; an operator's does."""
    Node.objects.create(name="n1", base_url="http://127.0.0.1:1")
    scraped: list[list[int]] = []
    monkeypatch.setattr(collecting, "scrape_nodes", scraped.append)

    tasks.collect_nodes()
    tasks.collect_nodes()
    assert len(scraped) == 1

    tasks.collect_nodes(forced=True)
    assert len(scraped) == 2
