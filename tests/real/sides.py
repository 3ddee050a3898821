"""Prometheus and this app's query API over the same series, asked side by side."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import urllib3
from django.test import Client

from tests.processes import processes
from tests.real.reference import prometheus3
from tests.servers import free_port, wait_until

TOKEN: Final = "s3cret"
Parameters = Mapping[str, Any]
Both = tuple[int, dict[str, Any]]
"""Status and document of an answer."""


class Sides:
    """Prometheus, and this app's API over the same series."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.http = urllib3.PoolManager(retries=False)
        self.client = Client(headers={"authorization": f"Bearer {TOKEN}"})

    def theirs(self, path: str, asked: Parameters, method: str = "GET") -> Both:
        how: dict[str, Any] = {"encode_multipart": False} if method == "POST" else {}
        fields = [(name, one) for name, value in asked.items() for one in _listed(value)]
        answer = self.http.request(method, f"{self.url}/api/v1/{path}", fields=fields, **how)
        return answer.status, json.loads(answer.data)

    def ours(self, path: str, asked: Parameters, method: str = "GET") -> Both:
        address = f"/monitoring/api/v1/{path}"
        ask = self.client.get if method == "GET" else self.client.post
        answer = ask(address, dict(asked))
        return answer.status_code, json.loads(answer.content)

    def same(self, path: str, asked: Parameters, method: str = "GET") -> dict[str, Any]:
        """Our answer, which is the same as theirs; search results in any order."""
        here, there = self.ours(path, asked, method), self.theirs(path, asked, method)
        if path == "series" and here[0] == 200:
            there[1]["data"].sort(key=lambda labels: sorted(labels.items()))
        assert here == there
        return here[1]


def _listed(value: Any) -> list[str]:
    return list(value) if isinstance(value, (list, tuple)) else [value]


@contextmanager
def scraping(directory: Path, target: str, protocol: str) -> Iterator[str]:
    """A Prometheus that scrapes one page every second."""
    port = free_port()
    job = {"job_name": "app", "static_configs": [{"targets": [target]}]}
    settings = {"scrape_interval": "1s", "scrape_timeout": "1s", "scrape_protocols": [protocol]}
    (directory / "prometheus.yml").write_text(
        json.dumps({"global": settings, "scrape_configs": [job]})
    )
    with processes(directory, {"PATH": "/usr/bin:/bin", "LC_ALL": "C"}) as started:
        started.start(
            "prometheus",
            prometheus3(),
            f"--config.file={directory / 'prometheus.yml'}",
            f"--storage.tsdb.path={directory / 'tsdb'}",
            f"--web.listen-address=127.0.0.1:{port}",
        )
        url = f"http://127.0.0.1:{port}"
        wait_until(lambda: _ready(url), 60, "Prometheus answers")
        yield url


def _ready(url: str) -> bool:
    try:
        return urllib3.request("GET", f"{url}/-/ready", retries=False).status == 200
    except urllib3.exceptions.HTTPError:
        return False


def place_of(document: Mapping[str, Any]) -> str:
    """What stands before the sentence: parameter, line and column."""
    return str(document["error"]).partition("parse error: ")[0]


def remarks_aside(answer: Both) -> Both:
    """An answer whose remarks are only counted: their sentences are each one's own."""
    status, document = answer
    counted: dict[str, Any] = {
        key: len(document[key]) for key in ("warnings", "infos") if key in document
    }
    return status, {**document, **counted}


def in_order(result: Any) -> None:
    """Put series in order where there are any."""
    if result and isinstance(result[0], dict):
        result.sort(key=lambda one: sorted(one["metric"].items()))


def alike(here: Any, there: Any) -> bool:
    """Whether two documents are the same but for the last digits of values, which are text.

    Sums are added up in another order.
    """
    if isinstance(here, dict) and isinstance(there, dict):
        return here.keys() == there.keys() and all(alike(here[key], there[key]) for key in here)
    if isinstance(here, (list, tuple)) and isinstance(there, (list, tuple)):
        return len(here) == len(there) and all(map(alike, here, there))
    if isinstance(here, str) and isinstance(there, str) and here != there:
        return math.isclose(float(here), float(there), rel_tol=1e-12)
    return bool(here == there)
