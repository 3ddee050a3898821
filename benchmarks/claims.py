"""Claiming work beside ten million old rows, in PostgreSQL.

``claim_beside_10m_rows`` is the slowest of the medians, in milliseconds, of what a tick and a
pass of the delivery ask before they work: which groups of rules are due, and the claim of one;
which messages are due, and a lease; the flush of a group; expired leases; the entries of an
alert that has ended. Beside them lie as many old rows as its name says in each of the tables
of evaluations, outbox entries and messages, and a tenth of that of alerts and events. They are
filled in by ``generate_series``, lie up to 400 days back, and are analyzed.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any, Final

from benchmarks.children import Child, obey, set_up
from benchmarks.measuring import headline
from benchmarks.postgresql import postgresql
from benchmarks.servers import embedded_store
from tests.sources.platform.cluster import cluster

ROWS: Final = 10_000_000
ROUNDS: Final = 25


def figures(rows: int = ROWS, rounds: int = ROUNDS) -> Iterator[tuple[str, Any]]:
    """The slowest, and each."""
    with (
        cluster(max_wal_size="8GB", maintenance_work_mem="512MB") as database,
        embedded_store() as url,
        Child("benchmarks.claims", url, database.port, rows, rounds) as child,
    ):
        began = time.monotonic()
        while child.ask("fill"):
            pass
        seconds = time.monotonic() - began
        found = child.ask("measure")
    by_claim = {name: statistics.median(times) for name, times in found.items()}
    detail = {
        "ms": max(by_claim.values()),
        "most_ms": max(max(times) for times in found.values()),
        "rows": rows,
        "fill_seconds": seconds,
        "by_claim_ms": by_claim,
    }
    yield from headline("claim_beside_10m_rows", detail, "ms")


# -- the process that has the rows ------------------------------------------------


def main(url: str, port: int, rows: int, rounds: int) -> None:
    """Answer ``fill`` and ``measure``."""
    set_up(url, DATABASES=postgresql(port))
    from benchmarks.claim_rows import Filled  # noqa: PLC0415 - after Django is set up

    filled = Filled(rows)
    steps = filled.fill()
    obey(
        {
            # In steps: nobody waits for an answer for ever.
            "fill": lambda: next(steps, True) is None,
            "measure": lambda: {
                name: [_seconds(claim) * 1000 for _ in range(rounds)]
                for name, claim in filled.claims().items()
            },
        }
    )


def _seconds(action: Callable[[], object]) -> float:
    began = time.perf_counter()
    action()
    return time.perf_counter() - began


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:]))
