"""Totals equal those of prometheus_client's multiprocess mode, for the same operations.

Deviations, all of them documented: gauges leave with their process here, so no process ends;
gauges of mode ``all`` have a host beside the pid; ``_created`` is not carried. Of a foreign
gauge of mode ``mostrecent`` only changes are seen, so ours are this app's own here, which know
when they were set.
"""

from __future__ import annotations

import math
import tempfile
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from prometheus_client import Counter, Gauge, Histogram, Summary, values
from prometheus_client.multiprocess import MultiProcessCollector

from tests.instrumentation.processes import FakeProcess, shown
from zerostate_monitoring.instrumentation import registry

PROCESSES = 3
MODES = ("sum", "livesum", "min", "livemin", "max", "livemax", "mostrecent", "livemostrecent")
LABELS = st.sampled_from(["a", "b", ""])
AMOUNTS = st.floats(min_value=0, max_value=2.0**40, width=32)
LEVELS = st.floats(min_value=-(2.0**40), max_value=2.0**40, width=32)
KINDS = st.one_of(
    st.tuples(st.just("counter"), AMOUNTS),
    st.tuples(st.just("histogram"), AMOUNTS),
    st.tuples(st.just("summary"), AMOUNTS),
    *(st.tuples(st.just(mode), LEVELS) for mode in MODES),
    st.tuples(st.just("tell"), st.just(0.0)),
)
OPERATIONS = st.lists(st.tuples(st.integers(0, PROCESSES - 1), LABELS, KINDS), max_size=40)


def own_gauge(*args: Any, **options: Any) -> Any:
    """A gauge of this app."""
    made = registry.Gauge(*args, **options)
    made.bound(100, (), "g")
    return made


def instruments(registry: Any, gauge: Any = Gauge) -> dict[str, Any]:
    """One of each type and mode."""
    options: dict[str, Any] = {"labelnames": ["k"], "registry": registry}
    return {
        "counter": Counter("c", "Test.", **options),
        "histogram": Histogram("h", "Test.", buckets=(1, 1e3, 1e6), **options),
        "summary": Summary("s", "Test.", **options),
        **{m: gauge(f"g_{m}", "Test.", multiprocess_mode=m, **options) for m in MODES},
    }


def perform(made: dict[str, Any], label: str, kind: str, amount: float) -> None:
    child = made[kind].labels(label)
    match kind:
        case "counter":
            child.inc(amount)
        case "histogram" | "summary":
            child.observe(amount)
        case _:
            child.set(amount)


def in_files(value_class: Any, act: Callable[[], Any]) -> Any:
    """Do ``act`` while prometheus_client makes values of this class."""
    before = values.ValueClass
    values.ValueClass = value_class
    try:
        return act()
    finally:
        values.ValueClass = before


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(operations=OPERATIONS)
def test_totals__equal_the_multiprocess_mode(store, valkey_server, operations):
    """Random operations over three processes, published at random moments."""
    valkey_server.client.flushall()
    processes = [FakeProcess() for _ in range(PROCESSES)]
    ours = [instruments(process.registry, own_gauge) for process in processes]
    with tempfile.TemporaryDirectory() as directory, pytest.MonkeyPatch.context() as patch:
        patch.setenv("PROMETHEUS_MULTIPROC_DIR", directory)
        files = [values.MultiProcessValue(lambda pid=pid: pid) for pid in range(PROCESSES)]
        theirs = [in_files(kept, lambda: instruments(None)) for kept in files]
        for number, label, (kind, amount) in operations:
            if kind == "tell":
                processes[number].tell()
                continue
            perform(ours[number], label, kind, amount)
            act = lambda n=number: perform(theirs[n], label, kind, amount)  # noqa: E731, B023
            in_files(files[number], act)
            if "mostrecent" in kind:
                # Set times are told with the publication, to the publisher's resolution.
                processes[number].tell()
        for process in processes:
            process.tell()
        expected = {
            (sample.name, tuple(sorted(sample.labels.items()))): sample.value
            for family in MultiProcessCollector(None, path=directory).collect()
            for sample in family.samples
        }
        for kept in files:
            kept.close_all_files()
    found = shown(store)
    assert found.keys() == expected.keys()
    for key, value in expected.items():
        assert math.isclose(found[key], value, rel_tol=1e-12, abs_tol=1e-9), key
