from __future__ import annotations

import pytest

from tests.sources.nodes.server import fake_node


@pytest.fixture
def node():
    """A server whose every answer a test decides."""
    with fake_node() as made:
        yield made
