"""Instruments of this app begin at nothing in each test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.tracing.conftest import ended, kept  # noqa: F401 - fixtures
from zerostate_monitoring.instrumentation import families, registry


@pytest.fixture(autouse=True)
def _fresh_instruments() -> Iterator[None]:
    """No test sees what another one counted."""
    _forget()
    yield
    _forget()


def _forget() -> None:
    for made, _, _ in list(registry._declared.values()):
        registry.REGISTRY.unregister(made)
    registry._declared.clear()
    registry.DROPPED.clear()
    families.forget_cells()
