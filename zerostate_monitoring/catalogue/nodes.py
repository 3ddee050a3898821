"""What is said of each node: that it answers, how long that takes, and its own process.

On the page these carry the labels ``node`` and ``node_role`` and those that
``ZEROSTATE_MONITORING_NODE_LABELS`` names, which are no labels of the families here.
"""

from __future__ import annotations

from functools import partial
from typing import Final

from zerostate_monitoring.catalogue.definition import (
    Combine,
    Definition,
    Feed,
    Kind,
    Layer,
    Measure,
)
from zerostate_monitoring.exceptions import ERROR_KINDS

_PER_NODE: Final = "One series per node."
_GRAPH: Final = "Of the whole network, without the label node; from the nodes' peer lists."
_ORCHESTRATOR: Final = "From the orchestrator's JSON of nodes with the role api, once a minute."
_RUNTIME: Final = "From the node's own process; named by its client library."

_gauge = partial(Definition, kind=Kind.GAUGE, layer=Layer.SERVICE, feeds=(Feed.NODE,))
_counter = partial(
    Definition,
    kind=Kind.COUNTER,
    layer=Layer.SERVICE,
    feeds=(Feed.NODE,),
    measure=Measure.COUNTER,
)
_graph = partial(_gauge, layer=Layer.P2P, combine=Combine.MAX, note=_GRAPH)
_execution = partial(_gauge, layer=Layer.EXECUTION, note=_ORCHESTRATOR)
_runtime = partial(_gauge, note=_RUNTIME)

NODE_UP: Final = _gauge(
    name="zerostate_node_up",
    help="Whether the last scrape of the node gave a whole, readable page.",
    note="An ephemeral node that does not answer has no series instead of a 0. An API server "
    "whose page fails is 0, and may show health and orchestrator all the same.",
)
NODE_SCRAPE_DURATION: Final = _gauge(
    name="zerostate_node_scrape_duration_seconds",
    help="Time from connecting to the last byte of the node's page, with reading it.",
    unit="seconds",
    combine=Combine.MAX,
    note=_PER_NODE,
)
NODE_SCRAPE_SAMPLES: Final = _gauge(
    name="zerostate_node_scrape_samples",
    help="Samples on the node's page before any were left out.",
    note=_PER_NODE,
)
NODE_HEALTHY: Final = _gauge(
    name="zerostate_node_healthy",
    help="Whether the node's health path answers with success, by check.",
    labels=("check",),
    values={"check": ("live", "ready")},
    note="Absent where the node has no such path; asked for about once a minute.",
)
NODE_SCRAPE_ERROR: Final = _gauge(
    name="zerostate_node_scrape_error",
    help="Always 1, while the last scrape of a node failed; the label says in a word why.",
    labels=("error",),
    values={"error": ERROR_KINDS},
    combine=Combine.MAX,
    note="The whole error stands on the node's page in admin.",
)
NODE_INFO: Final = _gauge(
    name="zerostate_node_info",
    help="What is known of a node that answers, in labels; the value is 1.",
    labels=("version", "peer_id"),
    open_labels=True,
    combine=Combine.MAX,
    note="Carries all labels of the node's row beside these.",
)

P2P_COMPONENTS: Final = _graph(
    name="zerostate_p2p_components",
    help="Parts of the network between which no peer list names a link; 1 when it is whole.",
)
P2P_GRAPH_NODES: Final = _graph(
    name="zerostate_p2p_graph_nodes",
    help="Peers that the nodes' peer lists name, with the nodes themselves.",
)
P2P_LARGEST_COMPONENT: Final = _graph(
    name="zerostate_p2p_largest_component_ratio",
    help="Share of the network's peers that belong to its largest connected part.",
    unit="ratio",
)

ORCHESTRATOR_TASKS: Final = _counter(
    name="zerostate_orchestrator_tasks_total",
    help="Tasks that the orchestrator has finished with, by outcome.",
    layer=Layer.EXECUTION,
    labels=("outcome",),
    values={"outcome": ("succeeded", "failed", "timed_out")},
    note=_ORCHESTRATOR,
)
ORCHESTRATOR_WORKERS: Final = _execution(
    name="zerostate_orchestrator_active_workers",
    help="Workers of the orchestrator that are busy with a task.",
)
ORCHESTRATOR_DURATION: Final = _execution(
    name="zerostate_orchestrator_task_duration_mean_seconds",
    help="Mean time of a task since the orchestrator started.",
    unit="seconds",
    combine=Combine.MAX,
)
RUNTIME_AGENTS: Final = _execution(
    name="zerostate_runtime_agents",
    help="Agents in the runtime registry, by the status that they announce.",
    labels=("status",),
    unbounded=("status",),
    max_series=20,
    combine=Combine.MAX,
)

MADE_HERE: Final = (
    NODE_UP,
    NODE_SCRAPE_DURATION,
    NODE_SCRAPE_SAMPLES,
    NODE_HEALTHY,
    NODE_SCRAPE_ERROR,
    NODE_INFO,
    P2P_COMPONENTS,
    P2P_GRAPH_NODES,
    P2P_LARGEST_COMPONENT,
    ORCHESTRATOR_TASKS,
    ORCHESTRATOR_WORKERS,
    ORCHESTRATOR_DURATION,
    RUNTIME_AGENTS,
)
"""Families that the app makes of what it sees; on the page of a node they mean nothing."""

OWN_LABELS: Final = frozenset(label for definition in MADE_HERE for label in definition.labels)
"""Labels of those families, which no label of a node's row may hide."""

_PROCESS: Final = (
    _runtime(
        name="process_start_time_seconds",
        help="When the node's process started, in seconds since 1970.",
        unit="seconds",
        combine=Combine.MAX,
    ),
    _counter(
        name="process_cpu_seconds_total",
        help="Processor time that the node's process has used, user and system.",
        unit="seconds",
        note=_RUNTIME,
    ),
    _runtime(
        name="process_resident_memory_bytes",
        help="Memory of the node's process that is in RAM.",
        unit="bytes",
    ),
    _runtime(
        name="process_virtual_memory_bytes",
        help="Address space of the node's process.",
        unit="bytes",
    ),
    _runtime(name="process_open_fds", help="File descriptors that the node's process has open."),
    _runtime(
        name="process_max_fds",
        help="File descriptors that the node's process may open.",
        combine=Combine.MAX,
    ),
)

_GO: Final = (
    _runtime(name="go_goroutines", help="Goroutines that exist in the node's process."),
    _runtime(name="go_threads", help="Threads of the operating system that the node has made."),
    _runtime(
        name="go_info",
        help="Version of Go that the node was built with, as a label; the value is 1.",
        labels=("version",),
        combine=Combine.MAX,
    ),
    _runtime(
        name="go_memstats_alloc_bytes",
        help="Bytes on the node's heap that are in use.",
        unit="bytes",
    ),
    _runtime(
        name="go_memstats_heap_inuse_bytes",
        help="Bytes in spans of the node's heap that hold something.",
        unit="bytes",
    ),
    _runtime(
        name="go_memstats_sys_bytes",
        help="Bytes that the node's runtime has taken from the operating system.",
        unit="bytes",
    ),
    Definition(
        name="go_gc_duration_seconds",
        kind=Kind.SUMMARY,
        help="Pauses of the node's garbage collector.",
        layer=Layer.SERVICE,
        feeds=(Feed.NODE,),
        unit="seconds",
        measure=Measure.COUNTER,
        note=_RUNTIME,
    ),
)

DEFINITIONS: Final[tuple[Definition, ...]] = (
    *MADE_HERE,
    *_PROCESS,
    *_GO,
)
