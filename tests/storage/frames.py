"""Small frames for storage tests."""

from __future__ import annotations

import time
from collections.abc import Mapping

from zerostate_monitoring.frames.builder import FrameBuilder
from zerostate_monitoring.frames.frame import Frame
from zerostate_monitoring.storage.store import Store, Write


def gauge(values: Mapping[str, float], name: str = "zerostate_test") -> Frame:
    """A gauge with one label; equal label values give an equal schema."""
    builder = FrameBuilder()
    builder.declare(name, "gauge", "Test.")
    for key, value in values.items():
        builder.add(name, {"key": key}, value)
    return builder.build(time.time())


def write(store: Store, producer: str, frame: Frame, ttl: float = 60) -> int:
    """Write one frame under a lease of its own; the token."""
    lease = store.lease(f"test:{producer}", 30)
    assert lease is not None
    store.write([Write(producer, frame, ttl)], token=lease.token)
    store.release(lease)
    return lease.token


def shown(store: Store) -> dict[str, dict[str, float]]:
    """What a scrape would see: producer to key to value."""
    return {
        producer: {dict(labels)["key"]: value for _, labels, value in frame.samples()}
        for producer, frame in store.snapshot().frames.items()
    }
