"""Totals of several processes: exact, never counted twice, never falling."""

from __future__ import annotations

import time

import pytest
from prometheus_client import Counter, Enum, Gauge, Histogram, Info, Summary

from tests.instrumentation.processes import FakeProcess, families, shown
from zerostate_monitoring.exceptions import StoreError
from zerostate_monitoring.storage.publication import Receipt

A = (("k", "a"),)
B = (("k", "b"),)


def counter(process, name="hits"):
    return Counter(name, "Test.", ["k"], registry=process.registry)


def listening(publish, heard):
    """``publish`` that notes what it was given."""

    def listen(publication, **options):
        heard.append(publication)
        return publish(publication, **options)

    return listen


def losing(publish):
    """``publish`` whose answer does not come back."""

    def lose(publication, **options):
        publish(publication, **options)
        raise StoreError("the answer is lost")

    return lose


@pytest.fixture
def one(store):
    return FakeProcess()


@pytest.fixture
def two(store):
    return FakeProcess()


def test_counters__add_up_over_processes(store, one, two):
    """Two processes that count the same series make one total."""
    first, second = counter(one), counter(two)
    first.labels("a").inc(2)
    second.labels("a").inc(3)
    second.labels("b").inc()
    one.tell()
    two.tell()
    first.labels("a").inc(5)
    one.tell()
    assert shown(store) == {("hits_total", A): 10, ("hits_total", B): 1}


def test_histogram__stands_as_prometheus_client_prints_it(store, one, two):
    """Buckets add up over processes and over bounds; count and sum follow."""
    for process, values in ((one, (0.5, 1.5)), (two, (1.0, 99.0))):
        histogram = Histogram("size", "Test.", buckets=(1, 2), registry=process.registry)
        for value in values:
            histogram.observe(value)
        process.tell()
    samples = families(store)["size"].samples
    assert [(s.name, dict(s.labels), s.value) for s in samples] == [
        ("size_bucket", {"le": "1.0"}, 2.0),
        ("size_bucket", {"le": "2.0"}, 3.0),
        ("size_bucket", {"le": "+Inf"}, 4.0),
        ("size_count", {}, 4.0),
        ("size_sum", {}, 102.0),
    ]


def test_summary__is_count_and_sum(store, one, two):
    """Summaries of several processes add up."""
    for process in (one, two):
        Summary("wait", "Test.", registry=process.registry).observe(1.5)
        process.tell()
    assert shown(store) == {("wait_count", ()): 2, ("wait_sum", ()): 3}


def test_tell__twice_changes_nothing(store, one):
    """What has not moved is not counted again."""
    counter(one).labels("a").inc(4)
    one.tell()
    one.tell()
    one.tell()
    assert shown(store) == {("hits_total", A): 4}


def test_publication__late_and_repeated_is_ignored(store, one, monkeypatch):
    """A publication that arrives again, or after a later one, adds nothing."""
    sent = []
    publish = one.door.publish
    monkeypatch.setattr(one.door, "publish", listening(publish, sent))
    hits = counter(one)
    for _ in range(3):
        hits.labels("a").inc()
        one.tell()
    for publication in (sent[0], sent[2], sent[1], sent[0]):
        assert publish(publication, gauges_ttl=60).outcome == "old"
    assert shown(store) == {("hits_total", A): 3}


@pytest.mark.parametrize("lost", [1, 2])
def test_tell__whose_answer_was_lost_counts_once(store, one, monkeypatch, lost):
    """A process that does not know whether the store has it says it again, and it counts once."""
    hits = counter(one)
    if lost == 2:
        hits.labels("a").inc()
        one.tell()
    publish = one.door.publish
    hits.labels("a").inc(10)
    with monkeypatch.context() as patched:
        patched.setattr(one.door, "publish", losing(publish))
        with pytest.raises(StoreError):
            one.tell()
        hits.labels("a").inc(100)
        with pytest.raises(StoreError):
            one.tell()
    hits.labels("a").inc(1000)
    one.tell()
    assert shown(store) == {("hits_total", A): 1110 + (lost == 2)}


def test_tell__what_never_arrived_is_not_lost(store, one, monkeypatch):
    """A process that began while the store was away tells all of it later."""
    counter(one).labels("a").inc(7)
    with monkeypatch.context() as patched:
        patched.setattr(one.door, "publish", _away)
        with pytest.raises(StoreError):
            one.tell()
    one.tell()
    assert shown(store) == {("hits_total", A): 7}


def _away(*args, **kwargs):
    raise StoreError("away")


def test_emptied_store__shows_a_reset_and_no_jump(store, one, two, valkey_server):
    """After FLUSHALL totals begin with what was counted since the last publication."""
    first, second = counter(one), counter(two)
    first.labels("a").inc(1000)
    second.labels("a").inc(500)
    one.tell()
    two.tell()
    valkey_server.client.flushall()
    first.labels("a").inc(3)
    first.labels("b").inc(2)
    one.tell()
    two.tell()
    second.labels("a").inc(4)
    two.tell()
    assert shown(store) == {("hits_total", A): 7, ("hits_total", B): 2}


def test_store_gone_back__counts_exactly(store, one, valkey_server):
    """A failover that lost the last writes: the process tells what the new store lacks."""
    hits = counter(one)
    hits.labels("a").inc(5)
    one.tell()
    client = valkey_server.client
    kept = {key: client.dump(key) for key in client.keys("*")}
    hits.labels("a").inc(6)
    hits.labels("b").inc(1)
    one.tell()
    client.flushall()
    for key, value in kept.items():
        client.restore(key, 0, value)
    one.tell()
    hits.labels("a").inc(1)
    one.tell()
    assert shown(store) == {("hits_total", A): 12, ("hits_total", B): 1}


def test_store_gone_back__is_healed_without_new_events(store, one, valkey_server):
    """What the store had acknowledged and lost is told again, though nothing moves any more."""
    hits = counter(one)
    hits.labels("a").inc(5)
    one.tell()
    client = valkey_server.client
    kept = {key: client.dump(key) for key in client.keys("*")}
    hits.labels("a").inc(6)
    one.tell()
    client.flushall()
    for key, value in kept.items():
        client.restore(key, 0, value)
    one.tell()
    one.tell()
    assert shown(store) == {("hits_total", A): 11}


def test_store_gone_back__rows_given_to_others_are_noticed(store, one, two, valkey_server):
    """After a failover a row may have another tenant: nothing is added to a stranger's total."""
    hits, others = counter(one), counter(two)
    hits.labels("a").inc()
    one.tell()
    client = valkey_server.client
    kept = {key: client.dump(key) for key in client.keys("*")}
    hits.labels("mine").inc(10)
    one.tell()
    client.flushall()
    for key, value in kept.items():
        client.restore(key, 0, value)
    others.labels("theirs").inc(20)
    two.tell()
    hits.labels("mine").inc(5)
    one.tell()
    found = {dict(labels)["k"]: value for (_, labels), value in shown(store).items()}
    assert found == {"a": 1, "mine": 15, "theirs": 20}


def test_emptied_store__and_a_clean_end_add_nothing_twice(store, one, valkey_server):
    """A process that ends after FLUSHALL tells what came since, not its whole life."""
    hits = counter(one)
    hits.labels("a").inc(1000)
    one.tell()
    valkey_server.client.flushall()
    hits.labels("a").inc(3)
    one.tell(closing=True)
    assert shown(store) == {("hits_total", A): 3}


def test_emptied_store__in_the_middle_of_many_batches(store, one, valkey_server, monkeypatch):
    """What was in no publication yet is not taken for told."""
    hits = counter(one)
    for number in range(4500):
        hits.labels(f"p{number}").inc()
    one.tell()
    valkey_server.client.flushall()
    for number in range(4500):
        hits.labels(f"p{number}").inc()
    one.tell()
    assert sum(shown(store).values()) == 4500


def test_store_gone_back__a_place_that_was_not_cleared(store, one, valkey_server):
    """A failover that lost the clearing of a place: no total falls below 0."""
    hits = counter(one)
    hits.labels("a").inc(1000)
    one.tell()
    client = valkey_server.client
    kept = {key: client.dump(key) for key in client.keys("*")}
    hits.remove("a")
    one.tell()
    client.flushall()
    for key, value in kept.items():
        client.restore(key, 0, value)
    hits.labels("b").inc(5)
    one.tell()
    one.tell()
    assert shown(store)["hits_total", B] == 5


def test_reader__does_not_take_new_tenants_for_old(store, one, two, valkey_server):
    """After a failover other series may have the rows that a reader knows."""
    hits, others = counter(one), counter(two)
    hits.labels("a").inc()
    one.tell()
    client = valkey_server.client
    kept = {key: client.dump(key) for key in client.keys("*")}
    hits.labels("mine").inc(10)
    one.tell()
    assert shown(store)["hits_total", (("k", "mine"),)] == 10
    client.flushall()
    for key, value in kept.items():
        client.restore(key, 0, value)
    others.labels("theirs").inc(20)
    two.tell()
    assert shown(store)["hits_total", (("k", "theirs"),)] == 20
    assert ("hits_total", (("k", "mine"),)) not in shown(store)


def test_reader__of_a_family_that_was_retired_and_came_back(store):
    """Rows of a family that began anew are not those that a reader knows."""
    for order in ("xy", "yx"):
        process = FakeProcess()
        hits = counter(process)
        for number, label in enumerate(order, 1):
            hits.labels(label).inc(number)
        process.tell()
        found = {dict(labels)["k"]: value for (_, labels), value in shown(store).items()}
        assert found == {order[0]: 1, order[1]: 2}
        store.retire(-1)


def test_retired_family__that_is_declared_comes_back(store, one, valkey_server):
    """A process whose family was ended tells its series again with its next declaration."""
    hits = counter(one)
    hits.labels("a").inc(5)
    one.tell()
    store.retire(-1)
    one.teller._declared_at = float("-inf")
    one.tell()
    hits.labels("a").inc(2)
    one.tell()
    assert shown(store) == {("hits_total", A): 2}


def test_slept_process__counts_nothing_twice(store, one, valkey_server):
    """A process whose numbers the store has forgotten goes on where it had stopped."""
    hits = counter(one)
    hits.labels("a").inc(5)
    one.tell()
    for key in valkey_server.client.keys("*numbers*"):
        valkey_server.client.delete(key)
    hits.labels("a").inc(2)
    one.tell()
    assert shown(store) == {("hits_total", A): 7}


def test_fork__what_a_child_inherits_is_its_base(store, one):
    """A child counts only what happens in it."""
    hits = counter(one)
    hits.labels("a").inc(100)
    one.tell()
    child = one.fork()
    hits.labels("a").inc(3)
    child.tell()
    assert shown(store) == {("hits_total", A): 103}


def test_fork__known_series_stand_at_zero(store, one):
    """Series that a master made stand on the page when a child has told of them."""
    counter(one).labels("a")
    one.fork().tell()
    assert shown(store) == {("hits_total", A): 0}


def test_reset_counter__goes_on(store, one):
    """A counter that begins anew in its process does not lower the total."""
    hits = counter(one)
    hits.labels("a").inc(5)
    one.tell()
    hits.labels("a").reset()
    hits.labels("a").inc(2)
    one.tell()
    hits.clear()
    hits.labels("a").inc(1)
    one.tell()
    assert shown(store) == {("hits_total", A): 8}


def test_total__counts_what_is_not_finite(store, one):
    """Of an observation that is NaN only the sum stands still."""
    histogram = Histogram("size", "Test.", buckets=(1,), registry=one.registry)
    for amount in (0.5, float("nan"), 0.5):
        histogram.observe(amount)
    one.tell()
    assert shown(store)["size_count", ()] == 2
    child = one.fork()
    histogram.observe(0.5)
    child.tell()
    assert shown(store)["size_count", ()] == 3
    assert shown(store)["size_sum", ()] == 0


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
def test_total__takes_in_nothing_that_is_not_finite(store, one, number):
    """One NaN in one process cannot spoil a total for ever."""
    wait = Summary("wait", "Test.", ["k"], registry=one.registry)
    wait.labels("a").observe(1)
    one.tell()
    wait.labels("a").observe(number)
    wait.labels("b").observe(2)
    one.tell()
    assert shown(store)["wait_sum", A] == 1
    assert shown(store)["wait_sum", B] == 2


def test_removed_series__leave_the_totals(store, one, two):
    """A series that one process removes is gone, also from those that had counted it."""
    first, second = counter(one), counter(two)
    for hits, process in ((first, one), (second, two)):
        hits.labels("a").inc(4)
        hits.labels("b").inc(2)
        process.tell()
    first.remove("a")
    one.tell()
    assert shown(store) == {("hits_total", B): 4}
    two.tell()
    two.tell()
    assert shown(store) == {("hits_total", B): 4}
    second.labels("a").inc(5)
    two.tell()
    second.labels("a").inc(6)
    two.tell()
    assert shown(store) == {("hits_total", A): 11, ("hits_total", B): 4}


def test_removed_series__that_still_counts_begins_anew(store, one, two):
    """Who counts on has a new series, with what came since."""
    first, second = counter(one), counter(two)
    first.labels("a").inc(4)
    one.tell()
    second.labels("a").inc(2)
    two.tell()
    first.remove("a")
    one.tell()
    second.labels("a").inc(5)
    two.tell()
    two.tell()
    assert shown(store) == {("hits_total", A): 5}


def test_removed_series__that_comes_back_at_once_has_what_came_since(store, one):
    """Ended and counted again between two publications: the new one begins at 0."""
    hits = counter(one)
    hits.labels("a").inc(4)
    one.tell()
    hits.remove("a")
    one.ledger.end("hits", ("a",))
    hits.labels("a").inc(7)
    one.tell()
    hits.labels("a").inc(2)
    one.tell()
    assert shown(store) == {("hits_total", A): 9}


def test_removal__whose_answer_was_lost_ends_no_later_series(store, one, two, monkeypatch):
    """A removal that is told again does not end the series that began since."""
    first, second = counter(one), counter(two)
    first.labels("a").inc(4)
    first.labels("b").inc()
    one.tell()
    first.remove("a")
    publish = one.door.publish
    with monkeypatch.context() as patched:
        patched.setattr(one.door, "publish", losing(publish))
        with pytest.raises(StoreError):
            one.tell()
    second.labels("a").inc(50)
    two.tell()
    one.tell()
    assert shown(store)["hits_total", A] == 50


def test_removed_series__stay_away_where_an_answer_was_lost(store, one, two, monkeypatch):
    """What the store took is no news, though the process never heard that it did."""
    first, second = counter(one), counter(two)
    first.labels("a").inc(4)
    one.tell()
    second.labels("a").inc(2)
    with monkeypatch.context() as patched:
        patched.setattr(two.door, "publish", losing(two.door.publish))
        with pytest.raises(StoreError):
            two.tell()
    first.remove("a")
    one.tell()
    two.tell()
    two.tell()
    assert shown(store) == {}
    second.labels("a").inc(5)
    two.tell()
    assert shown(store) == {("hits_total", A): 5}


def test_tell__tries_that_differ_are_not_taken_for_one_another(store, one, monkeypatch):
    """One of them arrived: only what stood in all of them is told."""
    hits = counter(one)
    hits.labels("b").inc()
    one.tell()
    hits.labels("a").inc(7)
    publish = one.door.publish
    with monkeypatch.context() as patched:
        patched.setattr(one.door, "publish", _away)
        with pytest.raises(StoreError):
            one.tell()
        # What ends is told first, so the second try says nothing of the other series.
        hits.remove("b")
        patched.setattr(one.door, "publish", losing(publish))
        with pytest.raises(StoreError):
            one.tell()
    one.tell()
    assert shown(store) == {("hits_total", A): 7}


def test_rows__are_used_again(store, one, valkey_server):
    """Series that come and go do not make the totals grow, in the store or in the process."""
    hits = counter(one)
    for number in range(50):
        hits.labels(f"channel-{number}").inc(number + 1)
        one.tell()
        assert list(shown(store).values()) == [number + 1]
        hits.remove(f"channel-{number}")
        one.tell()
    assert shown(store) == {}
    client = valkey_server.client
    (values,) = client.keys("*hits*:values")
    (numbers,) = client.keys("*numbers*")
    assert client.strlen(values) <= 3 * 8
    assert client.strlen(numbers) <= 16 + 5 * 8


def test_full_family__folds_into_other_and_counts(store, one):
    """The cap holds over all processes; what overflows is summed in ``other``."""
    one.most = 3
    hits = counter(one)
    for number in range(10):
        hits.labels(f"p{number}").inc()
    one.tell()
    for number in range(10):
        hits.labels(f"p{number}").inc()
    one.tell()
    found = {dict(labels)["k"]: value for (_, labels), value in shown(store).items()}
    assert len(found) == 4
    assert found["other"] == 14
    assert sum(found.values()) == 20
    assert store.counts("series_dropped") == {"hits_total": 7}


def test_many_series__go_in_parts(store, one):
    """More series than one publication takes arrive all."""
    hits = counter(one)
    for number in range(4500):
        hits.labels(f"p{number}").inc(number)
    one.tell()
    assert sum(shown(store).values()) == sum(range(4500))


def test_closing__leaves_the_totals_and_takes_the_gauges(store, one, valkey_server):
    """A process that ends leaves what it counted, and nothing else."""
    counter(one).labels("a").inc(2)
    Gauge("level", "Test.", registry=one.registry, multiprocess_mode="sum").set(5)
    one.tell()
    assert shown(store)["level", ()] == 5
    one.tell(closing=True)
    assert shown(store) == {("hits_total", A): 2}
    assert store.snapshot().processes == {}
    (numbers,) = valkey_server.client.keys("*numbers*")
    assert valkey_server.client.strlen(numbers) == 16


@pytest.mark.parametrize(
    ("mode", "expected"),
    [("sum", 8.0), ("livesum", 8.0), ("min", 3.0), ("livemax", 5.0), ("mostrecent", 3.0)],
)
def test_gauges__merge_by_their_mode(store, one, two, mode, expected):
    """Each mode of prometheus_client, over live processes."""
    for process, value in ((one, 5), (two, 3)):
        Gauge("level", "Test.", registry=process.registry, multiprocess_mode=mode).set(value)
        process.tell()
    assert shown(store) == {("level", ()): expected}


def test_gauges__of_mode_all_have_host_and_pid(store, one):
    """Only where a mode asks for it; and never ``instance``."""
    Gauge("level", "Test.", registry=one.registry).set(5)
    one.tell()
    ((name, labels),) = shown(store)
    assert name == "level"
    assert [name for name, _ in labels] == ["host", "pid"]


def test_gauge__that_nobody_has_set_does_not_win(store, one, two):
    """A process that has a gauge at 0 from its start is not the most recent."""
    for process, value in ((one, 5), (two, None)):
        gauge = Gauge("level", "Test.", registry=process.registry, multiprocess_mode="mostrecent")
        if value:
            gauge.set(value)
        process.tell()
    assert shown(store) == {("level", ()): 5}


def test_gauges__a_child_does_not_repeat_its_parent(store, one):
    """What a child inherits of a sum is the parent's."""
    level = Gauge("level", "Test.", registry=one.registry, multiprocess_mode="sum")
    level.set(5)
    one.tell()
    child = one.fork()
    level.inc(2)
    child.tell()
    assert shown(store) == {("level", ()): 7}


def test_gauges__of_a_process_that_says_nothing_new_outlive_the_store(
    store_at, valkey_server, valkey_url
):
    """While the store is away a gauge stays for as long as its process was last promised."""
    reader = store_at(valkey_url)
    process = FakeProcess()
    Gauge("level", "Test.", registry=process.registry, multiprocess_mode="sum").set(5)
    process.tell(ttl=20)
    assert shown(reader)["level", ()] == 5
    process.tell(ttl=60)
    assert shown(reader)["level", ()] == 5
    later = reader.snapshot().without_store(time.monotonic() + 30)
    assert [name for name in later.packed if "level" in name]
    assert not reader.snapshot().without_store(time.monotonic() + 90).packed


def test_gauges__come_back_after_a_pause(store, one, valkey_server):
    """A process that was silent for longer than its gauges stand tells them again."""
    Gauge("level", "Test.", registry=one.registry, multiprocess_mode="sum").set(5)
    one.tell()
    for key in valkey_server.client.keys("*gauges:*"):
        valkey_server.client.delete(key)
    one.tell()
    one.tell()
    assert shown(store) == {("level", ()): 5}


def test_sum__that_a_child_sets(store, one):
    """A child that sets a sum says what it set, not the difference to its parent's."""
    level = Gauge("level", "Test.", registry=one.registry, multiprocess_mode="sum")
    level.set(10)
    child = one.fork()
    level.set(3)
    child.tell()
    assert shown(store) == {("level", ()): 3}


def test_enum__the_newest_state_wins(store, one, two):
    """Not the state of the youngest process, which nobody has set."""
    for process, state in ((one, "down"), (two, "")):
        made = Enum("state", "Test.", states=["up", "down"], registry=process.registry)
        if state:
            made.state(state)
        process.tell()
    assert shown(store)["state", (("state", "down"),)] == 1
    assert shown(store)["state", (("state", "up"),)] == 0


def test_strange_texts__cost_nobody_anything(store, one):
    """Help with a surrogate, an Info of numbers: all stands."""
    Counter("hits", "Test \ud800.", ["k"], registry=one.registry).labels("a\ud800").inc()
    Info("build", "Test.", registry=one.registry).info({"version": 3})  # type: ignore[dict-item]
    one.tell()
    assert set(shown(store).values()) == {1}
    assert len(shown(store)) == 2


def test_instrument__that_is_registered_again_counts_once(store, one):
    """Unregistered and registered again, the same object goes on."""
    hits = counter(one)
    hits.labels("a").inc(5)
    one.tell()
    one.registry.unregister(hits)
    one.tell()
    one.registry.register(hits)
    hits.labels("a").inc(5)
    one.tell()
    assert shown(store) == {("hits_total", A): 10}


def test_instrument__that_is_made_anew_loses_nothing(store, one):
    """What the old one counted since the last publication stays counted."""
    hits = counter(one)
    hits.labels("a").inc(5)
    one.tell()
    hits.labels("a").inc(2)
    one.registry.unregister(hits)
    counter(one).labels("a").inc(1)
    one.tell()
    assert shown(store) == {("hits_total", A): 8}


def test_info_and_enum__stand_as_in_one_process(store, one):
    """They have no multiprocess mode in prometheus_client; here they stand."""
    Info("build", "Test.", registry=one.registry).info({"version": "1"})
    Enum("state", "Test.", states=["up", "down"], registry=one.registry).state("down")
    one.tell()
    assert shown(store) == {
        ("build_info", (("version", "1"),)): 1,
        ("state", (("state", "up"),)): 0,
        ("state", (("state", "down"),)): 1,
    }


def test_exemplars__the_newest_wins(store, one, two):
    """A total has the exemplar that was told last."""
    for process, trace in ((one, "x"), (two, "y")):
        counter(process).labels("a").inc(exemplar={"trace_id": trace})
        process.tell()
    (sample,) = families(store)["hits"].samples
    assert sample.exemplar.labels == {"trace_id": "y"}


@pytest.mark.parametrize("first", ["kind", "other"])
def test_forms__of_one_family_the_younger_is_shown(store, first):
    """A deployment that changes labels or buckets shows at once, whatever their order."""
    second = {"kind": "other", "other": "kind"}[first]
    for value, label in ((1, first), (5, second)):
        process = FakeProcess()
        Counter("hits", "Test.", [label], registry=process.registry).labels("a").inc(value)
        process.tell()
    assert shown(store) == {("hits_total", ((second, "a"),)): 5}


def test_retire__ends_what_no_code_declares(store, one):
    """A family leaves when nobody has declared it for the retention, not before."""
    counter(one).labels("a").inc()
    one.tell()
    assert store.retire(60) == 0
    assert store.retire(-1) == 1
    assert shown(store) == {}


def test_unknown_formats__are_skipped_and_counted(store, one, valkey_server):
    """A newer version's entries do not spoil the page of an older one."""
    counter(one).labels("a").inc()
    one.tell()
    client = valkey_server.client
    (totals,) = client.keys("*totals")
    client.hset(totals, "new~1", b"\x09" + b"\0" * 28)
    (processes,) = client.keys("*processes")
    client.hset(processes, "new", b"\x09" + b"\0" * 36 + b"{}")
    assert shown(store) == {("hits_total", A): 1}
    assert store.snapshot().skipped == 2


def test_process_families__behind_a_switch(store, one, two):
    """Memory and processor time of each process, with host and pid."""
    one.with_process = True
    one.tell()
    two.tell()
    found = families(store)
    assert "process_resident_memory_bytes" in found
    assert found["process_cpu_seconds"].type == "counter"


def test_receipt__unknown_outcome_is_asked_again_a_few_times(store, one, monkeypatch):
    """A store that never accepts does not hold the thread for ever."""
    counter(one).labels("a").inc()
    asked = []
    refuse = listening(lambda publication, **kw: Receipt("unknown"), asked)
    monkeypatch.setattr(one.door, "publish", refuse)
    one.teller.tell_totals(time.time(), 60)
    assert 1 < len(asked) < 10
    assert asked[-1].base
