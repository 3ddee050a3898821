"""Strange texts and numbers from a project's own collector, through the store, to the page."""

from __future__ import annotations

import math

import pytest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.openmetrics.parser import text_string_to_metric_families as openmetrics

from tests.real.hostile import LABELS, SHOWN, VALUES, same
from zerostate_monitoring.collectors import COLLECTORS, collector
from zerostate_monitoring.collectors.runner import run

pytestmark = pytest.mark.django_db


@pytest.fixture
def hostile(store):
    """The page's source has run."""

    @collector("hostile", interval=30)
    def collect():
        texts = GaugeMetricFamily("hostile_text", "Texts.", labels=["k", "v"])
        for name, text in LABELS.items():
            texts.add_metric([name, text], 1)
        yield texts
        numbers = GaugeMetricFamily("hostile_value", "Numbers.", labels=["k"])
        for name, value in VALUES.items():
            numbers.add_metric([name], value)
        yield numbers
        yield GaugeMetricFamily("hostile_twice", "Stands twice.", labels=["k"])
        twice = GaugeMetricFamily("hostile_broken", "One series twice.", labels=["k"])
        twice.add_metric(["same"], 1)
        twice.add_metric(["same"], 2)
        yield twice
        yield GaugeMetricFamily("hostile:recorded", "A recorded name.", value=1)
        yield GaugeMetricFamily("hostile_last", "After all of them.", value=1)

    yield run("hostile", store=store)
    COLLECTORS.discard("hostile")


def test_texts__are_read_back_as_they_were(hostile, page):
    """Quotes, backslashes, newlines, NUL and 10 kB survive; half a surrogate is U+FFFD."""
    found = {dict(labels)["k"]: dict(labels)["v"] for name, labels in page() if "_text" in name}
    assert found == SHOWN


def test_texts__are_read_back_from_openmetrics(hostile, client):
    """The same in the other format."""
    answer = client.get("/metrics", headers={"accept": "application/openmetrics-text"})
    text = b"".join(answer).decode()
    families = {family.name: family for family in openmetrics(text)}
    found = {s.labels["k"]: s.labels["v"] for s in families["hostile_text"].samples}
    assert found == SHOWN
    numbers = {s.labels["k"]: s.value for s in families["hostile_value"].samples}
    assert all(same(numbers[name], value) for name, value in VALUES.items())


def test_values__are_read_back_bit_by_bit(hostile, page):
    """NaN, infinities, -0 and the ends of float64 survive."""
    found = {
        dict(labels)["k"]: value for (name, labels), value in page().items() if "_value" in name
    }
    assert [name for name, value in VALUES.items() if not same(found[name], value)] == []
    assert math.isnan(found["nan"])


def test_broken_families__cost_only_themselves(hostile, shown):
    """A family with a series that stands twice and one with a colon are refused and named."""
    assert hostile.ok
    assert set(hostile.refused) == {"hostile_broken", "hostile:recorded"}
    assert shown("hostile_last") == 1
