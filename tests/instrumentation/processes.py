"""Several processes in one: each with a registry, a ledger and a teller of its own."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

from prometheus_client import CollectorRegistry, Metric

from zerostate_monitoring.conf import conf
from zerostate_monitoring.frames.families import families_of
from zerostate_monitoring.instrumentation import cells
from zerostate_monitoring.instrumentation.ledger import Ledger
from zerostate_monitoring.instrumentation.present import Present
from zerostate_monitoring.instrumentation.teller import Teller
from zerostate_monitoring.storage.connection import Address
from zerostate_monitoring.storage.publishing import Publishing
from zerostate_monitoring.storage.store import Store

Samples = dict[tuple[str, tuple[tuple[str, str], ...]], float]


@dataclass
class FakeProcess:
    """What a process has of this app, without being one; not for what only processes show."""

    most: int = 10_000
    with_process: bool = False
    registry: CollectorRegistry = field(default_factory=CollectorRegistry)

    def __post_init__(self) -> None:
        self.door = Publishing(Address.of(conf), conf.KEY_PREFIX)
        self.begin()

    def begin(self) -> None:
        """Be a process that has read nothing yet."""
        self.ledger = Ledger(lambda: [self.registry], lambda: self.most)
        self.present = Present(lambda: [self.registry], lambda: self.with_process)
        self.teller = Teller(self.door, self.ledger, self.present)

    def fork(self) -> FakeProcess:
        """A child that inherits the instruments, as they are now."""
        child = FakeProcess(self.most, self.with_process, self.registry)
        cells.forked([self.registry])
        child.ledger.forked(self.ledger)
        child.present.forked()
        return child

    def tell(self, *, closing: bool = False, ttl: float = 60) -> None:
        """Publish now."""
        now = time.time()
        self.teller.tell_totals(now, ttl)
        if closing:
            self.teller.close(now)
        else:
            self.teller.tell_gauges(self.present.read(now), now, ttl)


def shown(store: Store) -> Samples:
    """All samples that processes give, as a scrape would see them."""
    samples: Samples = {}
    for name, frame in store.snapshot().frames.items():
        if name.startswith("process:"):
            for sample, labels, value in frame.samples():
                assert (sample, labels) not in samples, f"{sample} stands twice"
                samples[sample, labels] = value
    return samples


def families(store: Store) -> dict[str, Metric]:
    """The families that processes give, by name."""
    frames = store.snapshot().frames.items()
    found: list[Any] = [f for n, fr in frames if n.startswith("process:") for f in families_of(fr)]
    return {family.name: family for family in found}
