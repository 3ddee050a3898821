"""Nodes: one of them, with all that is known of it."""

from __future__ import annotations

from typing import Final

from zerostate_monitoring.generators.dashboards.selectors import (
    NODES_LOSE,
    NODES_SEND,
    OF_NODES,
)
from zerostate_monitoring.generators.dashboards.values import (
    Colour,
    Limits,
    Row,
    Rule,
    Unit,
)
from zerostate_monitoring.generators.dashboards.words import (
    lines,
    now,
    q,
    table,
    timeline,
)

ONE: Final = Row(
    title="One node: $node",
    repeat="node",
    panels=(
        lines(
            "Processor",
            Unit.CORES,
            "How many cores the node's process uses.",
            q(f"sum by (node) (rate(process_cpu_seconds_total{{{OF_NODES}}}[5m]))", "{{node}}"),
        ),
        lines(
            "Memory",
            Unit.BYTES,
            "What the process holds in RAM, and what of that is the Go heap in use.",
            q(f"sum by (node) (process_resident_memory_bytes{{{OF_NODES}}})", "{{node}} resident"),
            q(f"sum by (node) (go_memstats_alloc_bytes{{{OF_NODES}}})", "{{node}} heap"),
            q(f"sum by (node) (go_memstats_sys_bytes{{{OF_NODES}}})", "{{node}} of the system"),
        ),
        lines(
            "Goroutines and threads",
            Unit.COUNT,
            "Goroutines that only grow are a leak.",
            q(f"sum by (node) (go_goroutines{{{OF_NODES}}})", "{{node}} goroutines"),
            q(f"sum by (node) (go_threads{{{OF_NODES}}})", "{{node}} threads"),
        ),
        lines(
            "Garbage collection",
            Unit.SECONDS,
            "How long the collector of the Go runtime stops the process, at the mean.",
            q(
                f"sum by (node) (rate(go_gc_duration_seconds_sum{{{OF_NODES}}}[5m]))"
                f" / sum by (node) (rate(go_gc_duration_seconds_count{{{OF_NODES}}}[5m]))",
                "{{node}}",
            ),
        ),
        lines(
            "File descriptors in use",
            Unit.RATIO,
            "Of those that the process may open. At 1 it takes no connection any more.",
            q(
                f"max by (node) (process_open_fds{{{OF_NODES}}} / process_max_fds{{{OF_NODES}}})",
                "{{node}}",
            ),
            limits=Limits(amber=0.8, red=0.95),
        ),
        lines(
            "Peers",
            Unit.PEERS,
            "Peers that each node is linked with, as its host counts them.",
            q(f"sum by (node) (zerostate_peer_connections{{{OF_NODES}}})", "{{node}}"),
            limits=Limits(amber=Rule("PeersLow", "peers"), below=True),
            to="zerostate-p2p",
            rules=("PeersLow", "NodeIsolated"),
        ),
        lines(
            "Messages",
            Unit.MESSAGES_PER_SECOND,
            "What each node sends, and what of it fails.",
            q(f"sum by (node) ({NODES_SEND})", "{{node}} sent"),
            q(f"sum by (node) ({NODES_LOSE})", "{{node}} failed", Colour.RED),
            to="zerostate-p2p",
            traces=True,
        ),
        lines(
            "Age of the process",
            Unit.SECONDS,
            "Since its last start. Teeth of a saw are a crash loop.",
            q(f"time() - max by (node) (process_start_time_seconds{{{OF_NODES}}})", "{{node}}"),
            rules=("NodeRestarting",),
        ),
        timeline(
            "Health",
            Unit.UP,
            "What its own health paths say: live, and ready to work.",
            q(f"max by (node, check) (zerostate_node_healthy{{{OF_NODES}}})", "{{node}} {{check}}"),
            words={"1": "well", "0": "fails"},
            limits=Limits(red=1, below=True),
        ),
        table(
            "Who it is",
            Unit.COUNT,
            "Version and peer id of each node that answers. A click opens the node in admin.",
            now(f"zerostate_node_info{{{OF_NODES}}}", "info"),
            hidden=("Time", "__name__", "job", "instance", "Value"),
        ),
    ),
)
