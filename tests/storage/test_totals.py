"""Reading totals: one question while values alone change, and all of it when more did."""

from __future__ import annotations

import pytest
from prometheus_client import Counter

from tests.instrumentation.processes import FakeProcess, shown
from zerostate_monitoring.storage import reader, scripts
from zerostate_monitoring.storage.keys import Keys

KEYS = Keys("zerostate")


def series(name, **labels):
    """What a series is called in ``shown``."""
    return f"{name}_total", tuple(sorted(labels.items()))


@pytest.fixture
def process(store):
    return FakeProcess()


@pytest.fixture
def counters(process):
    """Two families, of which one series each is published."""
    made = [Counter(name, "Test.", ["k"], registry=process.registry) for name in ("hits", "misses")]
    for one in made:
        one.labels("a").inc()
    process.tell()
    return made


@pytest.fixture
def asked(store, monkeypatch):
    """How many further questions the reader of ``store`` asks for families."""
    found = []

    class Counted:
        def run(self, client, keys, args=()):
            found.append(args[::2])
            return run(client, keys, args)

    run = scripts.TOTALS.run
    monkeypatch.setattr(reader, "TOTALS", Counted())
    return found


def change(process, counters):
    for one in counters:
        one.labels("a").inc()
    process.tell()


def test_values__that_changed_again_come_with_the_first_answer(store, process, counters, asked):
    """Families that changed at the last scrape and at this one cost no question of their own."""
    for _ in range(2):
        shown(store)
        change(process, counters)
    asked.clear()
    assert shown(store) == {series("hits", k="a"): 3, series("misses", k="a"): 3}
    change(process, counters[:1])
    assert shown(store) == {series("hits", k="a"): 4, series("misses", k="a"): 3}
    assert asked == []


def test_values__of_a_family_with_more_news_are_fetched_whole(store, process, counters, asked):
    """A new series, a removed one and a new exemplar are seen in a family that was expected."""
    shown(store)
    change(process, counters)
    shown(store)
    counters[0].labels("b").inc(5)
    counters[1].labels("a").inc(1, exemplar={"trace_id": "1"})
    process.tell()
    assert shown(store)[series("hits", k="b")] == 5
    frame = store.snapshot().frames[next(n for n in store.snapshot().packed if "misses" in n)]
    assert [dict(e.labels) for e in frame.exemplars.values()] == [{"trace_id": "1"}]
    counters[0].remove("a")
    counters[0].labels("b").inc()
    process.tell()
    assert shown(store) == {series("hits", k="b"): 6, series("misses", k="a"): 3}
    assert asked


def test_values__of_a_family_that_ended_are_gone(store, process, counters, valkey_server):
    """A family that was expected and retired meanwhile leaves the others as they are."""
    shown(store)
    change(process, counters)
    shown(store)
    with valkey_server.client as client:
        (family,) = [f for f in client.hkeys(KEYS.totals) if f.startswith(b"hits")]
        client.hdel(KEYS.totals, family)
        client.delete(*KEYS.total(family.decode()).every)
    change(process, counters[1:])
    assert shown(store) == {series("misses", k="a"): 3}


def test_values__of_another_store_are_not_taken_for_those_of_this(
    store, process, counters, valkey_server
):
    """What was expected of a store that was emptied is asked anew."""
    shown(store)
    change(process, counters)
    shown(store)
    with valkey_server.client as client:
        client.flushall()
    other = FakeProcess()
    Counter("hits", "Test.", ["k"], registry=other.registry).labels("z").inc(7)
    other.tell()
    assert shown(store) == {series("hits", k="z"): 7}


def test_exemplars__outlive_a_row_that_others_take(store, process, counters):
    """An exemplar stays with its series when another series of the family ends."""
    counters[0].labels("b").inc(1, exemplar={"trace_id": "2"})
    process.tell()
    shown(store)
    counters[0].remove("a")
    process.tell()
    frames = store.snapshot().frames
    (hits,) = [frame for name, frame in frames.items() if "hits" in name]
    assert [dict(e.labels) for e in hits.exemplars.values()] == [{"trace_id": "2"}]
