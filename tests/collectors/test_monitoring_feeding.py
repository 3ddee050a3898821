"""The collector ``monitoring`` notes what the project's own code may not feed."""

from __future__ import annotations

import pytest
from prometheus_client import Counter

from tests.instrumentation.processes import FakeProcess, shown
from zerostate_monitoring.collectors import monitoring
from zerostate_monitoring.collectors.runner import run
from zerostate_monitoring.models import Metric
from zerostate_monitoring.storage.reader import COLLECTOR, FEEDING_NOTE

pytestmark = pytest.mark.django_db


def noted(store):
    assert run("monitoring", store=store, forced=True).ok
    return set(store.notes(COLLECTOR, [FEEDING_NOTE])[FEEDING_NOTE]["refused"])


def test_note__what_the_platform_feeds(store, settings):
    """Families of the platform are not for the project's code, where there is a platform."""
    assert "zerostate_tasks_total" not in noted(store)
    settings.ZEROSTATE_MONITORING_PLATFORM_DATABASE = "platform"
    assert "zerostate_tasks_total" in noted(store)


def test_note__what_an_operator_disabled(store):
    """A disabled family is kept away, whoever counts it."""
    Metric.objects.filter(name="zerostate_receipts_generated_total").update(enabled=False)
    assert noted(store) == {"zerostate_receipts_generated_total"}


def test_run__ends_families_that_no_code_declares(store, settings, monkeypatch):
    """Totals leave after the retention, which is never shorter than declarations need."""
    process = FakeProcess()
    Counter("old_total", "Test.", registry=process.registry).inc()
    process.tell()
    settings.ZEROSTATE_MONITORING_PROCESS_RETENTION_SECONDS = 1e-9
    noted(store)
    assert shown(store)
    monkeypatch.setattr(monitoring, "LEAST_RETENTION_SECONDS", -1.0)
    settings.ZEROSTATE_MONITORING_PROCESS_RETENTION_SECONDS = -1
    noted(store)
    assert not shown(store)
