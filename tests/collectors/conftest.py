"""A platform to read and nodes to scrape, for the tests of their collectors."""

from __future__ import annotations

import pytest

from tests.collectors.scraping import PAGE
from tests.sources.nodes.server import fake_node
from tests.sources.platform.fixtures import platform, postgresql, vendor
from zerostate_monitoring.collectors import node_scraping

__all__ = ["platform", "postgresql", "vendor"]


@pytest.fixture(autouse=True)
def _fresh_scraper(settings):
    """Each test begins with a process that has seen no node."""
    settings.ZEROSTATE_MONITORING_NODE_TIMEOUT_SECONDS = 2
    node_scraping.close_connections()


@pytest.fixture
def node():
    """A node with one catalogued family, health and peers."""
    with fake_node() as running:
        running.page(PAGE)
        for path in ("/healthz", "/readyz"):
            running.answers[path] = lambda handler: handler.reply(b"ok")
        running.answers["/api/info"] = lambda handler: handler.reply(
            b'{"peer_id": "P1", "version": "1.2"}'
        )
        running.answers["/api/peers"] = lambda handler: handler.reply(
            b'{"count": 1, "peers": ["P2"]}'
        )
        yield running
