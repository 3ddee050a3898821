"""Debian's Prometheus and promtool."""

from __future__ import annotations

import json
import subprocess
import urllib.parse
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.processes import Process, processes
from tests.servers import free_port, wait_until

Sample = tuple[dict[str, str], float]
_ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C"}


class Prometheus:
    """A server that scrapes every second."""

    def __init__(self, port: int, process: Process) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.process = process

    def api(self, path: str, **parameters: str) -> Any:
        """The ``data`` of an answer of the HTTP API."""
        query = urllib.parse.urlencode(parameters)
        with urllib.request.urlopen(f"{self.url}/api/v1/{path}?{query}", timeout=10) as answer:
            return json.load(answer)["data"]

    def query(self, expression: str) -> list[Sample]:
        """An instant query: labels and value of each series."""
        found = self.api("query", query=expression)["result"]
        return [(item["metric"], float(item["value"][1])) for item in found]

    def values(self, expression: str) -> dict[tuple[tuple[str, str], ...], list[float]]:
        """The raw samples of a range selector, by series."""
        found = self.api("query", query=expression)["result"]
        return {
            tuple(sorted(item["metric"].items())): [float(value) for _, value in item["values"]]
            for item in found
        }

    def targets(self) -> list[dict[str, Any]]:
        """The active targets."""
        found: list[dict[str, Any]] = self.api("targets", state="active")["activeTargets"]
        return found

    def ready(self) -> bool:
        """Whether it answers."""
        try:
            with urllib.request.urlopen(f"{self.url}/-/ready", timeout=5) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False


@contextmanager
def prometheus(
    directory: Path,
    targets: Mapping[str, int],
    *,
    scrape: Mapping[str, Any] | None = None,
    **config: Any,
) -> Iterator[Prometheus]:
    """A Prometheus that scrapes ``/metrics`` at these ports, by job name.

    ``scrape`` is added to each job, ``config`` to the configuration.
    """
    config |= {
        "global": {"scrape_interval": "1s", "scrape_timeout": "1s"},
        "scrape_configs": [
            {
                "job_name": job,
                "static_configs": [{"targets": [f"127.0.0.1:{target}"]}],
                **(scrape or {}),
            }
            for job, target in targets.items()
        ],
    }
    # JSON is YAML, too.
    with configured(directory, {"prometheus.yml": json.dumps(config)}) as server:
        yield server


@contextmanager
def configured(directory: Path, files: Mapping[str, str]) -> Iterator[Prometheus]:
    """A Prometheus with these files, of which one is ``prometheus.yml``."""
    port = free_port()
    home = directory / f"prometheus-{port}"
    for name, text in files.items():
        path = home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    with processes(home, _ENVIRONMENT) as started:
        process = started.start(
            "prometheus",
            "prometheus",
            f"--config.file={home / 'prometheus.yml'}",
            f"--storage.tsdb.path={home / 'tsdb'}",
            f"--web.listen-address=127.0.0.1:{port}",
        )
        server = Prometheus(port, process)
        wait_until(server.ready, 60, f"Prometheus answers\n{process.tail}")
        yield server


def complaints(page: str) -> list[str]:
    """What ``promtool check metrics`` says of a page, a line each."""
    done = subprocess.run(
        ["promtool", "check", "metrics"],
        input=page,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    return [line for line in (done.stdout + done.stderr).splitlines() if line.strip()]
