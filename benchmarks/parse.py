"""Reading a node's page: the second scrape of the same target, against prometheus_client."""

from __future__ import annotations

import gc
import random
import time
from collections.abc import Callable, Iterator
from statistics import median
from typing import Any, Final

import numpy as np
from prometheus_client.parser import text_string_to_metric_families

from benchmarks.measuring import headline
from zerostate_monitoring.frames.families import frame_of
from zerostate_monitoring.frames.frame import Frame
from zerostate_monitoring.sources.nodes.parse import PageParser

SERIES: Final = 100_000
FAMILIES: Final = 1_000
RUNS: Final = 5


def mixed(random_: random.Random) -> str:
    """One value of the mix: whole, fractional, large and Unix times, tiny and special."""
    place = random_.random() * 12
    if place < 4:
        return str(random_.randrange(10**6))
    if place < 8:
        return repr(random_.random() * 100)
    if place < 11:
        return repr(random_.choice((1.7e9 + random_.random() * 1e6, random_.uniform(1e6, 1e12))))
    return random_.choice((repr(random_.random() * 1e-9), "NaN", "+Inf", "-Inf"))


def page(series: int, families: int, seed: int) -> bytes:
    """A page of gauges with two labels; pages of one size differ by their values alone."""
    random_ = random.Random(seed)
    lines = []
    for family in range(families):
        name = f"zerostate_measure_{family}"
        lines.append(f"# HELP {name} What family {family} measures.\n# TYPE {name} gauge\n")
        lines.extend(
            f'{name}{{peer="peer-{i:04d}",role="edge"}} {mixed(random_)}\n'
            for i in range(series // families)
        )
    return "".join(lines).encode()


def timed(function: Callable[[], Any], runs: int = RUNS) -> tuple[float, Any]:
    """Median seconds of ``runs`` calls, and the last result."""
    seconds = []
    result = None
    for _ in range(runs):
        gc.collect()
        began = time.perf_counter()
        result = function()
        seconds.append(time.perf_counter() - began)
    return median(seconds), result


def run(series: int, families: int) -> dict[str, float]:
    """Milliseconds of both, whose results are asserted to be equal."""
    first, second = page(series, families, 1), page(series, families, 2)
    parser = PageParser()

    def ours(body: bytes) -> Frame:
        return parser.parse("n", body, openmetrics=False, at=0.0, max_series=2 * series).frame

    cold, _ = timed(lambda: ours(first), 1)
    warm, frame = timed(lambda: ours(second), 3 * RUNS)
    peer, read = timed(lambda: list(text_string_to_metric_families(second.decode())))
    expected = frame_of(read, 0.0)
    if frame.schema != expected.schema:
        raise AssertionError("the families differ")
    if not np.array_equal(frame.values, expected.values, equal_nan=True):
        raise AssertionError("the values differ")
    return {
        "ratio": round(peer / warm, 1),
        "ours_ms": round(warm * 1000, 1),
        "peer_ms": round(peer * 1000, 1),
        "first_scrape_ms": round(cold * 1000, 1),
        "page_mib": round(len(second) / 2**20, 1),
    }


def figures(series: int = SERIES, families: int = FAMILIES) -> Iterator[tuple[str, object]]:
    """What ``python -m benchmarks`` collects."""
    yield from headline("parse_100k", run(series, families))
