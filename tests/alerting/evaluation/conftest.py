"""An installation in memory."""

from __future__ import annotations

import pytest

from tests.alerting.evaluation.harness import Installation


@pytest.fixture
def made(db: None, monkeypatch: pytest.MonkeyPatch) -> Installation:
    """A page without a column yet."""
    return Installation(monkeypatch)
