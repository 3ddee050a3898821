"""Real processes through start, the loss of what they need, drain, end, and back."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from http.client import HTTPException
from pathlib import Path
from typing import Any

import pytest

from tests.health.holes import hole
from tests.packages import ROOT
from tests.processes import Process
from tests.real.site import ALL_QUEUES, Site, program
from tests.servers import StoreServer, free_port, store_server, wait_until
from tests.settings import MIDDLEWARE

pytestmark = pytest.mark.real

PATIENCE = 60
TOKEN = "t0ken"
GONE = -1
SETTINGS = {
    "ROOT_URLCONF": "tests.real.health_urls",
    "MIDDLEWARE": ["zerostate_monitoring.health.middleware.ProbeMiddleware", *MIDDLEWARE],
    "ZEROSTATE_MONITORING_API_TOKEN": TOKEN,
    "ZEROSTATE_MONITORING_HEALTH_CRITICAL": ["redis"],
}
GUNICORN = ("gunicorn", "--workers", "2", "--graceful-timeout", "60")
SERVERS = {
    "gunicorn, sync": (*GUNICORN, "--no-control-socket", "tests.real.wsgi"),
    "gunicorn, threads": (*GUNICORN, "--threads", "2", "--no-control-socket", "tests.real.wsgi"),
    "gunicorn, uvicorn's worker": (
        *(*GUNICORN, "--worker-class", "uvicorn.workers.UvicornWorker"),
        *("--no-control-socket", "tests.real.asgi"),
    ),
    "uvicorn": ("uvicorn", "tests.real.asgi:application"),
    "uvicorn, two processes": ("uvicorn", "--workers", "2", "tests.real.asgi:application"),
}

ALONE = ("gunicorn", "--threads", "4", "--no-control-socket", "tests.real.wsgi")
"""One process: each has its own picture of what hangs."""


class Asked:
    """A web server by its port."""

    def __init__(self, site: Site, command: tuple[str, ...], port: int) -> None:
        name, *options = command
        where = ("--bind", f"127.0.0.1:{port}") if name == "gunicorn" else ("--port", str(port))
        self.port = port
        self.process: Process = site.processes.start(
            f"web-{free_port()}", program(name), *options, *where
        )
        wait_until(lambda: self.code("/health/live") == 200, PATIENCE, "it lives")

    def get(self, path: str, **headers: str) -> tuple[int, str]:
        """Status and body; ``GONE`` where nobody answers."""
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode()
        except (OSError, HTTPException) as error:
            return GONE, str(error)

    def code(self, path: str) -> int:
        return self.get(path)[0]

    def detail(self) -> dict[str, Any]:
        """What the page for staff says."""
        found: dict[str, Any] = json.loads(self.get("/health", Authorization=f"Bearer {TOKEN}")[1])
        return found

    def later(self, path: str) -> tuple[threading.Thread, list[tuple[int, str]]]:
        """A request that takes its time, and where its answer will be."""
        answers: list[tuple[int, str]] = []
        thread = threading.Thread(target=lambda: answers.append(self.get(path)))
        thread.start()
        return thread, answers

    def terminate(self) -> None:
        """SIGTERM to the server itself, as an operator or a kubelet sends it."""
        os.kill(self.process.pid, signal.SIGTERM)


@pytest.fixture
def store():
    with store_server() as made:
        yield made


def make_site(directory: Path, store: StoreServer, **environment: str) -> Site:
    return Site(directory, store, settings=SETTINGS, environment=environment)


@pytest.fixture
def site(tmp_path, store):
    made = make_site(tmp_path, store)
    yield made
    made.processes.kill_all()


def test_web__through_start_loss_drain_end_and_back(site, store):
    """Ready follows what is critical and the drain; live follows neither; a request finishes."""
    port = free_port()
    command = (
        *("gunicorn", "--config", "python:tests.real.draining", "--workers", "2"),
        *("--threads", "4", "--graceful-timeout", "60", "tests.real.wsgi"),
    )
    web = Asked(site, command, port)
    assert web.code("/health/startup") == 200
    wait_until(lambda: web.code("/readyz") == 200, PATIENCE, "it is ready")

    store.stop()
    wait_until(lambda: web.code("/readyz") == 503, PATIENCE, "what is critical is away")
    assert web.code("/healthz") == 200
    store.start()
    wait_until(lambda: web.code("/readyz") == 200, PATIENCE, "it is ready again")

    thread, answers = web.later("/until/go")
    wait_until((site.directory / "go.begun").exists, PATIENCE, "the request runs")
    web.terminate()
    # By its reason: a process that has not asked the store again is not ready for that one.
    drains = "the server got SIGTERM"
    wait_until(lambda: drains in web.get("/readyz")[1], PATIENCE, "it drains")
    # Each of the two processes says so, and both serve new connections meanwhile.
    for _ in range(20):
        code, body = web.get("/readyz")
        assert (code, drains in body) == (503, True)
        assert web.code("/health/live") == web.code("/health/startup") == 200
    assert web.process.ended() is None

    web.terminate()
    wait_until(lambda: refuses(port), PATIENCE, "it takes no more")
    assert web.process.ended() is None
    (site.directory / "go").touch()
    thread.join(PATIENCE)
    assert answers == [(200, "done")]
    assert web.process.wait(PATIENCE) == 0

    again = Asked(site, command, port)
    wait_until(lambda: again.code("/readyz") == 200, PATIENCE, "it is back")
    again.process.kill()


def refuses(port: int) -> bool:
    """Whether nobody answers any more on a new connection."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/health/live", timeout=1):
            return False
    except (OSError, HTTPException):
        return True


@pytest.mark.parametrize("server", SERVERS)
def test_server__its_own_word_is_understood(site, server):
    """A request that runs while SIGTERM comes learns of it, and is finished."""
    web = Asked(site, SERVERS[server], free_port())
    thread, answers = web.later("/leaving")
    wait_until((site.directory / "leaving.begun").exists, PATIENCE, "the request runs")
    web.terminate()
    thread.join(PATIENCE + 10)
    assert answers == [(200, "the server ends this process")], web.process.tail
    web.process.wait(PATIENCE)


def test_web__with_everything_hanging(tmp_path, store):
    """Redis, broker and database take connections and say nothing: it lives, and tells."""
    with hole() as port:
        site = make_site(
            tmp_path,
            store,
            DATABASE=f"postgresql://nobody@127.0.0.1:{port}/none",
            STORE_URL=f"redis://127.0.0.1:{port}/1",
            BROKER_URL=f"redis://127.0.0.1:{port}/0",
        )
        try:
            web = Asked(site, ALONE, free_port())

            def hanging() -> set[str]:
                found = web.detail()["components"]
                return {n for n, one in found.items() if one["status"] == "unhealthy"}

            wait_until(lambda: {"database", "redis", "broker"} <= hanging(), PATIENCE)
            assert web.code("/readyz") == 503
            assert web.code("/healthz") == web.code("/health/startup") == 200
            message = web.detail()["components"]["database"]["message"]
            assert message.startswith(("has hung for", "answered after"))
            # Whose session it is the database does not tell either, and is not waited for.
            status, text = web.get("/health", Cookie="sessionid=0123456789abcdefghijklmnopqrstuv")
            assert (status, json.loads(text)["status"]) == (503, "unknown")
            assert json.loads(text)["components"]["redis"]["message"] == ""
            # The project's own check is found in its monitoring_health.py, and is not held up.
            assert web.detail()["components"]["testsite"]["message"] == "found by its module"
        finally:
            site.processes.kill_all()


def probe(*arguments: str | Path) -> int:
    """The exit code of a container's probe."""
    command = [sys.executable, "-m", "zerostate_monitoring.health", *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, check=False).returncode


def test_worker_and_beat__say_that_they_run(tmp_path, store):
    """Ready once they work, alive without a broker, leaving while they end; all see it."""
    files = {name: tmp_path / f"{name}.pulse" for name in ("worker", "beat")}
    site = make_site(tmp_path, store)
    try:
        site.manage("migrate", "--verbosity", "0")
        site.environment["TEST_SETTINGS"] = with_pulse(files["worker"])
        site.processes.environment = site.environment
        worker = site.worker(queues=f"{ALL_QUEUES},celery")
        assert probe("live", files["beat"]) == 1
        wait_until(lambda: probe("ready", files["worker"]) == 0, PATIENCE, worker.tail)
        site.environment["TEST_SETTINGS"] = with_pulse(files["beat"])
        beat = site.beat()
        wait_until(lambda: probe("ready", files["beat"]) == 0, PATIENCE, beat.tail)

        web = Asked(site, ALONE, free_port())

        def healthy(*names: str) -> bool:
            found = web.detail()["components"]
            return {found[name]["status"] for name in names} == {"healthy"}

        wait_until(lambda: healthy("worker", "beat", "broker", "redis", "database"), PATIENCE)

        def judged() -> bool:
            message = str(web.detail()["components"]["p2p"]["message"])
            return message == "no node tells its peers"

        wait_until(judged, PATIENCE, "a worker has judged the network")
        wait_until(
            lambda: (
                'zerostate_monitoring_health_status{component="redis",status="healthy"} 1'
                in web.get("/metrics")[1]
            ),
            PATIENCE,
        )

        site.run([sys.executable, "-m", "tests.real.send_revoked"])
        # Its name alone stands among the tasks that the worker knows, from its start on.
        received = "Task tests.real.revoked["
        wait_until(lambda: received in worker.output, PATIENCE, "it runs a task")
        os.kill(worker.pid, signal.SIGTERM)
        wait_until(lambda: probe("ready", files["worker"]) == 1, PATIENCE, "it leaves")
        assert probe("live", files["worker"]) == 0

        store.stop()
        before = json.loads(files["beat"].read_text())["tick"]
        wait_until(lambda: json.loads(files["beat"].read_text())["tick"] > before + 5, PATIENCE)
        assert probe("live", files["beat"]) == 0
    finally:
        site.processes.kill_all()


def with_pulse(file: Path) -> str:
    """The settings of a process that writes ``file``."""
    return json.dumps({**SETTINGS, "ZEROSTATE_MONITORING_PULSE_FILE": str(file)})
