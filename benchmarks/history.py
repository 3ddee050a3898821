"""History: what it takes in the store, and how quickly it is written and read.

``history_bytes_per_sample`` is one hour of the example network at 15 s: 240 columns of its page,
each with other series than the one before, recorded as in an installation. All that the
timeline takes in the store is counted: columns, blocks, and the series' labels. Prometheus's
figure is that of the same samples in a block that promtool writes: chunks, index and all.

``history_100k`` is a page of 100,000 series of which every value changes, in milliseconds:
recording a column, reading it, and a new process's way to five minutes of all series.
"""

from __future__ import annotations

import shutil
import statistics
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final
from unittest.mock import patch

from django.core.management import call_command
from django.db import connections

from benchmarks.measuring import headline, memory_mib
from benchmarks.series import Frames, value_sets
from benchmarks.servers import installation
from example_project.network.runner import Runner
from example_project.network.simulation.config import Config
from example_project.network.switches import Switches
from zerostate_monitoring.collectors.node_scraping import scrape_chunk
from zerostate_monitoring.collectors.nodes import plan
from zerostate_monitoring.collectors.runner import run
from zerostate_monitoring.exposition.layout import escape
from zerostate_monitoring.exposition.recording import record
from zerostate_monitoring.promql.data import NAME, AnyBlock
from zerostate_monitoring.promql.nodes import Matcher
from zerostate_monitoring.sources.platform.dialects import Sqlite
from zerostate_monitoring.storage.history import History
from zerostate_monitoring.storage.store import current_store

COLUMNS: Final = 240
INTERVAL: Final = 15
SERIES: Final = 100_000
ROUNDS: Final = 45
REACH_MS: Final = 300_000
EVERYTHING: Final = (Matcher(NAME, "=~", ".+"),)
PROMTOOL: Final = "promtool"


def figures(columns: int = COLUMNS, series: int = SERIES) -> Iterator[tuple[str, object]]:
    """What ``python -m benchmarks`` collects."""
    with tempfile.TemporaryDirectory(prefix="zs-history-") as directory, platform(directory):
        with installation(PLATFORM_DATABASE="platform", NODE_TIMEOUT_SECONDS=10):
            detail = example_hour(Path(directory), columns)
        yield from headline("history_bytes_per_sample", detail, "bytes_per_sample")
        if "prometheus_bytes_per_sample" in detail:
            figure = detail["prometheus_bytes_per_sample"]
            yield "history_bytes_per_sample_prometheus", figure
    with installation():
        yield "history_100k", page_of(series)


@contextmanager
def platform(directory: str) -> Iterator[None]:
    """The alias ``platform`` on a file of its own, which readers open by themselves."""
    settings = connections.settings["platform"]
    before = settings["NAME"]
    connections["platform"].close()
    settings["NAME"] = f"{directory}/platform.sqlite3"
    try:
        yield
    finally:
        connections["platform"].close()
        settings["NAME"] = before


# -- one hour of the example network ----------------------------------------------


def example_hour(directory: Path, columns: int) -> dict[str, Any]:
    """What the hour takes, once it has been lived through and recorded."""
    seconds = live_through(directory, columns)
    store = current_store()
    head = store.timeline().head()
    history = History(store.timeline())
    history.refresh()
    blocks = history.select(EVERYTHING, head.first - 1, head.last)
    samples = sum(_samples(block) for block in blocks)
    return {
        "bytes_per_sample": head.size / samples,
        "columns": head.columns,
        "series": sum(len(block.series) for block in blocks),
        "samples": samples,
        "record_ms": statistics.median(seconds) * 1000,
        **_prometheus(directory, blocks, samples),
    }


def live_through(directory: Path, columns: int) -> list[float]:
    """Let the network live until now, recording each column; how many seconds each took."""
    call_command("migrate", verbosity=0)
    start = time.time() // INTERVAL * INTERVAL - (columns + 1) * INTERVAL
    runner = Runner(Config(), Switches(directory / "switches.json"), start)
    runner.start()
    seconds = []
    try:
        for number in range(columns):
            now = start + (number + 1) * INTERVAL
            _live(runner, now, number)
            began = time.perf_counter()
            if record(now) is None:
                raise ValueError(f"column {number} was not made")
            seconds.append(time.perf_counter() - began)
    finally:
        runner.close()
    return seconds


def _live(runner: Runner, now: float, number: int) -> None:
    """Until ``now``, and collect as beat would."""
    for second in range(INTERVAL):
        runner.step(now - INTERVAL + second + 1)
    store = current_store()
    for ids in plan(store=store):
        scrape_chunk(ids, store=store, now=now)
    clock = Sqlite.LOOK_UP.replace("(julianday('now') - 2440587.5) * 86400", repr(now))
    with patch.object(Sqlite, "LOOK_UP", clock):
        for name, every in (("execution", 2), ("economic", 4), ("monitoring", 4)):
            if number % every == 0:
                outcome = run(name, store=store, forced=True, now=now)
                if not outcome.ok:
                    raise ValueError(f"{name} did not run: {outcome}")


def _samples(block: AnyBlock) -> int:
    return block.values.size if block.present is None else int(block.present.sum())


def _prometheus(directory: Path, blocks: Sequence[AnyBlock], samples: int) -> dict[str, float]:
    """Bytes per sample of Prometheus's own block; nothing where there is no promtool."""
    if not shutil.which(PROMTOOL):
        return {}
    text, data = directory / "hour.txt", directory / "tsdb"
    with text.open("w", encoding="utf-8") as file:
        for block in blocks:
            file.writelines(_openmetrics(block))
        file.write("# EOF\n")
    command = [PROMTOOL, "tsdb", "create-blocks-from", "openmetrics", "--quiet"]
    subprocess.run([*command, str(text), str(data)], check=True, stdout=subprocess.DEVNULL)
    files = [path for path in data.rglob("*") if path.is_file()]
    size = sum(path.stat().st_size for path in files)
    chunks = sum(path.stat().st_size for path in files if path.parent.name == "chunks")
    return {
        "prometheus_bytes_per_sample": size / samples,
        "prometheus_chunk_bytes_per_sample": chunks / samples,
    }


def _openmetrics(block: AnyBlock) -> Iterator[str]:
    """The samples of a block, series by series, with their times."""
    for place, labels in enumerate(block.series.labels):
        pairs = [f'{name}="{escape(value)}"' for name, value in labels if name != NAME]
        head = f"{dict(labels)[NAME]}{{{','.join(pairs)}}}"
        values = block.values[:, place].tolist()
        for row, slot in enumerate(block.times.tolist()):
            if block.present is None or block.present[row, place]:
                yield f"{head} {values[row]!r} {slot / 1000}\n"


# -- a large page --------------------------------------------------------------------


def page_of(series: int, rounds: int = ROUNDS) -> dict[str, float]:
    """Record and read a page of so many series."""
    frames, store = Frames.of(series), current_store()
    sets = list(value_sets("mix", series, 3))
    reader, now = History(store.timeline()), time.time() - rounds * INTERVAL
    recorded, read = [], []
    for number in range(rounds):
        frames.write(sets[number % len(sets)])
        recorded.append(_seconds(lambda: record(now + number * INTERVAL)))  # noqa: B023 - called now
        read.append(_seconds(lambda: _read(reader)))
    before, fresh = memory_mib(), History(store.timeline())
    cold = _seconds(lambda: _read(fresh))
    head = store.timeline().head()
    return {
        "record_ms": statistics.median(recorded) * 1000,
        "record_first_ms": recorded[0] * 1000,
        "record_closing_ms": max(recorded[1:]) * 1000,
        "read_ms": statistics.median(read) * 1000,
        "cold_ms": cold * 1000,
        "cold_mib": memory_mib() - before,
        "bytes_per_sample": head.size / (series * rounds),
    }


def _read(history: History) -> None:
    history.refresh(REACH_MS)
    blocks = history.select(EVERYTHING, history.head.last - REACH_MS, history.head.last)
    if not blocks:
        raise ValueError("nothing was read")


def _seconds(action: Any) -> float:
    began = time.perf_counter()
    action()
    return time.perf_counter() - began
