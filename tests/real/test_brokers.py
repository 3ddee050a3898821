"""Brokers and schedulers: RabbitMQ in place of Redis, django-celery-beat in place of a file."""

from __future__ import annotations

import json
from datetime import datetime
from functools import partial
from typing import Any

import pytest

from tests.real.rabbitmq import rabbitmq
from tests.real.site import ALL_QUEUES, Site, Web, site
from tests.servers import StoreServer, store_server, wait_until

pytestmark = pytest.mark.real

QUEUE = "zerostate_monitoring"
DATABASE_BEAT = {"DJANGO_SETTINGS_MODULE": "tests.real.settings_database_beat"}
FAMILIES = ("zerostate_escrow_amount_locked", "zerostate_tasks_total", "gated_after")


@pytest.fixture
def store():
    """A store that goes with the test."""
    with store_server() as server:
        yield server


def wait_for_families(made: Site) -> None:
    """Beat's entries and the project's own collectors reach the page."""
    web = made.web()
    for family in FAMILIES:
        wait_until(partial(_shows, web, family), 60, f"{family} is on the page")


def _shows(web: Web, family: str) -> bool:
    return web.page().has(family)


@pytest.mark.parametrize("environment", [{}, DATABASE_BEAT], ids=["plain", "database"])
def test_rabbitmq__carries_every_task(store, tmp_path, environment):
    """With RabbitMQ as broker, and either scheduler, collectors' frames are on the page."""
    with rabbitmq(tmp_path) as url:
        options = {"environment": {"BROKER_URL": url, **environment}}
        with site(tmp_path, store, **options) as made:
            made.fill()
            worker, beat = made.worker(queues=ALL_QUEUES), made.beat()
            wait_for_families(made)
            told = examined(made)
            assert told["queue"].endswith(f"messages wait in {QUEUE}")
            assert told["worker pool"].startswith("prefork")
            for name in ("evaluation worker", "delivery worker"):
                assert told[name].startswith("worker@test on the queue")
            assert "Traceback" not in worker.output + beat.output


def examined(made: Site) -> dict[str, str]:
    """What the doctor tells, by name, once a worker has answered it: a busy one does so later."""
    told: dict[str, str] = {}

    def has_answered() -> bool:
        findings = json.loads(made.manage("monitoring_doctor", "--json"))
        told.clear()
        told.update({finding["name"]: finding["message"] for finding in findings})
        return "worker pool" in told

    wait_until(has_answered, 60, "a worker answers the doctor")
    return told


def messages(store: StoreServer) -> list[dict[str, Any]]:
    """What waits in the app's queue on the Redis broker."""
    client = store.client
    client.select(0)
    try:
        return [json.loads(text) for text in client.lrange(QUEUE, 0, -1)]
    finally:
        client.close()


@pytest.mark.parametrize("environment", [{}, DATABASE_BEAT], ids=["plain", "database"])
def test_beat__sends_messages_that_expire_and_are_bounded(store, tmp_path, environment):
    """Each message of either scheduler has queue, expiry and limits; a late worker goes on."""
    with site(tmp_path, store, environment=environment) as made:
        made.fill()
        made.beat()
        tasks = {"collect", "collect_nodes", "collect_due", "record_history"}
        sent: dict[str, dict[str, Any]] = {}

        def all_are_there() -> bool:
            sent.update({m["headers"]["task"].rpartition(".")[2]: m for m in messages(store)})
            return set(sent) == tasks

        wait_until(all_are_there, 60, "beat has sent a message of each task")
        for message in sent.values():
            headers = message["headers"]
            assert datetime.fromisoformat(headers["expires"]).tzinfo is not None
            hard, soft = headers["timelimit"]
            assert 0 < soft < hard <= 25
        made.worker()
        wait_for_families(made)
