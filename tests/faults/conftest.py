"""A project's own collector whose behaviour each test sets, and the page as a scraper sees it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.parser import text_string_to_metric_families

from zerostate_monitoring.collectors import COLLECTORS, Item, collector
from zerostate_monitoring.models import Collector

INTERVAL = 30.0
ERRORS = "zerostate_monitoring_collector_errors_total"
LAST_SUCCESS = "zerostate_monitoring_collector_last_success_timestamp_seconds"


class Shop:
    """The collector ``shop``: yields ``value`` twice, and calls ``between`` in the middle."""

    def __init__(self) -> None:
        self.value = 0.0
        self.between: Callable[[], object] = lambda: None

    def collect(self) -> Iterator[Item]:
        value = self.value
        yield GaugeMetricFamily("shop_before", "First half.", value=value)
        between, self.between = self.between, lambda: None
        between()
        yield GaugeMetricFamily("shop_after", "Second half.", value=value)

    @property
    def row(self) -> Collector:
        """The collector's row as it stands now."""
        return Collector.objects.get(name="shop")


@pytest.fixture
def shop() -> Iterator[Shop]:
    """The collector, registered as long as the test runs."""
    made = Shop()
    collector("shop", interval=INTERVAL)(made.collect)
    yield made
    COLLECTORS.discard("shop")


Page = dict[tuple[str, tuple[tuple[str, str], ...]], float]


@pytest.fixture
def page(client) -> Callable[[], Page]:
    """Scrape: every series with its value, read by prometheus_client's parser."""

    def scrape() -> Page:
        answer = client.get("/metrics")
        assert answer.status_code == 200
        text = b"".join(answer).decode()
        return {
            (sample.name, tuple(sorted(sample.labels.items()))): sample.value
            for family in text_string_to_metric_families(text)
            for sample in family.samples
        }

    return scrape


@pytest.fixture
def shown(page) -> Callable[..., float | None]:
    """The value of one series on a fresh page; None where it is not."""

    def value(name: str, **labels: str) -> float | None:
        found: float | None = page().get((name, tuple(sorted(labels.items()))))
        return found

    return value
