"""The measured series in prometheus_client: gauges with two labels, a family per producer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from prometheus_client import CollectorRegistry, Gauge

PRODUCERS: Final = 20
NAMES: Final = tuple(f"zerostate_bench_{number:02d}" for number in range(PRODUCERS))


def labels_of(size: int) -> list[tuple[str, str]]:
    """Label values of one family, where ``size`` series are spread over all."""
    share = range(size // PRODUCERS)
    return [(f"channel-{i:06d}", "open" if i % 2 else "settling") for i in share]


@dataclass(frozen=True)
class Registry:
    """A registry and its children by family."""

    registry: CollectorRegistry
    children: list[list[Any]]

    @classmethod
    def of(cls, size: int) -> Registry:
        """``size`` series, a twentieth of them in each family."""
        registry = CollectorRegistry()
        gauges = [Gauge(n, "Bench.", ["channel", "state"], registry=registry) for n in NAMES]
        return cls(registry, [[g.labels(*pair) for pair in labels_of(size)] for g in gauges])

    def set(self, values: Sequence[Sequence[float]]) -> None:
        """Bring the registry to ``values``."""
        for children, numbers in zip(self.children, values, strict=True):
            for child, number in zip(children, numbers, strict=True):
                child.set(number)
