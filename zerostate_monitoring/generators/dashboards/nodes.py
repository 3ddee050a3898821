"""Nodes: which node is it, and since when?"""

from __future__ import annotations

from typing import Final

from zerostate_monitoring.generators.dashboards.firing import states
from zerostate_monitoring.generators.dashboards.nodes_one import ONE
from zerostate_monitoring.generators.dashboards.selectors import (
    NODES_LOSE,
    NODES_SEND,
    OF_NODES,
    UP,
    so_many_of,
)
from zerostate_monitoring.generators.dashboards.values import (
    Dashboard,
    Kind,
    Limits,
    Panel,
    Row,
    Rule,
    Setting,
    Unit,
)
from zerostate_monitoring.generators.dashboards.words import (
    DATA_SOURCE,
    FILTERS,
    NODE,
    NODE_ROLE,
    SITE,
    lines,
    now,
    q,
    table,
    timeline,
    top,
)

_DOWN: Final = 'zerostate_node_up{site=~"$site", node_role=~"$node_role"} == 0'
_LOST: Final = f"sum by (node) ({NODES_LOSE})"
_ALL: Final = f"(sum by (node) ({NODES_SEND}) + {_LOST})"
_VERSION: Final = f"* on (node) group_left (version) zerostate_node_info{{{OF_NODES}}}"


def _failed_by(label: str) -> str:
    failed, sent = f"sum by ({label}) ({NODES_LOSE})", f"sum by ({label}) ({NODES_SEND})"
    return f"{failed} / ({sent} + {failed})"


_FIRST: Final = Row(
    title="",
    panels=(
        Panel(
            title="Up by role",
            kind=Kind.STAT,
            unit=Unit.RATIO,
            description="How many nodes of each role answer, of those that are to be up; red"
            " where one does not.",
            queries=(now(so_many_of("node_role"), "{{node_role}}: {{up}} of {{of}}"),),
            limits=Limits(red=1, below=True),
            width=8,
            height=6,
            rules=("NodesDownMany",),
        ),
        table(
            "Down now",
            Unit.WHEN,
            "Nodes that do not answer, why in a word, and when they last did, within two hours. A"
            " click opens the node in admin, with the whole error.",
            now(
                'zerostate_node_scrape_error{site=~"$site", node_role=~"$node_role"}'
                f" and on (node) ({_DOWN})",
                "failed",
            ),
            now(
                "max by (node) (max_over_time(timestamp(zerostate_node_up"
                '{site=~"$site", node_role=~"$node_role"} == 1)[2h:1m])) * 1000'
                f" and on (node) ({_DOWN})",
                "last up",
            ),
            width=8,
            height=6,
            by="node",
            columns=("node", "node_role", "site", "error", "last up"),
            hidden=("Time", "__name__", "job", "instance", "Value #A"),
            empty_when_well=True,
            fault="nodes",
            rules=("NodeDown", "BootnodeDown"),
        ),
        top(
            "Restarts, 24 h",
            'topk(5, sum by (node) (changes(process_start_time_seconds{node=~"$node"}[24h])))',
            "{{node}}",
            Unit.COUNT,
            "How often a node's process was started anew within a day.",
            limits=Limits(amber=Rule("NodeRestarting", "restarts")),
            width=8,
            height=6,
            rules=("NodeRestarting",),
        ),
        top(
            "Slowest scrapes",
            'topk(5, zerostate_node_scrape_duration_seconds{node=~"$node"})',
            "{{node}}",
            Unit.SECONDS,
            "How long a node takes to give its page. Red where it is near the time that it is"
            " given.",
            limits=Limits(
                amber=Setting("NODE_TIMEOUT_SECONDS", times=0.2),
                red=Setting("NODE_TIMEOUT_SECONDS", times=0.8),
            ),
            width=8,
            height=6,
        ),
        top(
            "Largest memory",
            'topk(5, process_resident_memory_bytes{node=~"$node"})',
            "{{node}}",
            Unit.BYTES,
            "Which processes hold the most memory.",
            width=8,
            height=6,
        ),
        top(
            "Series per node",
            'topk(5, zerostate_node_scrape_samples{node=~"$node"})',
            "{{node}}",
            Unit.COUNT,
            "How many samples a node's page has. One that grows without end is a label that"
            " grows without end. Red at the limit, from which on the node gives none.",
            limits=Limits(
                amber=Setting("NODE_MAX_SERIES", times=0.8), red=Setting("NODE_MAX_SERIES")
            ),
            width=8,
            height=6,
            rules=("SeriesOverflow",),
        ),
    ),
)

_STATE: Final = Row(
    title="State over time",
    panels=(
        timeline(
            "Up and down",
            Unit.UP,
            "One line per node. Where all break off at once, it is the collector that was away.",
            q(f"max by (node) (zerostate_node_up{{{OF_NODES}}})", "{{node}}"),
            words=UP,
            limits=Limits(red=1, below=True),
            width=16,
            height=10,
            rules=("CollectorIsolated",),
        ),
        states(
            "Alerts about nodes",
            "One line per alert that names a node: whether it fires, and whether it is silenced.",
            'node=~"$node", node!=""',
            width=8,
            height=10,
            fault="nodes",
        ),
        lines(
            "Health checks that fail",
            Unit.COUNT,
            "Nodes whose health path answers with an error, by check: they are up and not well.",
            q(
                f"sum by (check) (zerostate_node_healthy{{{OF_NODES}}} < bool 1)",
                "{{check}}",
            ),
            width=12,
            traces=True,
        ),
        lines(
            "Uptime by role",
            Unit.RATIO,
            "Share of the last hour in which nodes of a role answered.",
            q(
                f"avg by (node_role) (avg_over_time(zerostate_node_up{{{OF_NODES}}}[1h]))",
                "{{node_role}}",
            ),
            limits=Limits(red=Rule("AvailabilityBudgetBurn", "share", of_one=True), below=True),
            width=12,
            rules=("AvailabilityBudgetBurn",),
        ),
    ),
)


_GROUPS: Final = Row(
    title="By site and by version",
    panels=(
        lines(
            "Nodes up by site",
            Unit.COUNT,
            "What do those that are down have in common?",
            q(f"sum by (site) (zerostate_node_up{{{OF_NODES}}})", "{{site}}"),
        ),
        lines(
            "Messages that fail, by site",
            Unit.RATIO,
            "A site whose share rises alone has a network of its own that fails.",
            q(_failed_by("site"), "{{site}}"),
            limits=Limits(red=Rule("MessageFailuresHigh", "share")),
            rules=("MessageFailuresHigh",),
            traces=True,
        ),
        lines(
            "Nodes by version",
            Unit.COUNT,
            "How far a deployment has come.",
            q(f"count by (version) (zerostate_node_info{{{OF_NODES}}})", "{{version}}"),
        ),
        lines(
            "Messages that fail, by version",
            Unit.RATIO,
            "A version whose share rises alone has a fault.",
            q(
                f"sum by (version) ({_LOST} {_VERSION}) / sum by (version) ({_ALL} {_VERSION})",
                "{{version}}",
            ),
            limits=Limits(red=Rule("MessageFailuresHigh", "share")),
            traces=True,
        ),
    ),
)

DASHBOARD: Final = Dashboard(
    uid="zerostate-nodes",
    title="Nodes",
    question="Which node is it, and since when?",
    variables=(DATA_SOURCE, SITE, NODE_ROLE, NODE, FILTERS),
    rows=(_FIRST, _STATE, ONE, _GROUPS),
    layers=("p2p",),
)
