"""A stand-in for Loki over HTTP: takes lines as its push API and OTLP do, and answers LogQL."""

from __future__ import annotations

import gzip
import json
import re
import threading
import urllib.parse
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final

import urllib3

from tests.generators.dashboards.logql import Query, parse
from tests.loki.alloy import PUSH_PATH
from tests.loki.keeping import Keeping, Kept, RefusedError

OTLP_PATH: Final = "/otlp/v1/logs"
_UNITS: Final = {"s": 1, "m": 60, "h": 3600}
_WINDOW: Final = re.compile(r"(\d+)([smh])")


class Loki:
    """The server, and how one asks it."""

    def __init__(self) -> None:
        self.url = ""
        self.keeping = Keeping()
        self.turned_away = b""
        """A body that holds this is turned away; empty: none is."""
        self.refused: list[str] = []

    def take(self, path: str, body: bytes) -> None:
        """What came in by POST.

        Raises:
            RefusedError: it was not taken.
        """
        if self.turned_away and self.turned_away in body:
            raise RefusedError(503, "away")
        if path == OTLP_PATH:
            self.keeping.take_otlp(body)
        elif path == PUSH_PATH:
            for stream in json.loads(body)["streams"]:
                entries = [(int(at), text, data) for at, text, data in stream["values"]]
                self.keeping.take(stream["stream"], entries)
        else:
            raise RefusedError(404, path)

    def answer(self, path: str, asked: Mapping[str, str]) -> dict[str, Any]:
        """The ``data`` of an answer.

        Raises:
            RefusedError: the query is wrong, or nobody is asked by this path.
        """
        try:
            if path == "/loki/api/v1/series":
                return {"series": self.keeping.streams()}
            query = parse(asked["query"])
            if path == "/loki/api/v1/query":
                return self._vector(query, float(asked["time"]))
            if path == "/loki/api/v1/query_range":
                start, end, step = (float(asked[name]) for name in ("start", "end", "step"))
                return self._ranged(query, start, end, step)
        except ValueError as error:
            raise RefusedError(400, str(error)) from error
        raise RefusedError(404, path)

    def _vector(self, query: Query, at: float) -> dict[str, Any]:
        if not query.by:
            raise RefusedError(400, "log queries are not supported as an instant query type")
        found = self._counted(query, at)
        result = [{"metric": labels, "value": [at, str(n)]} for labels, n in found]
        return {"resultType": "vector", "result": result}

    def _ranged(self, query: Query, start: float, end: float, step: float) -> dict[str, Any]:
        if not query.by:
            return {"resultType": "streams", "result": self._streams(query, start, end)}
        series: dict[str, dict[str, Any]] = {}
        at = start
        while at <= end:
            for labels, number in self._counted(query, at):
                key = json.dumps(labels, sort_keys=True)
                one = series.setdefault(key, {"metric": labels, "values": []})
                one["values"].append([at, str(number)])
            at += step
        return {"resultType": "matrix", "result": list(series.values())}

    def _counted(self, query: Query, at: float) -> list[tuple[dict[str, str], int]]:
        match = _WINDOW.fullmatch(query.window)
        if match is None:
            raise RefusedError(400, f"parse error: not a duration: {query.window!r}")
        begin = at - int(match[1]) * _UNITS[match[2]]
        lines = [kept.line for kept in self._within(begin, at)]
        # A label that is not there is left out of an answer.
        return [
            ({name: value for name, value in zip(query.by, values, strict=True) if value}, number)
            for values, number in query.counted(lines).items()
        ]

    def _streams(self, query: Query, start: float, end: float) -> list[dict[str, Any]]:
        series: dict[str, dict[str, Any]] = {}
        for kept in self._within(start, end):
            for labels in query.matched([kept.line]):
                key = json.dumps(labels, sort_keys=True)
                one = series.setdefault(key, {"stream": labels, "values": []})
                one["values"].append([str(kept.nanoseconds), kept.line.text])
        return list(series.values())

    def _within(self, start: float, end: float) -> list[Kept]:
        return [k for k in self.keeping.lines() if start < k.nanoseconds / 1e9 <= end]

    # -- for who asks ----------------------------------------------------------------

    def ask(self, path: str, **asked: str) -> Any:
        """The ``data`` of an answer over HTTP; an error is an ``AssertionError``."""
        address = f"{self.url}/loki/api/v1/{path}?{urllib.parse.urlencode(asked)}"
        answer = urllib3.request("GET", address, timeout=30, retries=False)
        assert answer.status == 200, answer.data.decode()
        return answer.json()["data"]

    def found(self, query: str, start: float, end: float) -> list[tuple[dict[str, str], str]]:
        """Labels and text of each line that meets a query."""
        data = self.ask("query_range", query=query, start=f"{start}", end=f"{end}", step="15")
        return [(one["stream"], text) for one in data["result"] for _, text in one["values"]]


class _Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    loki: Loki

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        try:
            self.loki.take(self.path, body)
        except RefusedError as refused:
            self.loki.refused.append(str(refused))
            self._say(refused.status, str(refused).encode())
        else:
            self._say(204, b"")

    def do_GET(self) -> None:
        parts = urllib.parse.urlsplit(self.path)
        if parts.path == "/ready":
            self._say(200, b"ready")
            return
        try:
            data = self.loki.answer(parts.path, dict(urllib.parse.parse_qsl(parts.query)))
        except RefusedError as refused:
            self._say(refused.status, str(refused).encode())
        else:
            self._say(200, json.dumps({"status": "success", "data": data}).encode())

    def _say(self, status: int, body: bytes) -> None:
        self.send_response(status)
        if status != 204:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments: Any) -> None:
        """Nothing."""


@contextmanager
def loki() -> Iterator[Loki]:
    """A stand-in on a free port of loopback."""
    made = Loki()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"loki": made}))
    server.daemon_threads = True
    made.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield made
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
