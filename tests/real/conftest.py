"""What several tests with real parties share."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.urls import reverse

from tests.promql import report
from tests.real import jaeger
from tests.real.chromium import chromium


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[Any]) -> None:
    """Leave out what wants a Jaeger where there can be none, and say so; nothing is skipped."""
    wanting = [item for item in items if "collector" in getattr(item, "fixturenames", ())]
    if wanting and (why := jaeger.missing()):
        report.add(report.NO_JAEGER, why)
        config.hook.pytest_deselected(items=wanting)
        items[:] = [item for item in items if item not in wanting]


@pytest.fixture
def page(live_server, monkeypatch, settings):
    """A page without scripts, on which root is logged in; the store is waited for."""
    settings.ZEROSTATE_MONITORING_REDIS_TIMEOUT_SECONDS = 60
    # The browser's driver runs a loop in this thread, beside which rows are read.
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    User.objects.create_superuser("root", "root@example.org", "x")
    with chromium(java_script_enabled=False, base_url=live_server.url) as opened:
        opened.goto(reverse("admin:login"))
        opened.fill("#id_username", "root")
        opened.fill("#id_password", "x")
        opened.click("[type=submit]")
        yield opened
