"""Under which names the store keeps what there is of nodes.

Notes are left for each node. ``node``: how its last scrape ended, and what the next
one needs to know, whichever worker makes it. ``node_peers``: its peer list, which is
asked for less often and may be long. ``node_wanted``: since when it waits for its first
scrape.
"""

from __future__ import annotations

from typing import Final

NOTE: Final = "node"
PEERS_NOTE: Final = "node_peers"
WANTED_NOTE: Final = "node_wanted"


def producer(name: str) -> str:
    """The name under which a node's frame stands in the store."""
    return f"node:{name}"
