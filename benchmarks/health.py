"""What a probe waits: with all healthy, and with Redis, the database and the broker hanging.

A real gunicorn of two processes is asked over HTTP. Every component is asked of each time, none
is left out: they are all critical. Half a minute each way, so that answers are both told again
and found out anew.
"""

from __future__ import annotations

import json
import os
import statistics
import tempfile
import time
from collections.abc import Iterator, Mapping
from http.client import HTTPConnection
from pathlib import Path
from typing import Any, Final

from benchmarks.measuring import headline
from tests.health.holes import hole
from tests.packages import ROOT
from tests.processes import processes
from tests.real.site import program
from tests.servers import free_port, store_server, wait_until

REQUESTS: Final = 300
PAUSE_SECONDS: Final = 0.1
TOKEN: Final = "t"
ANSWERING: Final = ("database", "redis", "broker", "disk")
"""Those that are well without workers, and so what readiness is made to hang on."""
PATHS: Final = {
    "ready": "/health/ready",
    "detail": "/health",
    "live": "/health/live",
    "session": "/health",
}
BY_TOKEN: Final = {"Authorization": f"Bearer {TOKEN}"}
BY_SESSION: Final = {"Cookie": "sessionid=0123456789abcdefghijklmnopqrstuv"}
"""Nobody's; that it is nobody's the database must say."""


def figures(requests: int = REQUESTS) -> Iterator[tuple[str, object]]:
    """The 99th percentile of an answer in milliseconds, the worse of both ways; 100 is allowed."""
    with tempfile.TemporaryDirectory() as directory, store_server() as store:
        root = Path(directory)
        healthy = {
            "DATABASE": str(root / "project.sqlite3"),
            "STORE_URL": store.url,
            "BROKER_URL": store.url,
        }
        found = {"healthy": _measured(root, healthy, requests)}
        with hole() as port:
            hanging = {
                "DATABASE": f"postgresql://nobody@127.0.0.1:{port}/none",
                "STORE_URL": f"redis://127.0.0.1:{port}/1",
                "BROKER_URL": f"redis://127.0.0.1:{port}/0",
            }
            found["hanging"] = _measured(root, hanging, requests)
    detail = {
        f"{way}_{name}": value for way, numbers in found.items() for name, value in numbers.items()
    }
    worst = max(numbers["ready_p99_ms"] for numbers in found.values())
    yield from headline("ready_ms", {**detail, "p99": worst}, "p99")


def _measured(root: Path, variables: Mapping[str, str], requests: int) -> dict[str, float]:
    port = free_port()
    with processes(root, {**_environment(root), **variables}) as started:
        started.start(
            f"web-{port}",
            *(program("gunicorn"), "--workers", "2", "--threads", "4", "--no-control-socket"),
            *("--worker-tmp-dir", root, "--chdir", ROOT, "--bind", f"127.0.0.1:{port}"),
            "tests.real.wsgi",
        )
        wait_until(lambda: _answers(port), 60, "it answers")
        times: dict[str, list[float]] = {name: [] for name in PATHS}
        for _ in range(requests):
            for name, path in PATHS.items():
                headers = BY_SESSION if name == "session" else BY_TOKEN
                times[name].append(_asked(port, path, headers)[0])
            time.sleep(PAUSE_SECONDS)
        status = _asked(port, PATHS["ready"])[1]
    return {
        "status": status,
        **{f"{name}_p99_ms": _percentile(every, 0.99) for name, every in times.items()},
        **{f"{name}_median_ms": statistics.median(every) for name, every in times.items()},
        "ready_most_ms": max(times["ready"]),
    }


def _environment(root: Path) -> dict[str, str]:
    settings = {
        "ZEROSTATE_MONITORING_API_TOKEN": TOKEN,
        "ZEROSTATE_MONITORING_HEALTH_CRITICAL": ANSWERING,
    }
    return {
        **{key: value for key, value in os.environ.items() if key != "PYTHONWARNINGS"},
        "DJANGO_SETTINGS_MODULE": "tests.real.settings",
        "PYTHONPATH": str(ROOT),
        "TEST_DIRECTORY": str(root),
        "TEST_SETTINGS": json.dumps(settings),
    }


def _answers(port: int) -> bool:
    try:
        return _asked(port, PATHS["live"])[1] == 200
    except OSError:
        return False


def _asked(port: int, path: str, headers: Mapping[str, str] = BY_TOKEN) -> tuple[float, int]:
    """Milliseconds from connecting to the last byte, and the status."""
    began = time.perf_counter()
    connection: Any = HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request("GET", path, headers=dict(headers))
        answer = connection.getresponse()
        answer.read()
        return (time.perf_counter() - began) * 1000, int(answer.status)
    finally:
        connection.close()


def _percentile(times: list[float], share: float) -> float:
    every = sorted(times)
    return every[min(len(every) - 1, int(share * len(every)))]
