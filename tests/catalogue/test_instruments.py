from __future__ import annotations

import pytest
from prometheus_client import CollectorRegistry, Gauge, Histogram
from prometheus_client.utils import floatToGoString

from zerostate_monitoring.catalogue import CATALOGUE, Definition, Feed, Kind, Layer
from zerostate_monitoring.catalogue.instruments import instrument

TASKS = CATALOGUE["zerostate_tasks_total"]
MEMORY = CATALOGUE["zerostate_wasm_memory_bytes"]


@pytest.fixture
def registry():
    """A registry of this test."""
    return CollectorRegistry()


@pytest.mark.parametrize("status", ["submitted", "completed", "failed"])
def test_counter__starts_at_its_known_series(registry, status):
    """Known label values are there at 0 before anything is counted."""
    instrument(TASKS, registry)
    assert registry.get_sample_value(TASKS.name, {"status": status}) == 0


def test_counter__without_labels_starts_at_0(registry):
    """A counter without labels has its one series."""
    instrument(CATALOGUE["zerostate_deposits_total"], registry)
    assert registry.get_sample_value("zerostate_deposits_total") == 0


def test_histogram__has_the_definitions_buckets(registry):
    """A value just under the limit falls below 128 MiB and above 96 MiB."""
    made = instrument(MEMORY, registry)
    assert isinstance(made, Histogram)
    made.observe(120 * 2**20)
    below, above = (
        registry.get_sample_value(f"{MEMORY.name}_bucket", {"le": floatToGoString(bound)})
        for bound in (96.0 * 2**20, 128.0 * 2**20)
    )
    assert (below, above) == (0, 1)


@pytest.mark.parametrize("kind", [Kind.GAUGE, Kind.SUMMARY])
def test_instrument__is_of_the_definitions_type(registry, kind):
    """Gauges and summaries come out as such."""
    one = Definition(name="a", kind=kind, help="A.", layer=Layer.P2P, feeds=(Feed.INSTRUMENT,))
    instrument(one, registry)
    assert [family.type for family in registry.collect()] == [kind]


def test_instrument__keeps_the_seeds_name_of_a_gauge(registry):
    """The gauge that ends in ``_total`` keeps its whole name."""
    made = instrument(CATALOGUE["zerostate_metrics_registered_total"], registry)
    assert isinstance(made, Gauge)
    made.labels("counter").set(3)
    name = "zerostate_metrics_registered_total"
    assert registry.get_sample_value(name, {"type": "counter"}) == 3


def test_instrument__is_made_once_per_registry(registry):
    """A registry refuses a family that it has."""
    instrument(TASKS, registry)
    with pytest.raises(ValueError, match="zerostate_tasks"):
        instrument(TASKS, registry)
