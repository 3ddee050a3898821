"""One event: a record function against prometheus_client's ``labels().inc()``.

Each function is divided by the number of families that it records. The peer is the same
kind of call on an ordinary counter with two labels, as a project would write it.
"""

from __future__ import annotations

import statistics
import timeit
from collections.abc import Callable, Iterator
from typing import Final

from prometheus_client import CollectorRegistry, Counter

from benchmarks.measuring import headline
from benchmarks.servers import installation, published
from zerostate_monitoring.instrumentation import economic, execution, p2p

CALLS: Final = 50_000
ROUNDS: Final = 9

EVENTS: Final[dict[str, tuple[Callable[[], object], int]]] = {
    "p2p.message_sent": (lambda: p2p.message_sent("gossip", "gossip"), 1),
    "p2p.bytes_sent": (lambda: p2p.bytes_sent(1024, "gossip"), 1),
    "p2p.operation_took": (lambda: p2p.operation_took("send", 0.01), 1),
    "p2p.peers_connected": (lambda: p2p.peers_connected(5, "executor"), 1),
    "p2p.heartbeat_received": (lambda: p2p.heartbeat_received("12D3KooW"), 1),
    "execution.task_submitted": (execution.task_submitted, 1),
    "execution.task_ended": (lambda: execution.task_ended("compute", 1.5), 2),
    "execution.wasm_executed": (
        lambda: execution.wasm_executed(0.5, exit_code=0, memory_bytes=1e6),
        4,
    ),
    "execution.cost_charged": (lambda: execution.cost_charged(2.0, "compute", estimated=3.0), 2),
    "economic.payment_made": (lambda: economic.payment_made(5.0, 0.01), 3),
    "economic.reputation_updated": (lambda: economic.reputation_updated("12D3KooW", 0.9), 1),
    "economic.channel_operation_ended": (lambda: economic.channel_operation_ended("open"), 1),
}
"""Events of all layers and types, each with how many families it records."""


def figures(calls: int = CALLS) -> Iterator[tuple[str, object]]:
    """The ratio, and the nanoseconds of each event."""
    peer = Counter("bench_total", "Bench.", ["kind", "protocol"], registry=CollectorRegistry())
    with installation(), published():
        yield from _figures(peer, calls)


def _figures(peer: Counter, calls: int) -> Iterator[tuple[str, object]]:
    peer_ns = nanoseconds(lambda: peer.labels("gossip", "gossip").inc(), calls)
    by_name = {name: nanoseconds(event, calls) for name, (event, _) in EVENTS.items()}
    per_family = {name: by_name[name] / EVENTS[name][1] for name in EVENTS}
    ratios = {name: peer_ns / ns for name, ns in per_family.items()}
    detail = {"ratio": statistics.median(ratios.values()), "peer_ns": peer_ns, "by_event": ratios}
    yield from headline("record_ratio", detail)
    detail = {"ns": statistics.median(per_family.values()), "by_event": by_name}
    yield from headline("record_ns", detail, "ns")


def nanoseconds(call: Callable[[], object], calls: int) -> float:
    """Median nanoseconds of one call."""
    call()
    times = timeit.repeat(call, number=calls, repeat=ROUNDS)
    return statistics.median(times) / calls * 1e9
