"""Prometheus servers that answer queries over series that were written to them."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import urllib3

from tests.packages import ROOT
from tests.processes import processes
from tests.promql.answers import Answer, Ask
from tests.promql.dataset import Row
from tests.real.remote_write import write
from tests.servers import free_port, wait_until

THREADS: Final = 4
_BUILT: Final = ROOT / ".cache" / "prometheus3" / "prometheus"
VARIABLE: Final = "PROMETHEUS3"


def missing() -> str:
    """Why there can be no Prometheus 3; empty where there can."""
    named = os.environ.get(VARIABLE) or shutil.which("prometheus3") or shutil.which("go")
    if named or _BUILT.exists():
        return ""
    return f"Prometheus 3: no {VARIABLE}, no prometheus3, and no go to build it with"


def prometheus3() -> str:
    """The program, built if need be."""
    found = os.environ.get(VARIABLE) or shutil.which("prometheus3")
    if found:
        return found
    if not _BUILT.exists():
        subprocess.run([ROOT / ".ci" / "prometheus3"], check=True)
    return str(_BUILT)


@dataclass(frozen=True)
class Reference:
    """A server with its series; asked from several threads."""

    url: str
    http: urllib3.PoolManager
    threads: ThreadPoolExecutor

    def ask(self, ask: Ask) -> Answer:
        """What it answers."""
        path = "query_range" if ask.step_ms else "query"
        answer = self.http.request("POST", f"{self.url}/api/v1/{path}", fields=_fields(ask))
        return _answer(json.loads(answer.data))

    def begin(self, asks: Sequence[Ask]) -> list[Future[Answer]]:
        """Ask them all in the background."""
        return [self.threads.submit(self.ask, ask) for ask in asks]


def _fields(ask: Ask) -> dict[str, str]:
    if not ask.step_ms:
        return {"query": ask.text, "time": f"{ask.start_ms / 1000:.3f}"}
    return {
        "query": ask.text,
        "start": f"{ask.start_ms / 1000:.3f}",
        "end": f"{ask.end_ms / 1000:.3f}",
        "step": f"{ask.step_ms / 1000:.3f}",
    }


def _answer(body: Mapping[str, Any]) -> Answer:
    if body["status"] != "success":
        return Answer("error", error=f"{body['errorType']}: {body['error']}")
    kind, result = body["data"]["resultType"], body["data"]["result"]
    said = (tuple(body.get("warnings", ())), tuple(body.get("infos", ())))
    if kind == "string":
        return Answer(kind, (((("", result[1]),), ()),), *said)
    if kind == "scalar":
        return Answer(kind, (((), (_point(result),)),), *said)
    rows = tuple(
        (
            tuple(sorted(one["metric"].items())),
            tuple(map(_point, one["values"] if kind == "matrix" else [one["value"]])),
        )
        for one in result
    )
    return Answer(kind, rows, *said)


def _point(pair: Sequence[Any]) -> tuple[int, float]:
    return round(pair[0] * 1000), float(pair[1])


@contextmanager
def reference(program: str, directory: Path, rows: Sequence[Row]) -> Iterator[Reference]:
    """A server of its own with these series and no others; it scrapes nothing."""
    port = free_port()
    home = directory / f"reference-{port}"
    home.mkdir()
    (home / "prometheus.yml").write_text("{}")
    url = f"http://127.0.0.1:{port}"
    with (
        processes(home, {"PATH": "/usr/bin:/bin", "LC_ALL": "C"}) as started,
        urllib3.PoolManager(maxsize=THREADS + 1, retries=False) as http,
        ThreadPoolExecutor(THREADS) as threads,
    ):
        process = started.start(
            "prometheus",
            program,
            f"--config.file={home / 'prometheus.yml'}",
            f"--storage.tsdb.path={home / 'tsdb'}",
            "--storage.tsdb.retention.time=100y",
            "--web.enable-remote-write-receiver",
            f"--web.listen-address=127.0.0.1:{port}",
        )

        def ready() -> bool:
            assert process.ended() is None, process.tail
            try:
                return http.request("GET", f"{url}/-/ready").status == 200
            except urllib3.exceptions.HTTPError:
                return False

        wait_until(ready, 60, "Prometheus answers")
        write(url, rows)
        yield Reference(url, http, threads)
