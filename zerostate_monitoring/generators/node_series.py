"""What this app says of nodes that it scrapes, as rules for a Prometheus that scrapes them."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from zerostate_monitoring.catalogue.nodes import (
    NODE_SCRAPE_DURATION,
    NODE_SCRAPE_SAMPLES,
    NODE_UP,
)
from zerostate_monitoring.rules.definitions import Group, RecordingRule

NODES_JOB: Final = "zerostate-nodes"
"""``job`` of all nodes in a Prometheus, whichever credentials they want."""
EPHEMERAL: Final = "zerostate_ephemeral"
"""Label of targets that may leave; it stands on ``up`` and its like, never on a node's series."""

_ALL: Final = f'job="{NODES_JOB}"'
_LASTING: Final = f'{_ALL}, {EPHEMERAL}=""'
_OWN: Final = ("job", "instance", EPHEMERAL)
_MADE_OF: Final = (
    (NODE_UP.name, "up"),
    (NODE_SCRAPE_DURATION.name, "scrape_duration_seconds"),
    (NODE_SCRAPE_SAMPLES.name, "scrape_samples_scraped"),
)

RECORDED: Final = frozenset(name for name, _ in _MADE_OF)
"""What a Prometheus that scrapes the nodes says in place of this app."""


def node_group(interval_seconds: float) -> Group:
    """Names of ours for what Prometheus says of its targets.

    An ephemeral node that does not answer has no series, as on our page.
    """
    return Group(
        name="zerostate-nodes",
        interval=timedelta(seconds=interval_seconds),
        rules=tuple(RecordingRule(record=name, expr=_expr(of)) for name, of in _MADE_OF),
    )


def _expr(name: str) -> str:
    answering = f"up{{{_ALL}}} == 1"
    shown = answering if name == "up" else f"{name}{{{_ALL}}} and on (instance) ({answering})"
    return f"max without ({', '.join(_OWN)}) ({name}{{{_LASTING}}} or {shown})"
