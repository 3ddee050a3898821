"""A collector of the project's own: found by the app, run by its beat entry."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from prometheus_client.core import GaugeMetricFamily

from example_project.network.switches import switches
from zerostate_monitoring.collectors import Item, collector


@collector("example", interval=15)
def example() -> Iterator[Item]:
    """Tell which faults are switched on, and since when.

    Raises:
        RuntimeError: the fault *collector* is on.
    """
    since = switches().since()
    if "collector" in since:
        raise RuntimeError("the fault switch 'collector' is on")
    text = "When the fault was switched on; no series where nothing is broken."
    family = GaugeMetricFamily("example_fault_timestamp_seconds", text, labels=["fault"])
    for name, at in since.items():
        family.add_metric([name], datetime.fromisoformat(at).astimezone(UTC).timestamp())
    yield family
    count = GaugeMetricFamily("example_faults", "How many faults are switched on.")
    count.add_metric([], len(since))
    yield count
