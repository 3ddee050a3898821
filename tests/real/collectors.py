"""A project's own collectors that misbehave on demand; found by the app's autodiscovery."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

from prometheus_client.core import GaugeMetricFamily

from tests.real.hostile import LABELS, VALUES
from zerostate_monitoring.collectors import Item, collector

INTERVAL_SECONDS = 5.0


def path(name: str) -> Path:
    """A file through which a test and a collector speak."""
    return Path(os.environ["TEST_DIRECTORY"]) / name


@collector("hostile", interval=INTERVAL_SECONDS)
def hostile() -> Iterator[Item]:
    """Yield strange texts and strange numbers, and a name that may not be exposed."""
    texts = GaugeMetricFamily("hostile_text", 'Strange "texts" \\ of\nlabels.', labels=["k", "v"])
    for name, text in LABELS.items():
        texts.add_metric([name, text], 1)
    yield texts
    numbers = GaugeMetricFamily("hostile_value", "Strange numbers.", labels=["k"])
    for name, value in VALUES.items():
        numbers.add_metric([name], value)
    yield numbers
    yield GaugeMetricFamily("hostile:recorded", "A name for recording rules.", value=1)


@collector("gated", interval=INTERVAL_SECONDS)
def gated() -> Iterator[Item]:
    """Yield the number of this run twice; wait in between while the gate is closed."""
    with path("gated.runs").open("a+") as runs:
        runs.write(f"{time.time()} {os.getpid()}\n")
        runs.flush()
        runs.seek(0)
        number = len(runs.readlines())
    yield GaugeMetricFamily("gated_before", "The number of this run.", value=number)
    while path("gate").exists():
        time.sleep(0.02)
    yield GaugeMetricFamily("gated_after", "The number of this run.", value=number)
