from __future__ import annotations

import json
import os
import re
import signal
import sys

import pytest

from example_project.network.nodes.profiles import Profile, families
from tests.example_project.demo import Demo, running
from tests.example_project.helpers import COMPUTED
from tests.servers import wait_until
from zerostate_monitoring.catalogue import CATALOGUE
from zerostate_monitoring.catalogue.definition import Feed

pytestmark = pytest.mark.real

ROLES = ("bootnode", "relay", "api", "edge")


@pytest.fixture
def demo(tmp_path):
    """A running demo; whatever a test does to it, nothing of it is left."""
    with running(tmp_path) as started:
        yield started


def test_demo__lives_and_ends_with_ctrl_c(demo):
    """One command shows nodes and platform on /metrics, one Ctrl-C ends all with code 0."""
    demo.wait_for("Statistics")
    # Nodes are dealt out: each comes by itself, and all are remembered a slot later.
    wait_until(lambda: "zerostate_escrows{" in demo.page(), 60, "the platform is shown")
    wait_until(lambda: 'zerostate_node_up{node="edge-1"' in demo.page(), 60, "the node is shown")
    assert re.search(r"user admin, password \S+", demo.text)
    wait_until(lambda: "edge-1" in queried(demo), 60, "history knows the node")
    refused = Demo(demo.data)
    assert refused.process.wait(60) == 2
    assert "already" in refused.text
    os.kill(demo.process.pid, signal.SIGINT)
    assert demo.process.wait(60) == 0
    assert demo.left() == []
    assert not (demo.data / "store").exists()


def queried(demo: Demo) -> str:
    """What the demo's history says of a node."""
    asked = demo.manage("monitoring_query", 'zerostate_node_up{node="edge-1"}')
    assert asked.returncode == 0, asked.stderr
    return asked.stdout


def test_demo__killed(demo):
    """``kill -9`` of the supervisor leaves no process, the worker's children included."""
    demo.wait_for("Statistics")
    assert len(demo.left()) >= 7
    demo.process.kill()
    wait_until(lambda: not demo.left(), 20, "nothing is left")


def test_demo__terminated(demo):
    """SIGTERM ends it as Ctrl-C does, even while it starts."""
    demo.wait_for("Starting")
    wait_until(lambda: len(demo.left()) >= 2, 30)
    demo.process.terminate()
    assert demo.process.wait(60) == 0
    assert demo.left() == []


def test_demo__child_dies(demo):
    """A child that ends by itself ends the demo, which names it and shows its log."""
    demo.wait_for("Statistics")
    known = json.loads((demo.data / "processes.json").read_text())
    os.kill(known["web"], signal.SIGKILL)
    assert demo.process.wait(60) == 1
    assert "web ended by itself" in demo.text
    assert "route=metrics" in demo.text
    assert demo.left() == []


def test_demo__seconds(tmp_path):
    """With DEMO_SECONDS it ends by itself, with code 0; today's nodes do for it, too."""
    with running(tmp_path, DEMO_SECONDS="15", DEMO_PROFILE="head", DEMO_NODES="4") as demo:
        assert demo.process.wait(180) == 0
        assert "Statistics" in demo.text
        assert demo.left() == []


def names(page: str) -> set[str]:
    """Sample names on the page, and what histograms are called without their suffix."""
    lines = [line for line in page.splitlines() if line and not line.startswith("#")]
    found = {re.split(r"[{ ]", line, maxsplit=1)[0] for line in lines}
    return found | {name.removesuffix(end) for name in found for end in ("_bucket", "_sum")}


@pytest.mark.parametrize("profile", ["head", "full"])
def test_demo__every_family(tmp_path, profile):
    """Within two minutes every family that nodes of the profile or the platform feed is there."""
    told = {family.name for role in ROLES for family in families(Profile(profile), role)}
    wanted = {
        d.name
        for d in CATALOGUE
        if Feed.PLATFORM in d.feeds or (Feed.NODE in d.feeds and {d.name, *d.aliases} & told)
    }
    # All its nodes answer.
    wanted |= COMPUTED - {"zerostate_node_scrape_error"}
    with running(tmp_path, DEMO_PROFILE=profile) as demo:
        demo.wait_for("Statistics")
        try:
            wait_until(lambda: not wanted - names(demo.page()), 120, "all families")
        finally:
            sys.stderr.write(f"missing: {sorted(wanted - names(demo.page()))}\n")


def test_demo__again(demo):
    """After a kill in an outage the same directory serves the next demo, with nothing broken."""
    demo.wait_for("Statistics")
    assert demo.network("break", "platform").returncode == 0
    wait_until((demo.data / "platform.sqlite3.away").exists, 20)
    demo.process.kill()
    demo.process.wait()
    wait_until(lambda: not demo.left(), 20, "nothing is left")
    with running(demo.data, DEMO_SECONDS="20") as again:
        assert again.process.wait(180) == 0
        assert "Statistics" in again.text
        assert "Nothing is broken" in again.network("status").stdout


def test_demo__faults(demo):
    """Faults come and go on the page: of a node, of the store, of the project's collector."""
    demo.wait_for("Statistics")
    up = re.compile(r'zerostate_node_up\{node="bootnode-1",[^}]*\} 0')
    assert demo.network("break", "bootnode").returncode == 0
    wait_until(lambda: up.search(demo.page()), 60, "the bootnode is down")
    assert demo.network("break", "store").returncode == 0
    wait_until(lambda: "zerostate_monitoring_store_up 0" in demo.page(), 30, "the store is away")
    assert demo.network("mend", "--all").returncode == 0
    wait_until(lambda: "zerostate_monitoring_store_up 1" in demo.page(), 60, "the store is back")
    wait_until(lambda: not up.search(demo.page()), 60, "the bootnode is back")
    assert demo.network("break", "nothing").returncode != 0


def test_demo__celery(demo):
    """A worker that stands still leaves tasks waiting and series ending; mended, it goes on."""
    demo.wait_for("Statistics")
    wait_until(lambda: "zerostate_node_up{" in demo.page(), 60, "nodes are shown")
    assert demo.network("break", "celery").returncode == 0
    wait_until(lambda: demo.waiting() >= 3, 60, "tasks wait")
    wait_until(lambda: "zerostate_node_up{" not in demo.page(), 90, "series end")
    assert "zerostate_monitoring_store_up 1" in demo.page()
    assert demo.network("mend", "celery").returncode == 0
    wait_until(lambda: demo.waiting() == 0, 60, "no task waits")
    wait_until(lambda: "zerostate_node_up{" in demo.page(), 60, "nodes are shown again")
