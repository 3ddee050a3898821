"""An embedded Valkey for a benchmark."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.test import override_settings

from tests.servers import store_server
from zerostate_monitoring.instrumentation import publisher


@contextmanager
def embedded_store() -> Iterator[str]:
    """The address of an empty store that ends with the block."""
    with store_server() as server:
        yield server.url


@contextmanager
def installation(**settings: object) -> Iterator[str]:
    """An empty store that this process's app uses; further settings by their short names."""
    with embedded_store() as url:
        every = {"REDIS_URL": url, "REDIS_TIMEOUT_SECONDS": 5, **settings}
        with override_settings(**{f"ZEROSTATE_MONITORING_{n}": v for n, v in every.items()}):
            yield url


@contextmanager
def published() -> Iterator[None]:
    """Inside the block this process publishes what it counts, as one of a project does."""
    publisher.wake()
    try:
        yield
    finally:
        publisher.stop()
        publisher.begin_anew()
