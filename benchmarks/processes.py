"""Totals of several processes: a scrape, and what publishing costs store and process.

The peer of a scrape is prometheus_client's multiprocess mode over the same counters.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Iterator
from typing import Any, Final

import redis
from prometheus_client import CollectorRegistry, Counter, generate_latest, values
from prometheus_client.multiprocess import MultiProcessCollector

from benchmarks.children import Child, obey, set_up
from benchmarks.measuring import headline, median_ms, memory_mib

PROCESSES: Final = 8
FAMILIES: Final = 20
ROUNDS: Final = 15
PEER_ROUNDS: Final = 3
PUBLISHED: Final = 2000
CHANGED: Final = 10
LEAST_SECONDS: Final = 30


def figures(
    sizes: tuple[int, int] = (10_000, 100_000),
    published: int = PUBLISHED,
    seconds: float = LEAST_SECONDS,
    producers: tuple[int, int] = (5, 500),
) -> Iterator[tuple[str, object]]:
    """All figures of processes; ``sizes`` are counters of each process."""
    for key, size in zip(("merge_8x10k", "merge_8x100k"), sizes, strict=True):
        yield from headline(key, merge(size))
    yield from publisher_cost(published, seconds)
    yield from headline("publish_ms", publish_time(published, producers), "some_changed_ms")


# -- a scrape ----------------------------------------------------------------------


def names() -> list[str]:
    """Families over which the counters are spread."""
    return [f"zerostate_bench_{number:02d}_total" for number in range(FAMILIES)]


def counters(registry: CollectorRegistry | None, size: int) -> list[Any]:
    """``size`` counters with two labels."""
    made = [Counter(name, "Bench.", ["channel", "state"], registry=registry) for name in names()]
    share = range(size // FAMILIES)
    return [
        c.labels(f"channel-{i:06d}", "open" if i % 2 else "closed") for c in made for i in share
    ]


def merge(size: int) -> dict[str, float]:
    """One scrape of 8 processes with ``size`` counters each, every value changed."""
    ours, peer = _ours(size), _peer(size)
    return {"ratio": peer / ours["ours_ms"], **ours, "peer_ms": peer}


def _ours(size: int) -> dict[str, float]:
    # These bring numpy, which is not for the process whose publisher is measured.
    from benchmarks.series import Client  # noqa: PLC0415
    from benchmarks.servers import installation  # noqa: PLC0415
    from tests.instrumentation.processes import FakeProcess  # noqa: PLC0415

    with installation(PROCESS_MAX_SERIES=10 * size):
        processes = [FakeProcess(most=10 * size) for _ in range(PROCESSES)]
        children = [counters(process.registry, size) for process in processes]
        for process, own in zip(processes, children, strict=True):
            for number, child in enumerate(own):
                child.inc(number)
            process.tell()
        client = Client()
        first = median_ms(client.scrape, 1)

        def change(_: int) -> None:
            for child in children[0]:
                child.inc()
            processes[0].tell()

        changed = median_ms(client.scrape, ROUNDS, change)

        def grow(number: int) -> None:
            parent = processes[0].registry._names_to_collectors[names()[0]]  # noqa: SLF001
            parent.labels(f"new-{number}", "open").inc()  # type: ignore[attr-defined]
            processes[0].tell()

        grown = median_ms(client.scrape, PEER_ROUNDS, grow)
    return {"ours_ms": changed, "first_ms": first, "one_family_grown_ms": grown}


def _peer(size: int) -> float:
    with tempfile.TemporaryDirectory() as directory:
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = directory
        before = values.ValueClass
        try:
            for pid in range(PROCESSES):
                values.ValueClass = values.MultiProcessValue(lambda pid=pid: pid)
                for number, child in enumerate(counters(None, size)):
                    child.inc(number)
            registry = CollectorRegistry()
            MultiProcessCollector(registry, path=directory)
            return median_ms(lambda: generate_latest(registry), PEER_ROUNDS)
        finally:
            values.ValueClass = before
            del os.environ["PROMETHEUS_MULTIPROC_DIR"]


# -- publishing: the store's side -----------------------------------------------------


def publish_time(size: int, producers: tuple[int, int]) -> dict[str, float]:
    """The store's milliseconds for one publication, with few and with many processes."""
    from benchmarks.servers import installation  # noqa: PLC0415
    from tests.instrumentation.processes import FakeProcess  # noqa: PLC0415

    found: dict[str, float] = {}
    for count in producers:
        with installation() as url, redis.Redis.from_url(url) as client:
            others = [FakeProcess() for _ in range(count - 1)]
            for other in others:
                counters(other.registry, FAMILIES)[0].inc()
                other.tell()
            process = FakeProcess()
            own = counters(process.registry, size)
            process.tell()
            found[f"some_changed_{count}_ms"] = _script_ms(client, process, own[:CHANGED])
            found[f"all_changed_{count}_ms"] = _script_ms(client, process, own)
    some = f"some_changed_{producers[0]}_ms"
    return {"some_changed_ms": found[some], **found}


def _script_ms(client: Any, process: Any, children: list[Any]) -> float:
    client.config_resetstat()
    for _ in range(ROUNDS):
        for child in children:
            child.inc()
        process.tell()
    stats: dict[str, Any] = client.info("commandstats")["cmdstat_evalsha"]
    return float(stats["usec"]) / ROUNDS / 1000


# -- publishing: the process's side ---------------------------------------------------


def publisher_cost(series: int, seconds: float) -> Iterator[tuple[str, object]]:
    """Share of a core and MiB, against the same process without a publisher."""
    from benchmarks.servers import embedded_store  # noqa: PLC0415

    with embedded_store() as url:
        measured = {}
        for role in ("without", "with"):
            with Child("benchmarks.processes", role, url, series) as child:
                child.ask("begin")
                before = child.ask("usage")
                time.sleep(seconds)
                after = child.ask("usage")
            share = (after["cpu_s"] - before["cpu_s"]) / (after["at"] - before["at"]) * 100
            measured[role] = {"percent": share, "mib": after["mib"]}
    detail = {name: one["percent"] for name, one in measured.items()}
    cost = {"percent": detail["with"] - detail["without"], **detail}
    yield from headline("publish_cpu_percent", cost, "percent")
    detail = {name: one["mib"] for name, one in measured.items()}
    yield from headline("publish_mib", {"mib": detail["with"] - detail["without"], **detail}, "mib")


def _usage() -> dict[str, float]:
    return {"cpu_s": time.process_time(), "at": time.monotonic(), "mib": memory_mib()}


def _main(role: str, url: str, series: str) -> None:
    set_up(url)
    from prometheus_client import REGISTRY  # noqa: PLC0415

    from zerostate_monitoring.instrumentation import publisher  # noqa: PLC0415

    children = counters(REGISTRY, int(series))

    def begin() -> float:
        for child in children:
            child.inc()
        if role == "with":
            publisher.wake()
        return time.monotonic()

    def usage() -> dict[str, float]:
        for child in children[:CHANGED]:
            child.inc()
        return _usage()

    obey({"begin": begin, "usage": usage})


if __name__ == "__main__":
    _main(*sys.argv[1:])
