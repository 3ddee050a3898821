"""Fixtures for tests that ask nodes."""

from __future__ import annotations

import pytest

from tests.sources.nodes.server import fake_node


@pytest.fixture
def node():
    """A node on loopback."""
    with fake_node() as running:
        yield running
