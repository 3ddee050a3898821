"""A real Jaeger: the compose stack's configuration, on ports of its own, and its query API."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import urllib3

from example_project.stack.composed import composed
from example_project.stack.options import Options
from example_project.stack.ports import names
from tests.packages import ROOT
from tests.processes import Process, Processes, processes
from tests.servers import free_port, wait_until

PATIENCE: Final = 60
VARIABLE: Final = "JAEGER"
_BUILT: Final = ROOT / ".cache" / "jaeger" / "jaeger"


def missing() -> str:
    """Why there can be no Jaeger; empty where there can."""
    named = os.environ.get(VARIABLE) or shutil.which("jaeger") or shutil.which("go")
    if named or _BUILT.exists():
        return ""
    return f"Jaeger: no {VARIABLE}, no jaeger, and no go to build it with"


def program() -> str:
    """The program, built if need be."""
    found = os.environ.get(VARIABLE) or shutil.which("jaeger")
    if found:
        return found
    if not _BUILT.exists():
        subprocess.run([ROOT / ".ci" / "jaeger"], check=True)
    return str(_BUILT)


@dataclass(frozen=True)
class Seen:
    """One span as Jaeger's query API tells of it; times in microseconds."""

    name: str
    id: str
    parent: str
    service: str
    began: int
    took: int
    tags: Mapping[str, Any]
    process: Mapping[str, Any]
    events: tuple[Mapping[str, Any], ...] = ()

    @property
    def is_error(self) -> bool:
        """Whether Jaeger shows it in red."""
        return self.tags.get("error") is True


@dataclass(frozen=True)
class Trace:
    """All spans that Jaeger has of one trace."""

    id: str
    spans: tuple[Seen, ...]

    @cached_property
    def _by_id(self) -> dict[str, Seen]:
        return {span.id: span for span in self.spans}

    @property
    def names(self) -> set[str]:
        """The names of its spans."""
        return {span.name for span in self.spans}

    def named(self, name: str) -> list[Seen]:
        """Those of this name."""
        return [span for span in self.spans if span.name == name]

    def one(self, name: str) -> Seen:
        """The only one of this name."""
        (found,) = self.named(name)
        return found

    def way(self, span: Seen) -> list[str]:
        """The names from a span to its root; a span whose parent is not there ends in "?"."""
        ways = [span.name]
        while span.parent:
            if span.parent not in self._by_id:
                return [*ways, "?"]
            span = self._by_id[span.parent]
            ways.append(span.name)
        return ways

    def ways(self, name: str) -> list[list[str]]:
        """The ways of all spans of this name."""
        return [self.way(span) for span in self.named(name)]


class Jaeger:
    """A Jaeger that a test kills and starts again; what it had stored stays."""

    def __init__(self, directory: Path, started: Processes) -> None:
        self.ports = {name: free_port() for name in names(["jaeger"]) if name != "web"}
        options = Options(data=directory / "stack")
        self.config = directory / "jaeger.yaml"
        self.config.write_text(composed(options, self.ports)["jaeger/config.yaml"])
        self._started = started
        self._http = urllib3.PoolManager(retries=False, timeout=10)
        self.process: Process | None = None

    @property
    def url(self) -> str:
        """What takes OTLP over HTTP."""
        return f"http://127.0.0.1:{self.ports['otlp']}"

    @property
    def grpc(self) -> str:
        """What takes OTLP over gRPC."""
        return f"http://127.0.0.1:{self.ports['otlp-grpc']}"

    def start(self) -> None:
        """Start it, and wait until it is well by its own word."""
        self.process = self._started.start("jaeger", program(), "--config", str(self.config))
        wait_until(self._is_well, PATIENCE, "Jaeger is well")

    def kill(self) -> None:
        """Kill -9."""
        assert self.process is not None
        self.process.kill()

    def _is_well(self) -> bool:
        assert self.process is not None
        assert self.process.ended() is None, self.process.tail
        try:
            health = f"http://127.0.0.1:{self.ports['jaeger-health']}/status"
            return self._http.request("GET", health).status == 200
        except urllib3.exceptions.HTTPError:
            return False

    # -- what it answers -------------------------------------------------------

    def ask(self, path: str, **fields: str) -> Any:
        """What its query API answers; None for what it does not have."""
        url = f"http://127.0.0.1:{self.ports['jaeger']}/api/{path}"
        answer = self._http.request("GET", url, fields=fields)
        return None if answer.status == 404 else answer.json()

    def trace(self, number: str) -> Trace:
        """The trace of this id; without spans where there is none."""
        found = self.ask(f"traces/{number}")
        return traces(found)[0] if found else Trace(number, ())

    def search(self, service: str, **fields: str) -> list[Trace]:
        """What somebody finds who asks for a service, an operation, tags."""
        return traces(self.ask("traces", service=service, limit="100", **fields))

    def wait_for(self, number: str, *wanted: str, told: Callable[[], str] = str) -> Trace:
        """The trace, once it has spans of all these names."""

        def has_all(trace: Trace) -> None:
            assert set(wanted) <= trace.names, f"{sorted(trace.names)}\n{told()}"

        return self.eventually(number, has_all)

    def eventually(self, number: str, check: Callable[[Trace], None]) -> Trace:
        """The trace, once ``check`` finds nothing wrong: its spans come in one after another."""
        seen: list[Trace] = []
        wrong: list[AssertionError] = []

        def is_right() -> bool:
            seen[:] = [self.trace(number)]
            try:
                check(seen[0])
            except AssertionError as error:
                wrong[:] = [error]
                return False
            return True

        try:
            wait_until(is_right, PATIENCE)
        except AssertionError:
            raise wrong[0] from None
        return seen[0]

    def metrics(self) -> str:
        """What it tells of itself."""
        url = f"http://127.0.0.1:{self.ports['jaeger-metrics']}/metrics"
        return self._http.request("GET", url).data.decode()


def traces(answer: Any) -> list[Trace]:
    """The traces of an answer."""
    return [
        Trace(one["traceID"], tuple(_seen(span, one["processes"]) for span in one["spans"]))
        for one in answer["data"] or ()
    ]


def _seen(span: Any, known: Any) -> Seen:
    process = known[span["processID"]]
    above = (ref["spanID"] for ref in span["references"] if ref["refType"] == "CHILD_OF")
    return Seen(
        name=span["operationName"],
        id=span["spanID"],
        parent=next(above, ""),
        service=process["serviceName"],
        began=span["startTime"],
        took=span["duration"],
        tags=_pairs(span["tags"]),
        process=_pairs(process["tags"]),
        events=tuple(_pairs(log["fields"]) for log in span["logs"]),
    )


def _pairs(tags: Any) -> dict[str, Any]:
    return {tag["key"]: tag["value"] for tag in tags or ()}


@contextmanager
def jaeger(directory: Path) -> Iterator[Jaeger]:
    """A Jaeger that ends with the block."""
    home = directory / "jaeger"
    home.mkdir()
    with processes(home, {"PATH": "/usr/bin:/bin", "LC_ALL": "C"}) as started:
        made = Jaeger(home, started)
        made.start()
        yield made
