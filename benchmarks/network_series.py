"""The series that the benchmarks of PromQL ask, and what they ask: alike for us and for Prometheus.

Gauges, counters and histograms of a network's nodes. More series are more nodes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from zerostate_monitoring.frames.exemplar import Labels
from zerostate_monitoring.promql.data import NAME, Floats

STEP_MS: Final = 15_000
EXPRESSIONS: Final = Path(__file__).with_name("expressions.promql")

_GAUGES: Final = 40
_COUNTERS: Final = 40
_HISTOGRAMS: Final = 8
_STATUSES: Final = ("completed", "failed", "late")
_BOUNDS: Final = ("0.005", "0.01", "0.05", "0.1", "0.5", "1.0", "5.0", "+Inf")
_OF_A_NODE: Final = _GAUGES + _COUNTERS * len(_STATUSES) + _HISTOGRAMS * (len(_BOUNDS) + 2)


def expressions() -> list[str]:
    """A thousand alert expressions: thresholds, rates, ratios, quantiles, absences."""
    return EXPRESSIONS.read_text(encoding="utf-8").splitlines()


@dataclass(frozen=True)
class Network:
    """About ``size`` series and their samples at ``columns`` instants."""

    size: int

    @property
    def nodes(self) -> int:
        """How many nodes it takes."""
        return max(1, round(self.size / _OF_A_NODE))

    def series(self) -> list[Labels]:
        """All label sets, by name."""
        found = [labels for node in range(self.nodes) for labels in _of_node(node)]
        return sorted(found, key=lambda labels: (dict(labels)[NAME], labels))

    def samples(self, columns: int) -> Floats:
        """Values of all series (columns, series); counters and buckets grow."""
        series = self.series()
        random = np.random.default_rng(7)
        names = [dict(labels)[NAME] for labels in series]
        counts = np.array([not name.startswith("zerostate_bench_gauge") for name in names])
        steps = random.integers(0, 9, (columns, len(series))).astype(np.float64)
        grown = np.cumsum(steps, axis=0) + random.integers(0, 10**6, len(series))
        return np.where(counts, monotonic(grown, names), 50 + steps * 5)


def monotonic(grown: Floats, names: list[str]) -> Floats:
    """Each bucket of a histogram holds what the ones before it hold."""
    grown = grown.copy()
    buckets = np.array([name.endswith("_bucket") for name in names])
    places = np.flatnonzero(buckets)
    # Sorted by labels, all nodes' buckets of one bound stand together; bounds as texts.
    texts = sorted(_BOUNDS)
    by_bound = [texts.index(bound) for bound in _BOUNDS]
    apart = grown[:, places].reshape(len(grown), _HISTOGRAMS, len(_BOUNDS), -1)
    apart[:, :, by_bound] = np.cumsum(apart[:, :, by_bound], axis=2)
    grown[:, places] = apart.reshape(len(grown), -1)
    return grown


def _of_node(node: int) -> Iterator[Labels]:
    own = (("node", f"node-{node:04d}"), ("role", ("edge", "relay", "api")[node % 3]))
    for number in range(_GAUGES):
        yield _labels(f"zerostate_bench_gauge_{number:02d}", own)
    for number in range(_COUNTERS):
        for status in _STATUSES:
            yield _labels(f"zerostate_bench_{number:02d}_total", (*own, ("status", status)))
    for number in range(_HISTOGRAMS):
        name = f"zerostate_bench_{number:02d}_seconds"
        for bound in _BOUNDS:
            yield _labels(f"{name}_bucket", (*own, ("le", bound)))
        yield _labels(f"{name}_sum", own)
        yield _labels(f"{name}_count", own)


def _labels(name: str, pairs: tuple[tuple[str, str], ...]) -> Labels:
    return tuple(sorted([(NAME, name), *pairs]))
