"""How long a run may take where Celery's limits do not hold."""

from __future__ import annotations

import itertools
import signal
import threading
from dataclasses import replace

import pytest
from prometheus_client.core import GaugeMetricFamily

from tests.servers import wait_until
from zerostate_monitoring.collectors import COLLECTORS, collector, runner
from zerostate_monitoring.collectors.bounds import held, time_limit, until
from zerostate_monitoring.collectors.runner import run
from zerostate_monitoring.exceptions import StoreUnavailableError
from zerostate_monitoring.models import Collector
from zerostate_monitoring.schedule import Limits
from zerostate_monitoring.storage.store import Store

NOW = 1_800_000_000.0
SHORT = Limits(soft=0.5, hard=0.0, lease=1.6)
LASTING = Limits(soft=0.5, hard=0.0, lease=6.4)
"""Renewed with most of a second to spare, however busy the machine is."""
LONG = 60.0


def is_held(store, name="shop"):
    """Whether nobody else gets the lease; who does gives it back at once."""
    lease = store.lease(name, 5)
    if lease is not None:
        store.release(lease)
    return lease is None


@pytest.fixture
def renewals(monkeypatch):
    """How often a lease was held for longer."""
    extend, counted = Store.extend, []

    def count(self, *arguments):
        counted.append(extend(self, *arguments))
        return counted[-1]

    monkeypatch.setattr(Store, "extend", count)
    return counted


def test_until__ends_a_run_between_two_items():
    """What comes in time is taken; the first item that comes later ends it."""
    clock = itertools.count(0.0, 10.0)
    items = until(iter("abcd"), 25, lambda: next(clock))

    assert [next(items), next(items)] == ["a", "b"]
    with pytest.raises(TimeoutError, match="25 s"):
        next(items)


def test_held__lasts_as_long_as_the_run(store, renewals):
    """A run that hangs keeps its lease beyond its time, and gives it back when it ends."""
    with held(store, store.lease("shop", LASTING.lease), LASTING, LONG):
        wait_until(lambda: len(renewals) > 4, 60, "the lease was renewed for long")
        assert all(renewals)
        assert is_held(store)

    assert not is_held(store)


def test_held__gives_a_run_up_in_the_end(store, renewals, caplog):
    """One that hangs for good does not keep the next one away for ever."""
    with held(store, store.lease("shop", SHORT.lease), SHORT, 0.3):
        wait_until(lambda: "run_given_up" in caplog.messages, 60, "it was told")
        wait_until(lambda: not is_held(store), 60, "the lease has ended")


def test_held__leaves_a_lease_alone_that_has_passed_on(store, renewals):
    """Neither renewed nor given back by who has lost it."""
    lease = store.lease("shop", SHORT.lease)
    store.release(lease)
    other = store.lease("shop", LONG)

    with held(store, lease, SHORT, LONG):
        wait_until(lambda: renewals == [False], 60, "it has looked")

    assert is_held(store)
    store.release(other)


def test_held__goes_on_when_the_store_is_away_for_a_moment(store, monkeypatch, caplog):
    """A renewal that fails is tried again."""
    answers, extend = [StoreUnavailableError("gone")], Store.extend

    def shaky(self, *arguments):
        if answers:
            raise answers.pop()
        return extend(self, *arguments)

    monkeypatch.setattr(Store, "extend", shaky)
    with held(store, store.lease("shop", LONG), SHORT, LONG):
        wait_until(lambda: not answers, 60, "one renewal has failed")
        wait_until(lambda: "lease_not_renewed" in caplog.messages, 60, "it was told")

    assert not is_held(store)


def test_extend__never_makes_a_lease_shorter(store, valkey_server):
    """An early renewal costs nothing."""
    lease = store.lease("shop", LONG)
    client = valkey_server.client

    assert store.extend(lease, 1)
    assert client.pttl("{zerostate}:lease:shop") > 50_000
    assert store.extend(lease, 2 * LONG)
    assert client.pttl("{zerostate}:lease:shop") > 100_000
    client.close()


def test_time_limit__interrupts_what_hangs():
    """In the main thread; what was there before is there again."""
    before = signal.getsignal(signal.SIGALRM)

    with pytest.raises(TimeoutError, match=r"0\.05 s"), time_limit(0.05):
        threading.Event().wait(30)

    assert signal.getsignal(signal.SIGALRM) is before
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)


def test_time_limit__of_another_thread_is_none():
    """Nobody can interrupt it; it goes on without an error."""
    ended = []

    def work():
        with time_limit(0.01):
            ended.append(signal.getitimer(signal.ITIMER_REAL)[0])

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()

    assert ended == [0.0]


@pytest.fixture
def shop(monkeypatch):
    """A collector whose function each test sets; its limits are a fraction of a second."""
    given = []

    @collector("shop", interval=30)
    def collect():
        return given[0]()

    monkeypatch.setattr(runner, "limits", lambda interval: SHORT)
    yield given
    COLLECTORS.discard("shop")


def family():
    return GaugeMetricFamily("shop_orders", "Orders.", value=1)


@pytest.mark.django_db
def test_run__that_hangs_is_interrupted_in_a_main_thread(store, shop):
    """As in a command or the solo pool: the error has the kind timeout, the next run works."""

    def hang():
        yield family()
        threading.Event().wait(30)

    shop.append(hang)
    outcome = run("shop", store=store, now=NOW)
    shop[:] = [lambda: iter([family()])]

    assert (outcome.failed, outcome.error_kind) == (True, "timeout")
    assert "interrupted" in Collector.objects.get(name="shop").last_error
    assert run("shop", store=store, now=NOW + 30).ok


@pytest.mark.django_db
def test_run__that_takes_too_long_ends_between_two_items(store, shop, monkeypatch):
    """In every pool, and without a word from Celery."""
    monkeypatch.setattr(runner, "limits", lambda interval: Limits(0.0, 30.0, 40.0))
    shop.append(lambda: iter([family()]))

    outcome = run("shop", store=store, now=NOW)

    assert (outcome.error_kind, outcome.of_source) == ("timeout", False)
    assert "told to end" in outcome.error


@pytest.mark.django_db
def test_run__that_outlives_its_lease_is_not_overlapped(store, shop, renewals, monkeypatch):
    """In a thread of a pool nothing ends it; the next run is refused while it lasts."""
    besides = []

    def slow():
        wait_until(lambda: len(renewals) > 4, 60, "the lease was renewed for long")
        besides.append(run("shop", store=store, now=NOW + 30))
        yield family()

    monkeypatch.setattr(runner, "limits", lambda interval: replace(SHORT, soft=LONG))
    monkeypatch.setattr(runner, "time_limit", lambda seconds: time_limit(LONG))
    shop.append(slow)

    assert run("shop", store=store, now=NOW).ok
    (beside,) = besides
    assert not beside.failed
    assert "under way since 08:00:00 UTC" in beside.skipped_reason
