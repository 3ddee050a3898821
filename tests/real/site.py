"""One installation of real processes: web, worker, beat and commands on servers of its own."""

from __future__ import annotations

import json
import os
import re
import sqlite3
import subprocess
import sys
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Final

from prometheus_client.parser import text_string_to_metric_families

from tests.packages import ROOT
from tests.processes import Process, Processes, processes
from tests.servers import StoreServer, free_port, wait_until

# Migrating a whole database takes a minute where others work beside us.
COMMAND_SECONDS: Final = 300
ALL_QUEUES: Final = (
    "zerostate_monitoring,zerostate_monitoring_evaluate,zerostate_monitoring_deliver"
)
Series = tuple[str, tuple[tuple[str, str], ...]]


def program(name: str) -> Path:
    """A program of this virtual environment."""
    return Path(sys.executable).parent / name


class Page:
    """One answer of /metrics."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.samples: dict[Series, float] = {
            (sample.name, tuple(sorted(sample.labels.items()))): sample.value
            for family in text_string_to_metric_families(text)
            for sample in family.samples
        }

    def get(self, name: str, **labels: str) -> float | None:
        """The value of exactly this series; None where it is not."""
        return self.samples.get((name, tuple(sorted(labels.items()))))

    def of(self, name: str) -> list[tuple[Series, float]]:
        """All series of this name."""
        return [(series, value) for series, value in self.samples.items() if series[0] == name]

    def has(self, name: str) -> bool:
        """Whether any series has this name."""
        return any(series[0] == name for series in self.samples)

    @property
    def store_id(self) -> str:
        """The label of ``zerostate_monitoring_store_info``; empty where there is none."""
        found = (s[1] for s in self.samples if s[0] == "zerostate_monitoring_store_info")
        return dict(next(found, ())).get("store", "")


class Web:
    """A web server process."""

    def __init__(self, process: Process, port: int) -> None:
        self.process = process
        self.port = port
        self.url = f"http://127.0.0.1:{port}/metrics"

    def text(self, seconds: float = 10) -> str:
        """The page; an error status or a longer wait is an exception."""
        with urllib.request.urlopen(self.url, timeout=seconds) as answer:
            body: bytes = answer.read()
            return body.decode()

    def page(self, seconds: float = 10) -> Page:
        """The page, parsed."""
        return Page(self.text(seconds))

    def answers(self) -> bool:
        """Whether it answers at all."""
        try:
            return bool(self.text())
        except OSError:
            return False


class Site:
    """A project with this app, whose processes a test starts, stops and kills."""

    def __init__(
        self,
        directory: Path,
        store: StoreServer,
        *,
        broker: StoreServer | None = None,
        environment: Mapping[str, str] | None = None,
        settings: Mapping[str, Any] | None = None,
    ) -> None:
        self.directory = directory
        self.store = store
        self.environment = {
            **{key: value for key, value in os.environ.items() if key != "PYTHONWARNINGS"},
            "DJANGO_SETTINGS_MODULE": "tests.real.settings",
            "PYTHONPATH": str(ROOT),
            "PYTHONUNBUFFERED": "1",
            "TEST_DIRECTORY": str(directory),
            "TEST_SETTINGS": json.dumps(dict(settings or {})),
            "STORE_URL": store.url,
            "BROKER_URL": f"redis://127.0.0.1:{(broker or store).port}/0",
            **(environment or {}),
        }
        self.processes = Processes(directory, self.environment)

    # -- processes -----------------------------------------------------------

    def manage(self, *arguments: str) -> str:
        """Run a management command to its end; what it printed. Its failure is ours."""
        command = [sys.executable, "-m", "django", *arguments]
        return self.run(command)

    def fill(self) -> None:
        """Give the platform's database its tables and rows."""
        self.run([sys.executable, "-m", "tests.real.fill"])

    def run(self, command: list[str]) -> str:
        done = subprocess.run(
            command,
            env=self.environment,
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=COMMAND_SECONDS,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def collecting(self, name: str) -> Process:
        """Start ``monitoring_collect NAME`` and do not wait for it."""
        command = (sys.executable, "-m", "django", "monitoring_collect", name)
        return self.processes.start(f"collect-{name}-{free_port()}", *command)

    def worker(
        self, name: str = "worker", *, queues: str = "zerostate_monitoring", processes: int = 2
    ) -> Process:
        """Start a worker, with two processes on the queue of collectors unless told otherwise."""
        return self._celery(
            name,
            *("worker", "-Q", queues, "-n", f"{name}@test", "--concurrency", str(processes)),
            *("--without-gossip", "--without-mingle", "--without-heartbeat", "-l", "INFO"),
        )

    def beat(self, name: str = "beat") -> Process:
        """Start a beat with a schedule file of its own."""
        schedule = self.directory / f"{name}-schedule"
        return self._celery(name, "beat", "-s", str(schedule), "--pidfile=", "-l", "INFO")

    def _celery(self, name: str, *arguments: str) -> Process:
        return self.processes.start(
            name, program("celery"), "--workdir", ROOT, "-A", "tests.real.celery_app", *arguments
        )

    def web(self, name: str = "web", *, store_url: str = "") -> Web:
        """Start a web server and wait until it answers."""
        port = free_port()
        process = self.processes.start(
            name,
            *("env", f"STORE_URL={store_url or self.store.url}"),
            *(program("gunicorn"), "--bind", f"127.0.0.1:{port}", "--chdir", ROOT),
            *("--no-control-socket", "--worker-tmp-dir", self.directory, "--graceful-timeout", "1"),
            "django.core.wsgi:get_wsgi_application()",
        )
        web = Web(process, port)
        wait_until(web.answers, 60, f"{name} answers\n{process.tail}")
        return web

    # -- what a test may look at ---------------------------------------------

    def row(self, name: str) -> dict[str, Any]:
        """The collector's row, where the project's database is SQLite; empty if there is none."""
        with closing(sqlite3.connect(self.directory / "project.sqlite3", timeout=20)) as database:
            database.row_factory = sqlite3.Row
            found = database.execute(
                "SELECT * FROM zerostate_monitoring_collector WHERE name = ?", [name]
            ).fetchone()
        return dict(found) if found else {}

    def runs(self) -> list[float]:
        """When the collector ``gated`` began its runs, in unix seconds."""
        path = self.directory / "gated.runs"
        text = path.read_text() if path.exists() else ""
        return [float(line.split()[0]) for line in re.findall(r".+\n", text)]

    @contextmanager
    def closed_gate(self) -> Iterator[None]:
        """Let the collector ``gated`` wait in the middle of its runs."""
        gate = self.directory / "gate"
        gate.touch()
        try:
            yield
        finally:
            gate.unlink(missing_ok=True)


@contextmanager
def site(directory: Path, store: StoreServer, **options: Any) -> Iterator[Site]:
    """An installation whose tables are there; all its processes have ended after the block."""
    made = Site(directory, store, **options)
    with processes(directory, made.environment) as started:
        made.processes = started
        made.manage("migrate", "--verbosity", "0")
        yield made
