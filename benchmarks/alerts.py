"""A tick of a thousand alerting rules over 10,000 series, its rows on PostgreSQL counted.

``alerts_1000_rules`` is the median of the seconds from a new column to the last row: claims,
rules and alerts read, history brought up to date, expressions, templates, the state machine,
rows (alerts, events, outbox), and the series that are recorded. The rules are those of
``expressions.promql`` in twenty groups, with ``for``, labels and annotations, and the built-in
ones beside them; with each column a twentieth of the series moves.
Beside it stands Prometheus's own figure for the same rules on the same samples, which writes
no transition anywhere.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from benchmarks.children import Child
from benchmarks.measuring import headline
from benchmarks.network_series import Network, expressions, monotonic
from benchmarks.promql import rules_in_prometheus
from benchmarks.servers import embedded_store
from tests.sources.platform.cluster import cluster
from zerostate_monitoring.promql.data import NAME, Floats

SIZE: Final = 10_000
COLUMNS: Final = 48
ROUNDS: Final = 9
RULES: Final = 1000
MOVES: Final = 0.07


def figures(
    size: int = SIZE, rules: int = RULES, rounds: int = ROUNDS
) -> Iterator[tuple[str, Any]]:
    """The figure with its parts, and the ratio."""
    ours = ticks(size, rules, rounds)
    network = Moving(size)
    samples = network.samples(COLUMNS)
    wanted = [
        {"alert": f"Rule{number:04d}", "expr": text, **prometheus_fields(number)}
        for number, text in enumerate(expressions()[:rules])
    ]
    theirs = rules_in_prometheus(network, samples, rounds, wanted)
    yield from headline(
        "alerts_1000_rules",
        {**ours, "prometheus_seconds": theirs["ms"] / 1000, "prometheus_alerts": theirs["answers"]},
        "seconds",
    )
    yield "alerts_1000_rules_ratio", theirs["ms"] / 1000 / ours["seconds"]


def prometheus_fields(number: int) -> dict[str, Any]:
    """What a rule says beside its expression, as in a rule file."""
    return {
        "for": "30s" if number % 2 else "0s",
        "labels": {"severity": "warning", "layer": "p2p"},
        "annotations": {"summary": "{{ $labels.node }} is at {{ $value | humanize }}."},
    }


def ticks(size: int, rules: int, rounds: int) -> dict[str, Any]:
    """Median seconds of a tick, and what there was to do; in a process of its own."""
    with (
        cluster(fsync="on") as database,
        embedded_store() as url,
        Child("benchmarks.alert_ticks", url, database.port, size, rules, rounds) as child,
    ):
        child.ask("set up")
        first = child.ask("tick")
        found = [child.ask("tick") for _ in range(rounds)]
    seconds = [one["seconds"] for one in found]
    return {
        "seconds": statistics.median(seconds),
        "slowest_seconds": max(seconds),
        "first_seconds": first["seconds"],
        **{
            key: statistics.median(one[key] for one in found)
            for key in ("live", "events", "entries")
        },
        "changing": statistics.median(one["events"] / one["live"] for one in found),
        "queries": found[-1]["queries"],
    }


@dataclass(frozen=True)
class Moving(Network):
    """A network of which a twentieth moves with each column; the rest goes on as it did."""

    def samples(self, columns: int) -> Floats:
        """Values of all series (columns, series); counters and buckets grow."""
        names = [dict(labels)[NAME] for labels in self.series()]
        random = np.random.default_rng(7)
        levels = random.integers(0, 9, (columns, len(names))).astype(np.float64)
        stays = random.random((columns, len(names))) >= MOVES
        for row in range(1, columns):
            levels[row, stays[row]] = levels[row - 1, stays[row]]
        counts = np.array([not name.startswith("zerostate_bench_gauge") for name in names])
        grown = np.cumsum(levels * 15, axis=0) + random.integers(0, 10**6, len(names))
        return np.where(counts, monotonic(grown, names), 50 + levels * 5)
