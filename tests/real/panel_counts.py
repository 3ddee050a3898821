"""Every panel's queries over a chronicle of the example network, counted on both sides.

What is asked of Loki is put to a stand-in for it, over the chronicle's own lines; what only a
Prometheus has that scrapes, to one that does.

``python -m tests.real.panel_counts [FILE]`` prints the table of panels, or writes it.
"""

from __future__ import annotations

import json
import os
import pickle
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

from tests.loki.alloy import Alloy, push
from tests.loki.server import Loki, loki
from tests.packages import ROOT
from tests.processes import processes
from tests.real.chronicle import PHASES, counted
from tests.real.panel_questions import Question, log_questions
from tests.real.prometheus import prometheus as scraping
from tests.real.reference import Reference, reference
from tests.servers import free_port, store_server, wait_until
from zerostate_monitoring.generators.dashboards.documentation import is_of_logs
from zerostate_monitoring.generators.dashboards.panels import Placed, placed, resolved
from zerostate_monitoring.generators.options import ExportOptions

PROFILES: Final = ("full", "head")
SIDES: Final = ("own", "prometheus")
LINES: Final = "loki-stand-in"
SCRAPES: Final = "scraping-prometheus"
LONGEST_SECONDS: Final = 900


@dataclass(frozen=True)
class Count:
    """What one side answers to one query of a panel."""

    key: str
    """Dashboard, panel, and which of its queries."""
    profile: str
    phase: str
    side: str
    series: int
    numbers: int
    error: str


def counts(directory: Path, prometheus: str = "prometheus") -> list[Count]:
    """Live both chronicles, and ask both sides about each."""
    with ExitStack() as stack:
        running = [stack.enter_context(_living(profile, directory)) for profile in PROFILES]
        for process in running:
            assert process.wait(LONGEST_SECONDS) == 0, _errors(directory)
    found: list[Count] = []
    for profile in PROFILES:
        document = json.loads((directory / f"{profile}.json").read_text())
        found += _own(document)
        with reference(prometheus, directory, _rows(directory / f"{profile}.rows")) as server:
            found += _theirs(document, server)
        found += _of_lines(document, directory / f"{profile}.log")
    return [*found, *_of_scrapes(directory)]


class _living:  # noqa: N801 - used as a function
    """A chronicle in a process of its own, with a store of its own."""

    def __init__(self, profile: str, directory: Path) -> None:
        self._profile, self._directory = profile, directory
        self._stack = ExitStack()

    def __enter__(self) -> subprocess.Popen[bytes]:
        store = self._stack.enter_context(store_server("--maxmemory", "512mb"))
        log = self._stack.enter_context((self._directory / f"{self._profile}.log").open("wb"))
        environment = {
            **os.environ,
            "DATA": str(self._directory / f"data-{self._profile}"),
            "REDIS_URL": f"redis://127.0.0.1:{store.port}",
        }
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.real.chronicle", self._profile, str(self._directory)],
            cwd=ROOT,
            env=environment,
            stdout=log,
            stderr=log,
        )
        return self._process

    def __exit__(self, *error: object) -> None:
        self._process.kill()
        self._process.wait()
        self._stack.close()


def _errors(directory: Path) -> str:
    return "\n".join(
        (directory / f"{profile}.log").read_text(errors="replace")[-3000:] for profile in PROFILES
    )


def _rows(path: Path) -> Any:
    return pickle.loads(path.read_bytes())


def _own(document: Mapping[str, Any]) -> Iterator[Count]:
    for phase in PHASES:
        for answer in document[phase]["answers"]:
            said = {name: answer[name] for name in ("series", "numbers", "error")}
            yield Count(answer["key"], document["profile"], phase, "own", **said)


def _theirs(document: Mapping[str, Any], server: Reference) -> Iterator[Count]:
    for phase in PHASES:
        for answer in document[phase]["answers"]:
            path, parameters = answer["asked"]
            got = server.http.request(
                "POST", f"{server.url}/api/v1/{path}", fields=parameters, timeout=30
            )
            said = counted(json.loads(got.data))
            yield Count(answer["key"], document["profile"], phase, "prometheus", **said)


def _of_lines(document: Mapping[str, Any], log: Path) -> Iterator[Count]:
    """Loki's part: what the chronicle wrote, shipped as the stack ships it."""
    alloy = Alloy()
    with loki() as server:
        lines = log.read_text(errors="replace").splitlines()
        push(server.url, [alloy.entry(text, "zerostate-chronicle-1") for text in lines if text])
        for phase in PHASES:
            for question in log_questions(document[phase]["now"]):
                said = _said(server, question)
                yield Count(question.key, document["profile"], phase, LINES, **said)


def _said(server: Loki, question: Question) -> dict[str, Any]:
    try:
        series = len(server.ask(question.path, **question.parameters)["result"])
    except AssertionError as error:
        return {"series": 0, "numbers": 0, "error": str(error)}
    return {"series": series, "numbers": series, "error": ""}


def _of_scrapes(directory: Path) -> Iterator[Count]:
    """Of a Prometheus that scrapes a page under the job of the merged one."""
    port = free_port()
    with processes(directory, {"PATH": "/usr/bin:/bin"}) as started:
        started.start("page", "python3", "-m", "http.server", str(port), "--bind", "127.0.0.1")
        with scraping(directory, {ExportOptions().job: port}) as server:
            for one in placed():
                queries = one.panel.queries if one.panel.outside else ()
                for key, query in zip(asked(one), queries, strict=False):
                    expr = resolved(query, one.dashboard)
                    wait_until(partial(server.query, expr), 60, expr)
                    series = len(server.query(expr))
                    yield Count(key, "full", "well", SCRAPES, series, series, "")


# -- what it means ---------------------------------------------------------------


def asked(one: Placed) -> list[str]:
    """Keys of the queries of a panel."""
    return [
        f"{one.dashboard.uid}/{one.panel.title}/{place}" for place in range(len(one.panel.queries))
    ]


def sides_of(one: Placed) -> tuple[str, ...]:
    """Who must have data for a panel."""
    if one.panel.outside:
        return (SCRAPES,)
    return (LINES,) if is_of_logs(one.panel) else SIDES


def has_data(one: Placed, found: Iterable[Count], *, profile: str = "full") -> bool:
    """Whether each of its queries had series on each of its sides, well or broken."""
    seen = {(c.key, c.side) for c in found if c.profile == profile and c.series and not c.error}
    return all((key, side) in seen for key in asked(one) for side in sides_of(one))


def table(found: Sequence[Count]) -> str:
    """A line for each query: series of each side, well and broken; nothing where not asked."""
    by_place = {(c.key, c.profile, c.phase, c.side): c.series for c in found}
    columns = [(p, phase, side) for p in PROFILES for phase in PHASES for side in (*SIDES, LINES)]
    columns.append(("full", "well", SCRAPES))
    head = ["panel", *("-".join(column) for column in columns)]
    lines = [head]
    lines += [
        [key, *(str(by_place.get((key, *column), "")) for column in columns)]
        for key in dict.fromkeys(count.key for count in found)
    ]
    return "".join("\t".join(line) + "\n" for line in lines)


def main(arguments: Sequence[str]) -> None:
    """Print the table, or write it."""
    with tempfile.TemporaryDirectory(prefix="zs-panels-") as directory:
        text = table(counts(Path(directory)))
    if arguments:
        Path(arguments[0]).write_text(text)
    else:
        sys.stdout.write(text)


if __name__ == "__main__":
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    django.setup()
    main(sys.argv[1:])
