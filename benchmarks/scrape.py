"""Our page against prometheus_client's, on gauges with two labels.

Each figure is a ratio of medians: ``generate_latest`` over the same series in one
registry, by the whole way of our page: WSGI, Django, view, store, rendering. Both pages are
compared in each benchmark, before or after what is timed.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np
from prometheus_client import generate_latest

from benchmarks.measuring import headline, median_ms
from benchmarks.peer import Registry
from benchmarks.series import KINDS, Client, Frames, value_sets
from benchmarks.servers import installation
from zerostate_monitoring.frames.frame import Values

ROUNDS: Final = 25
PEER_ROUNDS: Final = 5


def figures(large: int = 100_000, small: int = 10_000) -> Iterator[tuple[str, object]]:
    """All figures of the page."""
    with installation():
        by_kind = {kind: changed(large, kind) for kind in KINDS}
        yield from headline("scrape_100k_changed", {**changed(large), "by_kind": by_kind})
        yield from headline("scrape_10k_changed", changed(small))
        yield from headline("scrape_100k_partial", partial(large))
        yield from headline("write_and_scrape_100k", write_and_scrape(large))


def changed(size: int, kind: str = "mix") -> dict[str, float]:
    """Every value changed between two scrapes."""
    registry, frames, client = Registry.of(size), Frames.of(size), Client()
    sets = list(value_sets(kind, size, ROUNDS))
    check_equal(registry, frames, client, sets[0])
    peer = median_ms(
        lambda: generate_latest(registry.registry),
        PEER_ROUNDS,
        lambda number: registry.set(listed(sets[number])),
    )
    ours = median_ms(client.scrape, ROUNDS, lambda number: frames.write(sets[number]))
    return _compared(ours, peer)


def partial(size: int) -> dict[str, float]:
    """One of twenty producers changed."""
    registry, frames, client = Registry.of(size), Frames.of(size), Client()
    sets = list(value_sets("mix", size, ROUNDS))
    registry.set(listed(sets[0]))
    frames.write(sets[0])
    client.scrape()
    peer = median_ms(lambda: generate_latest(registry.registry), PEER_ROUNDS)
    one = range(1)
    ours = median_ms(client.scrape, ROUNDS, lambda number: frames.write(sets[number], one))
    registry.set(listed([*sets[-1][:1], *sets[0][1:]]))
    compare(registry, client)
    return _compared(ours, peer)


def write_and_scrape(size: int) -> dict[str, float]:
    """One full write and one scrape, against ``set`` on every child and a page.

    Both begin with the new values as Python's floats, one list for each family. Counted for
    us: packing them into frames, lease, sending them to the store, and the page, for which
    the store is read. Counted for the peer: ``set`` on each child, and the page. Not
    counted for either: labels. The peer's children and our schemas are there before.
    """
    registry, frames, client = Registry.of(size), Frames.of(size), Client()
    sets = itertools.cycle([listed(values) for values in value_sets("mix", size, ROUNDS)])

    def peer_round() -> None:
        registry.set(values[0])
        generate_latest(registry.registry)

    def our_round() -> None:
        frames.write(values[0])
        client.scrape()

    values = [next(sets)]
    our_round()

    def next_values(_: int) -> None:
        values[0] = next(sets)

    peer = median_ms(peer_round, PEER_ROUNDS, next_values)
    ours = median_ms(our_round, ROUNDS, next_values)
    registry.set(values[0])
    compare(registry, client)
    return _compared(ours, peer)


def listed(values: Sequence[Values]) -> list[list[float]]:
    """The values as the registry takes them."""
    return [numbers.tolist() for numbers in values]


def _compared(ours: float, peer: float) -> dict[str, float]:
    return {"ratio": peer / ours, "ours_ms": ours, "peer_ms": peer}


def check_equal(
    registry: Registry, frames: Frames, client: Client, values: Sequence[Values]
) -> None:
    """Compare both pages with these values; see ``compare``."""
    registry.set(listed(values))
    frames.write(values)
    compare(registry, client)


def compare(registry: Registry, client: Client) -> None:
    """Compare both pages: same lines in the same order, each number the same float64.

    Raises:
        ValueError: they differ; the message names the first line.
    """
    theirs = generate_latest(registry.registry).decode().splitlines()
    names = ("# HELP zerostate_bench", "# TYPE zerostate_bench", "zerostate_bench")
    page = b"".join(client.scrape()).decode().splitlines()
    for mine, other in zip([n for n in page if n.startswith(names)], theirs, strict=True):
        if mine != other and _read(mine) != _read(other):
            raise ValueError(f"{mine!r} is not {other!r}")


def _read(line: str) -> tuple[str, bytes]:
    head, _, number = line.rpartition(" ")
    return head, np.float64(number).tobytes()
