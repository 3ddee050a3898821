"""PromQL: a thousand rules, an hour of rates, a cold start; beside a Prometheus on the same data.

``promql_1000_rules_…`` is the time in which Prometheus evaluates the thousand expressions of
``expressions.promql`` (its rule group's own figure) / ours, in one process, in which reading
the newest column from the store is counted. ``promql_range_rate_10k`` compares one query over
an hour: Prometheus by its API, ours by the engine over the history, the answer as JSON counted.
``promql_cold`` is a process of its own: from its start to its first answer;
``evaluator_rss_mib`` is its memory after the thousand rules, with two hours of 100,000 series in
the store.

The peer is the Prometheus that PROMETHEUS3 names, or Debian's.
"""

from __future__ import annotations

import json
import os
import re
import statistics
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import urllib3

from benchmarks.children import Child
from benchmarks.measuring import headline, median_ms
from benchmarks.network_series import STEP_MS, Network, expressions
from benchmarks.servers import installation
from tests.processes import processes
from tests.real.remote_write import write
from tests.servers import free_port, wait_until
from zerostate_monitoring.api.encoding import result_data, success
from zerostate_monitoring.exceptions import QueryError
from zerostate_monitoring.promql.data import Floats, Result
from zerostate_monitoring.promql.engine import Engine
from zerostate_monitoring.promql.query import parse
from zerostate_monitoring.storage.history import History
from zerostate_monitoring.storage.recording import Piece, Recorder
from zerostate_monitoring.storage.store import current_store
from zerostate_monitoring.storage.timeline import Bounds, Outcome

PROGRAM: Final = os.environ.get("PROMETHEUS3", "/usr/bin/prometheus")
RULE_COLUMNS: Final = 48
HOUR_COLUMNS: Final = 262
TWO_HOURS: Final = 480
ROUNDS: Final = 9
COLD_ROUNDS: Final = 5
REACH_MS: Final = 600_000
RANGE: Final = "sum by (role) (rate({}_total[5m]))"
_BOUNDS: Final = Bounds(STEP_MS, 7_200_000, 4 * 1024**3)


def figures(
    sizes: tuple[int, int] = (10_000, 100_000), columns: int = TWO_HOURS, rounds: int = ROUNDS
) -> Iterator[tuple[str, object]]:
    """What ``python -m benchmarks`` collects; ``sizes`` are series."""
    small, large = sizes
    for name, size in (("10k", small), ("100k", large)):
        yield from headline(f"promql_1000_rules_{name}", thousand_rules(size, rounds))
    yield from headline("promql_range_rate_10k", hour_of_rates(small, rounds))
    started = cold(large, columns, rounds)
    yield from headline("promql_cold", started, "seconds")
    yield "evaluator_rss_mib", started["evaluator_rss_mib"]


# -- a thousand rules ----------------------------------------------------------


def thousand_rules(size: int, rounds: int) -> dict[str, Any]:
    """Milliseconds for all expressions over about ``size`` series, theirs and ours."""
    network = Network(size)
    samples = network.samples(RULE_COLUMNS + rounds)
    rules = [{"alert": f"Rule{n:04d}", "expr": text} for n, text in enumerate(expressions())]
    theirs = rules_in_prometheus(network, samples[:RULE_COLUMNS], rounds, rules)
    with installation():
        ours = _rules_in_ours(network, samples)
    return {
        "ratio": theirs["ms"] / ours["ms"],
        "prometheus_ms": theirs["ms"],
        "ms": ours["ms"],
        "first_ms": ours["first_ms"],
        "series": len(network.series()),
        "answers": ours["answers"],
        "prometheus_answers": theirs["answers"],
        "prometheus_version": version(),
    }


def version() -> str:
    """Which Prometheus the peer is."""
    told = subprocess.run([PROGRAM, "--version"], capture_output=True, text=True, check=True)
    found = re.search(r"version (\d[\w.]*)", told.stdout + told.stderr)
    return found[1] if found else Path(PROGRAM).name


def rules_in_prometheus(
    network: Network, samples: Floats, rounds: int, rules: list[dict[str, Any]]
) -> dict[str, Any]:
    """Median milliseconds of Prometheus's own figure for a group of rules, and its alerts."""
    groups = {"groups": [{"name": "bench", "interval": "5s", "rules": rules}]}
    with prometheus(network, samples, rules=groups) as (http, url, _):
        spent: dict[str, float] = {}

        def evaluated() -> bool:
            group = _asked(http, f"{url}/api/v1/rules")["groups"][0]
            spent[group["lastEvaluation"]] = group["evaluationTime"]
            return len(spent) > rounds

        wait_until(evaluated, 300, "Prometheus evaluates")
        alerts = _asked(http, f"{url}/api/v1/alerts")["alerts"]
    # The first one is not yet, or not wholly, made.
    times = [spent[at] for at in sorted(spent)][1:]
    return {"ms": statistics.median(times) * 1000, "answers": len(alerts)}


def _rules_in_ours(network: Network, samples: Floats) -> dict[str, Any]:
    slots = slots_of(len(samples))
    record = recorder(network)
    for slot, row in zip(slots[:RULE_COLUMNS], samples, strict=False):
        record(slot, row)
    history = History(current_store().timeline())
    engine, queries = Engine(history), [parse(text) for text in expressions()]
    answers: list[Result | QueryError] = []
    times = []
    for number in range(RULE_COLUMNS, len(slots)):
        record(slots[number], samples[number])
        began = time.perf_counter()
        history.refresh(REACH_MS)
        answers = engine.many(queries, slots[number])
        times.append((time.perf_counter() - began) * 1000)
    return {"ms": statistics.median(times[1:]), "first_ms": times[0], "answers": _found(answers)}


def _found(answers: list[Result | QueryError]) -> int:
    found = 0
    for answer in answers:
        if isinstance(answer, QueryError):
            raise answer
        found += len(getattr(answer.value, "samples", ()))
    return found


# -- an hour of rates ----------------------------------------------------------


def hour_of_rates(size: int, rounds: int) -> dict[str, Any]:
    """Milliseconds for one range query over ``size`` counters and an hour, theirs and ours."""
    counters = _Counters(size)
    samples = counters.samples(HOUR_COLUMNS)
    text = RANGE.format(counters.name)
    with prometheus(counters, samples) as (http, url, end_ms):
        start_ms = end_ms - 3_600_000
        asked = {"query": text, "start": start_ms / 1000, "end": end_ms / 1000, "step": "15"}
        theirs = median_ms(lambda: _asked(http, f"{url}/api/v1/query_range", asked), rounds)
    with installation():
        slots = slots_of(HOUR_COLUMNS)
        record = recorder(counters)
        for slot, row in zip(slots, samples, strict=True):
            record(slot, row)
        history = History(current_store().timeline())
        history.refresh(REACH_MS)
        engine, query = Engine(history), parse(text)

        def ours() -> None:
            answer = engine.range(query, slots[-1] - 3_600_000, slots[-1], STEP_MS)
            success(result_data(answer))

        began = time.perf_counter()
        ours()
        first = (time.perf_counter() - began) * 1000
        ms = median_ms(ours, rounds)
    return {"ratio": theirs / ms, "prometheus_ms": theirs, "ms": ms, "first_ms": first}


@dataclass(frozen=True)
class _Counters:
    """One family of counters."""

    size: int
    name: str = "zerostate_bench"

    def series(self) -> list[Any]:
        roles = ("edge", "relay", "api", "bootnode")
        return [
            (("__name__", f"{self.name}_total"), ("node", f"{n:05d}"), ("role", roles[n % 4]))
            for n in range(self.size)
        ]

    def samples(self, columns: int) -> Floats:
        steps = np.random.default_rng(3).integers(0, 90, (columns, self.size))
        return np.cumsum(steps, axis=0).astype(np.float64)


# -- a cold start --------------------------------------------------------------


def cold(size: int, columns: int, rounds: int) -> dict[str, Any]:
    """Seconds from a process's start to its first answer, and its memory then and later."""
    network = Network(size)
    samples = network.samples(40)
    with installation(HISTORY=7200) as url:
        record, slots = recorder(network), slots_of(columns)
        for number, slot in enumerate(slots):
            # Counters go on growing, as they would.
            record(slot, samples[number % len(samples)] + number // len(samples) * samples[-1])
        runs = [_asking(url, slots[-1]) for _ in range(min(rounds, COLD_ROUNDS))]
    return {
        "series": len(network.series()),
        **{key: statistics.median(run[key] for run in runs) for key in runs[0]},
    }


def _asking(url: str, slot: int) -> dict[str, float]:
    """A process that asks for five minutes of all series, then a thousand rules, then two hours."""
    began = time.perf_counter()
    with Child("benchmarks.evaluator", url, slot) as child:
        first = child.ask("first")
        seconds = time.perf_counter() - began
        return {
            "seconds": seconds,
            "first_rss_mib": first,
            "evaluator_rss_mib": child.ask("rules"),
            "two_hours_rss_mib": child.ask("two hours"),
        }


# -- both ----------------------------------------------------------------------


def slots_of(columns: int) -> list[int]:
    """The last slots, so that the store's clock has reached all of them."""
    last = int(time.time() * 1000) // STEP_MS * STEP_MS
    return [last - (columns - 1 - number) * STEP_MS for number in range(columns)]


def recorder(series: Any) -> Any:
    """Append columns of values to the timeline, as the task does with those of the page."""
    recorder, labels = Recorder(current_store().timeline()), series.series()
    source = Network(0)

    def record(slot: int, values: Floats) -> None:
        outcome = recorder.record(slot, lambda: [Piece(source, lambda: labels, values)], _BOUNDS)
        if outcome is not Outcome.OK:
            raise ValueError(f"column {slot}: {outcome}")

    return record


@contextmanager
def prometheus(
    network: Any, samples: Floats, rules: object = None
) -> Iterator[tuple[urllib3.PoolManager, str, int]]:
    """A Prometheus that holds a network's samples, ending now: client, address, last slot."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    with (
        tempfile.TemporaryDirectory(prefix="zs-prometheus-") as directory,
        processes(Path(directory), {"PATH": "/usr/bin:/bin", "LC_ALL": "C"}) as started,
        urllib3.PoolManager(retries=False) as http,
    ):
        home = Path(directory)
        (home / "rules.json").write_text(json.dumps(rules or {"groups": []}))
        (home / "prometheus.yml").write_text(json.dumps({"rule_files": [str(home / "rules.json")]}))
        started.start(
            "prometheus",
            PROGRAM,
            f"--config.file={home / 'prometheus.yml'}",
            f"--storage.tsdb.path={home / 'tsdb'}",
            "--web.enable-remote-write-receiver",
            # Else what is an hour old is refused once something new was written.
            "--storage.tsdb.min-block-duration=12h",
            "--storage.tsdb.max-block-duration=12h",
            f"--web.listen-address=127.0.0.1:{port}",
        )
        wait_until(lambda: _ready(http, url), 60, "Prometheus answers")
        slots = slots_of(len(samples))
        write(url, ((own, slots, samples[:, n]) for n, own in enumerate(network.series())))
        yield http, url, slots[-1]


def _ready(http: urllib3.PoolManager, url: str) -> bool:
    try:
        return http.request("GET", f"{url}/-/ready").status == 200
    except urllib3.exceptions.HTTPError:
        return False


def _asked(http: urllib3.PoolManager, url: str, fields: dict[str, Any] | None = None) -> Any:
    named = {name: str(value) for name, value in (fields or {}).items()}
    answer = http.request("GET", url, fields=named)
    if answer.status != 200:
        raise ValueError(answer.data.decode())
    return json.loads(answer.data)["data"]
