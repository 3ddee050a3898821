"""What is known of prometheus_client's inside is still so."""

from __future__ import annotations

import math
import re
import subprocess
import sys
from importlib.resources import files
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Summary

from zerostate_monitoring.instrumentation import cells

AMOUNTS = st.floats(min_value=0, max_value=1e9)


@given(st.lists(AMOUNTS, max_size=30))
def test_observer__is_observe(amounts):
    """A histogram that is fed through a cell is the one that was fed by its own method."""
    bounds = (0.5, 1, 10, 1e6)
    ours, theirs = (
        Histogram("h", "Test.", buckets=bounds, registry=CollectorRegistry()) for _ in range(2)
    )
    observe = cells.observer(ours)
    for amount in amounts:
        observe(amount)
        theirs.observe(amount)
    assert cells.numbers(ours) == cells.numbers(theirs)
    pairs = [[(s.name, s.labels, s.value) for s in h._child_samples()] for h in (ours, theirs)]
    assert pairs[0][:-1] == pairs[1][:-1]


@pytest.mark.parametrize("bound", [0.5, 1, 10])
def test_observer__a_bound_belongs_to_its_bucket(bound):
    """An observation equal to a bound counts below it."""
    histogram = Histogram("h", "Test.", buckets=(0.5, 1, 10), registry=CollectorRegistry())
    cells.observer(histogram)(bound)
    at = [math.inf, *(0.5, 1, 10)].index(bound) - 1
    assert cells.numbers(histogram)[at] == 1


def test_numbers__of_each_type():
    """Counters, summaries and histograms are read as what they counted."""
    registry = CollectorRegistry()
    counter = Counter("c", "Test.", ["k"], registry=registry)
    counter.labels("a").inc(3)
    summary = Summary("s", "Test.", registry=registry)
    summary.observe(2.5)
    assert cells.numbers(counter.labels("a")) == (3,)
    assert cells.numbers(summary) == (1, 2.5)
    assert cells.children(counter) == {("a",): counter.labels("a")}
    assert set(cells.instruments(registry)) == {counter, summary}


def test_setter__sets_and_remembers_when():
    """A gauge that was set says when; one that was not says 0."""
    gauge = Gauge("g", "Test.", registry=CollectorRegistry())
    assert cells.set_at(gauge) == 0
    cells.setter(gauge)(5)
    assert gauge._value.get() == 5
    assert cells.set_at(gauge) > 1e9


def test_exemplars__of_counter_and_histogram():
    """The place of an exemplar is that of its number."""
    registry = CollectorRegistry()
    counter = Counter("c", "Test.", registry=registry)
    histogram = Histogram("h", "Test.", buckets=(1, 2), registry=registry)
    counter.inc(exemplar={"trace_id": "a"})
    histogram.observe(1.5, exemplar={"trace_id": "b"})
    assert [(p, e.labels["trace_id"]) for p, e in cells.exemplars(counter)] == [(0, "a")]
    assert [(p, e.labels["trace_id"]) for p, e in cells.exemplars(histogram)] == [(1, "b")]


def test_instruments__are_no_custom_collectors():
    """A custom collector would run, with its queries, in every process."""

    class Custom:
        def collect(self):
            raise AssertionError("ran")

        def describe(self):
            return []

    registry = CollectorRegistry()
    registry.register(Custom())
    assert cells.instruments(registry) == []


def test_forked__leaves_no_lock_of_the_parent():
    """A registry, its instruments and their series can be used, whoever held their locks."""
    registry = CollectorRegistry()
    parent = Counter("a", "Test.", ["k"], registry=registry)
    series = parent.labels("x")
    with registry._lock, parent._lock, series._value._lock:
        cells.forked([registry])
        parent.labels("y").inc()
        series.inc()
        Counter("b", "Test.", registry=registry)
    assert [cells.name_of(one) for one in cells.instruments(registry)] == ["a", "b"]


def test_withdraw__takes_out_what_is_half_registered():
    """A name that a fork has left without its collector is free again; no other one is."""
    registry = CollectorRegistry()
    kept, half = (Counter(name, "Test.", registry=registry) for name in "ab")
    del registry._collector_to_names[half]
    with registry._lock:
        cells.withdraw(registry, lambda collector: collector is half)
    again = Counter("b", "Test.", registry=registry)
    assert cells.instruments(registry) == [kept, again]


def test_registries__are_known_inside_here_alone():
    """No other module touches private names of a registry."""
    folder = files("zerostate_monitoring")
    private = re.compile(
        r"(?:REGISTRY|registry)\._[a-z]|_(?:names_to_collectors|collector_to_names)"
    )
    found = [p.name for p in Path(str(folder)).rglob("*.py") if private.search(p.read_text())]
    assert found == ["cells.py"]


def test_publisher__brings_nothing_heavy():
    """A process that only counts loads neither numpy nor orjson."""
    code = (
        "import sys; from zerostate_monitoring.instrumentation import publisher, p2p, execution,"
        " economic; print([m for m in ('numpy', 'orjson') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_import__makes_no_instrument():
    """Nothing is registered before something happens, and nothing of ours in the default."""
    code = (
        "from prometheus_client import REGISTRY as default;"
        "before = set(default._names_to_collectors);"
        "from zerostate_monitoring.instrumentation import p2p, execution, economic, registry;"
        "print(len(registry.REGISTRY._names_to_collectors),"
        " set(default._names_to_collectors) - before)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "0 set()"
