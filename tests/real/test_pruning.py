"""Pruning beside evaluation and delivery, and killed in the middle: nothing that lives goes."""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.processes import Process
from tests.real.site import Site
from tests.real.test_delivery import Receiver, receiver  # noqa: F401 - a fixture
from tests.servers import store_server
from tests.sources.platform.cluster import ROLE, cluster

pytestmark = pytest.mark.real

KILLS = 6
SETTINGS = {
    "ZEROSTATE_MONITORING_DELIVERY_TIMEOUT_SECONDS": 1.0,
    # All that may go goes at once: whatever is deleted too early is missed here.
    "ZEROSTATE_MONITORING_MESSAGES_RETENTION_SECONDS": 0,
    "ZEROSTATE_MONITORING_ALERTS_RETENTION_SECONDS": 0,
    "ZEROSTATE_MONITORING_EVALUATIONS_RETENTION_SECONDS": 0,
}


@pytest.fixture(params=["sqlite", "postgresql"])
def installation(request, tmp_path, receiver) -> Iterator[Site]:  # noqa: F811
    """An installation with two routes, on either database."""
    receiver.weights = {"ok": 90, "broken": 5, "busy": 5}
    if request.param == "sqlite":
        yield from _installed(tmp_path, receiver, {})
        return
    with cluster() as server:
        url = f"postgresql://{ROLE}:{ROLE}@127.0.0.1:{server.port}/postgres"
        yield from _installed(tmp_path, receiver, {"DATABASE": url})


def _installed(directory: Path, receiver: Receiver, environment) -> Iterator[Site]:  # noqa: F811
    with store_server() as store:
        made = Site(directory, store, settings=SETTINGS, environment=environment)
        try:
            run(made, "prepare", f"http://127.0.0.1:{receiver.server_port}")
            yield made
        finally:
            made.processes.kill_all()


def run(made: Site, *arguments: str) -> str:
    return made.run([sys.executable, "-m", "tests.real.prunings", *arguments])


def start(made: Site, name: str, *arguments: str) -> Process:
    return made.processes.start(name, sys.executable, "-m", "tests.real.prunings", *arguments)


def test_pruning__takes_nothing_that_lives(installation, receiver):  # noqa: F811
    """One process deletes for ever, others are killed within their transactions.

    Each alert is told to both receivers, fired and then resolved, though all rows of it may go
    as soon as that is done. In the end nothing is left but what must stay.
    """
    made = installation
    start(made, "worker", "work")
    world = start(made, "world", "live")
    pruning = start(made, "pruning", "prune", str(KILLS))
    assert world.wait(300) == 0, world.tail
    assert pruning.wait(300) == 0, pruning.tail
    alerts = int((made.directory / "alerts").read_text())
    words = defaultdict(list)
    for _, body in receiver.taken:
        for alert in body["alerts"]:
            words[body["groupKey"], alert["labels"]["n"]].append(alert["status"])
    assert len(words) == 2 * alerts
    assert alerts > 10
    for place, said in words.items():
        assert (said[0], said[-1]) == ("firing", "resolved"), (place, said)
        assert said == sorted(said), (place, said)
