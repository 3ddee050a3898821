"""What tests of the delivery share."""

from __future__ import annotations

import pytest

from tests.alerting.delivery.house import House, Recorder
from zerostate_monitoring import notifiers
from zerostate_monitoring.alerting.delivery import posting


@pytest.fixture
def recorder(monkeypatch):
    """Stands for every receiver; its tries are made in the test's own thread."""
    fake = Recorder()
    monkeypatch.setattr(notifiers, "KINDS", {**notifiers.KINDS, "recording": fake})
    monkeypatch.setattr(posting, "run", lambda work: work())
    return fake


@pytest.fixture
def house(db, recorder):
    """An installation without receivers."""
    return House(recorder)
