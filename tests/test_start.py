"""What every process of a project loads when it starts."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

LATER = (
    "cryptography.fernet",
    "celery.app.base",
    "grafana_foundation_sdk",
    "urllib3",
    "zerostate_monitoring.admin.exploring.showing",
    "zerostate_monitoring.admin.overview.page",
    "zerostate_monitoring.admin.rules.importing",
    "zerostate_monitoring.admin.rules.showing",
    "zerostate_monitoring.alerting.explain",
    "zerostate_monitoring.alerting.preview",
    "zerostate_monitoring.alerting.rule_cases",
    "zerostate_monitoring.alerting.shipping",
    "zerostate_monitoring.charts.lines",
    "zerostate_monitoring.collectors.node_scraping",
    "zerostate_monitoring.doctor.examination",
    "zerostate_monitoring.exposition.page",
    "zerostate_monitoring.generators.dashboards",
    "zerostate_monitoring.generators.exports",
    "zerostate_monitoring.notifiers.email",
    "zerostate_monitoring.rules.files",
    "zerostate_monitoring.rules.shipped",
    "zerostate_monitoring.rules.templates",
    "zerostate_monitoring.sources.nodes.scrape",
    "zerostate_monitoring.sources.prometheus.querier",
    "zerostate_monitoring.tasks",
)


@pytest.fixture(scope="module")
def loaded() -> frozenset[str]:
    """Modules of a process after ``django.setup()``, admin installed."""
    return frozenset(answered("import sys, django; django.setup(); print(*sys.modules)").split())


def answered(code: str) -> str:
    """What a process prints."""
    env = os.environ | {"DJANGO_SETTINGS_MODULE": "tests.settings", "PYTHONPATH": "."}
    done = subprocess.run(
        [sys.executable, "-c", code],
        check=False,
        env=env,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("name", LATER)
def test_start__leaves_for_later_what_few_processes_need(name, loaded):
    """A worker that only evaluates waits for none of it (``promql_cold`` in bench.json)."""
    assert "zerostate_monitoring.admin" in loaded
    assert name not in loaded


def test_start__looks_through_no_module_for_garbage():
    """Nothing is to be found; before and after them the collector is at work, and holds none."""
    code = (
        "import django, gc; django.setup();"
        "print(gc.isenabled(), gc.get_freeze_count(), gc.get_stats()[2]['collections'])"
    )
    assert answered(code).split() == ["True", "0", "0"]


MANY = "len([name for name in app.tasks if name.startswith('zerostate_monitoring.')])"


@pytest.mark.parametrize(
    "steps",
    [
        pytest.param("django.setup(); app.loader.init_worker()", id="set up before"),
        pytest.param("app.loader.init_worker(); worker_init.send(None)", id="set up by a worker"),
        pytest.param("app.loader.init_worker(); beat_init.send(None)", id="set up by a beat"),
        pytest.param("django.setup(); app.autodiscover_tasks(force=True)", id="looked for"),
    ],
)
def test_start__of_a_worker_or_a_beat_knows_all_tasks(steps):
    """Also in a project whose Celery application looks for none."""
    code = (
        "import django; from celery import Celery; from celery.signals import *;"
        f"app = Celery('p', broker='memory://'); {steps}; print({MANY})"
    )
    assert int(answered(code)) >= 9
