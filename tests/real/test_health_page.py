"""The page of health in a real browser, without JavaScript."""

from __future__ import annotations

import time

import pytest
from django.urls import reverse

from tests.storage.timelines import INTERVAL, fill, now_slot, series
from zerostate_monitoring.health import CHECKS, Status
from zerostate_monitoring.health.notes import Noted, remember
from zerostate_monitoring.storage.recording import Recorder

pytestmark = [pytest.mark.real, pytest.mark.django_db(transaction=True)]

COLUMNS = 40


def test_page__shows_every_component_and_its_past(page, store, settings):
    """Rows for all checks, a bar for each status it was in, and nothing wider than the window."""
    settings.ZEROSTATE_MONITORING_REDIS_TIMEOUT_SECONDS = 60
    last, now = now_slot(), time.time()
    past = [
        {
            series("zerostate_monitoring_health_status", component=n, status=s): float(s == state)
            for n in CHECKS
            for s in Status
        }
        for state in [Status.UNHEALTHY] * 10 + [Status.HEALTHY] * (COLUMNS - 10)
    ]
    fill(Recorder(store.timeline()), past, last - (COLUMNS - 1) * INTERVAL)
    remember({n: Noted(Status.HEALTHY, "well", {}, now, 0.1, now - 7200) for n in CHECKS})
    page.goto(reverse("admin:zerostate_monitoring_health"))
    rows = page.locator(".zsm-health tbody th").all_inner_texts()
    assert {row.split()[0] for row in rows} == {"process", *CHECKS}
    assert page.locator(".zsm-picture rect").count() >= 2 * len(CHECKS)
    assert page.evaluate("document.documentElement.scrollWidth") <= 1280
