"""Fixtures that every room's tests share."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest
from celery import Task
from kombu.exceptions import OperationalError

from tests.servers import StoreServer, store_server
from zerostate_monitoring.collectors import nodes
from zerostate_monitoring.instrumentation import publisher
from zerostate_monitoring.storage.connection import Address
from zerostate_monitoring.storage.store import Store, close_stores, current_store


@pytest.fixture(scope="session")
def valkey_server() -> Iterator[StoreServer]:
    """One embedded Valkey for the whole run."""
    with store_server() as server:
        yield server


@pytest.fixture(autouse=True)
def _no_publisher(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the test process itself counts goes into no test's store."""
    monkeypatch.setattr(publisher, "wake", lambda: None)


@pytest.fixture(autouse=True)
def _no_open_connections() -> Iterator[None]:
    """A test leaves no connection to nodes behind."""
    yield
    nodes.close_connections()


@pytest.fixture
def valkey_url(valkey_server: StoreServer, settings: Any) -> Iterator[str]:
    """Address of an emptied Valkey, set as the app's store."""
    client = valkey_server.client
    client.flushall()
    client.close()
    settings.ZEROSTATE_MONITORING_REDIS_URL = valkey_server.url
    yield valkey_server.url
    close_stores()


@pytest.fixture
def store(valkey_url: str) -> Store:
    """The app's store on an emptied Valkey."""
    return current_store()


@pytest.fixture
def store_at() -> Iterator[Callable[..., Store]]:
    """Make store objects of their own, as other processes would have; closed at the end."""
    opened: list[Store] = []

    def make(
        url: str,
        timeout: float = 0.6,
        prefix: str = "zerostate",
        options: Mapping[str, Any] | None = None,
    ) -> Store:
        opened.append(Store(Address(url, timeout, 10, options or {}), prefix))
        return opened[-1]

    yield make
    for store in opened:
        store.close()


@pytest.fixture
def sent(monkeypatch):
    """Messages instead of a broker: (task, args, kwargs, options)."""
    messages = []

    def send(self, args=(), kwargs=None, **options):
        messages.append((self.name, tuple(args), kwargs or {}, options))

    monkeypatch.setattr(Task, "apply_async", send)
    return messages


@pytest.fixture
def refusing(monkeypatch):
    """A broker that takes no message while the list holds anything."""
    refused = [True]
    send = Task.apply_async

    def refuse(self, *args, **options):
        if refused:
            raise OperationalError("no broker")
        return send(self, *args, **options)

    monkeypatch.setattr(Task, "apply_async", refuse)
    return refused
