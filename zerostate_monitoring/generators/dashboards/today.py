"""What nodes of the network's first version expose, and which panels wait for later ones."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from zerostate_monitoring.catalogue import CATALOGUE
from zerostate_monitoring.catalogue.definition import Feed
from zerostate_monitoring.generators.dashboards.known import RECORDED
from zerostate_monitoring.generators.dashboards.panels import Placed, placed, resolved
from zerostate_monitoring.generators.dashboards.values import Dashboard, Query, Source
from zerostate_monitoring.rules.lint import metrics_of

_RUNTIME: Final = (
    *("go_gc_duration_seconds", "go_goroutines", "go_info", "go_memstats_alloc_bytes"),
    *("go_memstats_heap_inuse_bytes", "go_memstats_sys_bytes", "go_threads"),
    *("process_cpu_seconds_total", "process_max_fds", "process_open_fds"),
    *("process_resident_memory_bytes", "process_start_time_seconds"),
    "process_virtual_memory_bytes",
)
_EXPOSED: Final = (
    *("agent_card_publish_total", "dht_lookup_duration_seconds", "dht_lookups_total"),
    *("gossip_message_latency_seconds", "gossip_messages_published_total"),
    *("gossip_messages_received_total", "gossip_peers", "gossip_validation_failures_total"),
    *("peer_connections", "protocol_features_enabled", "protocol_negotiations_total"),
    *("protocol_version_mismatches_total", "relay_bytes_transferred_total", "relay_connections"),
    *("relay_connections_accepted_total", "relay_connections_rejected_total"),
    *("relay_reservations", "route_latency_seconds", "routing_decisions_total"),
    *("routing_q_value", "search_index_size", "search_latency_seconds"),
)
_COMPUTED: Final = (
    *("node_up", "node_scrape_duration_seconds", "node_scrape_samples", "node_healthy"),
    "node_scrape_error",
    *("node_info", "p2p_components", "p2p_graph_nodes", "p2p_largest_component_ratio"),
    *("orchestrator_tasks_total", "orchestrator_active_workers"),
    *("orchestrator_task_duration_mean_seconds", "runtime_agents"),
)
"""From scrapes, health paths, peer lists and the orchestrator's JSON, not from pages."""

TODAY: Final = frozenset((*_RUNTIME, *(f"zerostate_{name}" for name in (*_EXPOSED, *_COMPUTED))))
"""Families that there are with today's nodes."""


def awaited(query: Query, dashboard: Dashboard) -> list[str]:
    """Families of a query that only later nodes, or the project's own code, can give."""
    if query.source is not Source.PROMETHEUS:
        return []
    found = (CATALOGUE.find(name) for name in _read(resolved(query, dashboard)))
    return sorted(
        {
            one.name
            for one in found
            if one is not None
            and Feed.NODE in one.feeds
            and Feed.PLATFORM not in one.feeds
            and one.name not in TODAY
        }
    )


def _read(expr: str) -> Iterator[str]:
    """Metrics that an expression reads, those behind recorded series, too."""
    for name in metrics_of(expr):
        yield from metrics_of(RECORDED[name]) if name in RECORDED else (name,)


def waiting() -> Iterator[tuple[Placed, list[str]]]:
    """Panels that have such families in them, with these."""
    for one in placed():
        families = sorted({name for q in one.panel.queries for name in awaited(q, one.dashboard)})
        if families:
            yield one, families
