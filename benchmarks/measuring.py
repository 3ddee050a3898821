"""How the benchmarks measure: medians of wall time, processor time, resident memory."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path


def median_ms(
    action: Callable[[], object], rounds: int, before: Callable[[int], object] = int
) -> float:
    """Median milliseconds of ``action``, with ``before(round)`` untimed in front of each."""
    times = []
    for number in range(rounds):
        before(number)
        start = time.perf_counter()
        action()
        times.append(time.perf_counter() - start)
    return statistics.median(times) * 1000


def memory_mib(pid: int | str = "self", field: str = "VmRSS") -> float:
    """Resident memory of a process in MiB; with ``VmHWM`` the most it ever was."""
    for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines():
        name, _, text = line.partition(":")
        if name == field:
            return int(text.split()[0]) / 1024
    raise OSError(f"/proc/{pid}/status has no {field}")


def headline(
    key: str, detail: Mapping[str, object], number: str = "ratio"
) -> Iterator[tuple[str, object]]:
    """The one number of a figure under ``key``, and all the others beside it."""
    yield key, detail[number]
    yield f"{key}_detail", dict(detail)
