from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import redis
import urllib3

from example_project.demo.options import free_port
from example_project.environment import BASE_DIR
from example_project.network.nodes.profiles import Profile, families
from tests.example_project.helpers import COMPUTED
from tests.servers import wait_until
from zerostate_monitoring.catalogue import CATALOGUE
from zerostate_monitoring.catalogue.definition import Feed
from zerostate_monitoring.conf import conf

pytestmark = pytest.mark.real

ROLES = ("bootnode", "relay", "api", "edge")
HTTP = urllib3.PoolManager(retries=False, timeout=5)


class Demo:
    """A demo in a directory of its own, started as ``make demo`` does."""

    def __init__(self, data: Path, **environment: str) -> None:
        self.data = data
        self.port = free_port()
        self.environment = {
            **{k: v for k, v in os.environ.items() if k != "DJANGO_SETTINGS_MODULE"},
            "DATA": str(data),
            "DEMO_PORT": str(self.port),
            **environment,
        }
        self.output = data / "output"
        command = [sys.executable, "-m", "example_project.demo"]
        with self.output.open("wb") as output:
            self.process = subprocess.Popen(
                command, cwd=BASE_DIR, env=self.environment, stdout=output, stderr=output,
                start_new_session=True,
            )  # fmt: skip

    @property
    def text(self) -> str:
        return self.output.read_text()

    def wait_for(self, text: str) -> None:
        wait_until(lambda: text in self.text or self.process.poll() is not None, 120, text)
        assert text in self.text, self.text

    def page(self) -> str:
        return HTTP.request("GET", f"http://127.0.0.1:{self.port}/metrics").data.decode()

    def left(self) -> list[str]:
        """Command lines of processes that belong to this demo."""
        mark = f"DATA={self.data}".encode()
        found = []
        for directory in Path("/proc").glob("[0-9]*"):
            try:
                mine = mark in (directory / "environ").read_bytes().split(b"\0")
                command = (directory / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            except OSError:
                continue
            if mine and command:
                found.append(command)
        return found

    def waiting(self) -> int:
        """How many tasks wait in the app's queue."""
        web = json.loads((self.data / "processes.json").read_text())["web"]
        told = dict(
            item.partition("=")[::2]
            for item in Path(f"/proc/{web}/environ").read_text().split("\0")
        )
        with redis.Redis.from_url(told["REDIS_URL"]) as broker:
            return int(broker.llen(conf.QUEUE))

    def network(self, *words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "manage.py", "network", *words]
        return subprocess.run(
            command, cwd=BASE_DIR, env=self.environment, capture_output=True, text=True, check=False
        )


@pytest.fixture
def demo(tmp_path):
    """A running demo; whatever a test does to it, nothing of it is left."""
    demo = Demo(tmp_path)
    yield demo
    demo.process.kill()
    demo.process.wait()
    wait_until(lambda: not demo.left(), 20, "nothing is left")


def test_demo__lives_and_ends_with_ctrl_c(demo):
    """One command shows nodes and platform on /metrics, one Ctrl-C ends all with code 0."""
    demo.wait_for("Statistics")
    wait_until(lambda: "zerostate_escrows{" in demo.page(), 60)
    assert 'zerostate_node_up{node="edge-1"' in demo.page()
    assert re.search(r"user admin, password \S+", demo.text)
    refused = Demo(demo.data)
    assert refused.process.wait(30) == 2
    assert "already" in refused.text
    os.kill(demo.process.pid, signal.SIGINT)
    assert demo.process.wait(20) == 0
    assert demo.left() == []


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
    assert demo.process.wait(20) == 0
    assert demo.left() == []


def test_demo__child_dies(demo):
    """A child that ends by itself ends the demo, which names it and shows its log."""
    demo.wait_for("Statistics")
    known = json.loads((demo.data / "processes.json").read_text())
    os.kill(known["web"], signal.SIGKILL)
    assert demo.process.wait(30) == 1
    assert "web ended by itself" in demo.text
    assert "GET /metrics" in demo.text
    assert demo.left() == []


def test_demo__seconds(tmp_path):
    """With DEMO_SECONDS it ends by itself, with code 0; today's nodes do for it, too."""
    demo = Demo(tmp_path, DEMO_SECONDS="15", DEMO_PROFILE="head", DEMO_NODES="4")
    assert demo.process.wait(60) == 0
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
    demo = Demo(tmp_path, DEMO_PROFILE=profile)
    told = {family.name for role in ROLES for family in families(Profile(profile), role)}
    wanted = {
        d.name
        for d in CATALOGUE
        if Feed.PLATFORM in d.feeds or (Feed.NODE in d.feeds and {d.name, *d.aliases} & told)
    }
    wanted |= COMPUTED
    try:
        demo.wait_for("Statistics")
        wait_until(lambda: not wanted - names(demo.page()), 120, "all families")
    finally:
        sys.stderr.write(f"missing: {sorted(wanted - names(demo.page()))}\n")
        demo.process.terminate()
        demo.process.wait(20)


def test_demo__again(demo):
    """After a kill in an outage the same directory serves the next demo, with nothing broken."""
    demo.wait_for("Statistics")
    assert demo.network("break", "platform").returncode == 0
    wait_until((demo.data / "platform.sqlite3.away").exists, 20)
    demo.process.kill()
    demo.process.wait()
    wait_until(lambda: not demo.left(), 20, "nothing is left")
    again = Demo(demo.data, DEMO_SECONDS="20")
    assert again.process.wait(90) == 0
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
    assert demo.network("break", "delivery").returncode != 0


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
