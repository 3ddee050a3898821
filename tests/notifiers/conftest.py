"""What tests of the notifiers share."""

from __future__ import annotations

import pytest

from tests.notifiers.receiver import fake_receiver


@pytest.fixture
def receiver():
    """A receiver on loopback that takes everything."""
    with fake_receiver() as running:
        yield running
