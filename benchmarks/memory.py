"""Resident memory of a web process after 100 scrapes of 100,000 series.

Ours shows what another process writes, and answers through Django. The peer is a Django
process with django-prometheus whose prometheus_client registry holds the series, and
renders them as often. Each runs in a fresh process, every value changes between two
scrapes, and what the process weighed before it knew a series stands beside it.
"""

from __future__ import annotations

import itertools
import sys
from collections.abc import Iterator
from random import Random
from typing import Final

from prometheus_client import generate_latest

from benchmarks.children import APPS, Child, obey, set_up
from benchmarks.measuring import headline, memory_mib
from benchmarks.peer import Registry

SERIES: Final = 100_000
SCRAPES: Final = 100


def figures(series: int = SERIES, scrapes: int = SCRAPES) -> Iterator[tuple[str, object]]:
    """What ``python -m benchmarks`` collects."""
    yield from headline("memory_100k", measure(series, scrapes))


def measure(series: int, scrapes: int) -> dict[str, float]:
    """MiB of both processes after ``scrapes`` scrapes, before the first, and at most."""
    from benchmarks.servers import embedded_store  # noqa: PLC0415 - numpy is not the peer's

    with embedded_store() as url, _child("ours", 0, url) as web, _child("writer", series, url) as w:
        ours = _after(scrapes, web, w)
    with _child("peer", series, "") as peer:
        theirs = _after(scrapes, peer)
    return {
        "ratio": ours["mib"] / theirs["mib"],
        **{f"ours_{name}": value for name, value in ours.items()},
        **{f"peer_{name}": value for name, value in theirs.items()},
    }


def _child(role: str, series: int, url: str) -> Child:
    return Child("benchmarks.memory", role, series, url)


def _after(scrapes: int, web: Child, *writers: Child) -> dict[str, float]:
    before: dict[str, float] = web.ask("memory")
    for _ in range(scrapes):
        for writer in writers:
            writer.ask("write")
        web.ask("scrape")
    return {**web.ask("memory"), "without_series_mib": before["mib"]}


# -- in the children ----------------------------------------------------------


def ours(_: int, url: str) -> None:
    """Be a web process with this app."""
    set_up(url)
    from benchmarks.series import Client  # noqa: PLC0415 - numpy is not the peer's

    client = Client()
    client.scrape()
    obey({"scrape": lambda: len(client.scrape()), "memory": _memory})


def writer(series: int, url: str) -> None:
    """Be a process that writes new values."""
    set_up(url)
    from benchmarks.series import Frames, value_sets  # noqa: PLC0415 - as above

    frames, values = Frames.of(series), itertools.cycle(list(value_sets("mix", series, 5)))
    obey({"write": lambda: frames.write(next(values))})


def peer(series: int, url: str) -> None:
    """Be a web process whose registry holds the series; they come with the first scrape."""
    set_up(url, INSTALLED_APPS=APPS, ROOT_URLCONF="django_prometheus.urls")
    made: list[Registry] = []
    random = Random(7)

    def scrape() -> int:
        if not made:
            made.append(Registry.of(series))
        registry = made[0]
        registry.set([[random.random() for _ in children] for children in registry.children])
        return len(generate_latest(registry.registry))

    obey({"scrape": scrape, "memory": _memory})


def _memory() -> dict[str, float]:
    return {"mib": memory_mib(), "most_mib": memory_mib(field="VmHWM")}


if __name__ == "__main__":
    {"ours": ours, "writer": writer, "peer": peer}[sys.argv[1]](int(sys.argv[2]), sys.argv[3])
