"""Fixtures that every room's tests share."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest
from celery import Task
from django.db import connection
from hypothesis import HealthCheck, settings
from kombu.exceptions import OperationalError

from tests.promql import report
from tests.servers import StoreServer, store_server
from zerostate_monitoring.collectors import node_scraping
from zerostate_monitoring.instrumentation import publisher
from zerostate_monitoring.logs.security import LOGGER as SECURITY_LOGGER
from zerostate_monitoring.storage.connection import Address
from zerostate_monitoring.storage.store import Store, close_stores, current_store

# No test depends on how busy the machine is.
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")


@pytest.fixture(scope="session")
def valkey_server() -> Iterator[StoreServer]:
    """One embedded Valkey for the whole run."""
    with store_server() as server:
        yield server


def pytest_configure(config: pytest.Config) -> None:
    """What the test process itself counts goes into no test's store.

    For the whole run: a line that is logged between two tests, or by a fixture of a module,
    would start the thread, and it would publish into the stores of all tests after it.
    """
    patch = pytest.MonkeyPatch()
    patch.setattr(publisher, "wake", lambda: None)
    config.add_cleanup(patch.undo)


@pytest.fixture(autouse=True)
def _no_open_connections() -> Iterator[None]:
    """A test leaves no connection to nodes behind."""
    yield
    node_scraping.close_connections()


@pytest.fixture
def valkey_url(valkey_server: StoreServer, settings: Any) -> Iterator[str]:
    """Address of an emptied Valkey, set as the app's store; however busy, it is waited for."""
    client = valkey_server.client
    client.flushall()
    client.close()
    settings.ZEROSTATE_MONITORING_REDIS_URL = valkey_server.url
    settings.ZEROSTATE_MONITORING_REDIS_TIMEOUT_SECONDS = 60
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
        timeout: float = 60,
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


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say what was compared with Prometheus, what was not, and what could not be had."""
    for line in report.lines():
        terminalreporter.write_line(line)


@pytest.fixture
def security_events(caplog: pytest.LogCaptureFixture) -> Callable[[], list[logging.LogRecord]]:
    """Records of the log of security since it was asked last.

    What waits for the commit is done first: tests are inside a transaction that never ends so.
    """
    caplog.set_level(logging.INFO, SECURITY_LOGGER)

    def events() -> list[logging.LogRecord]:
        while connection.run_on_commit:
            connection.run_on_commit.pop(0)[1]()
        found = [record for record in caplog.records if record.name == SECURITY_LOGGER]
        caplog.clear()
        return found

    return events
