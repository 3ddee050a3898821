"""The page of a large network: 1,000 nodes of 200 series, 50 families that all share.

Nodes of one kind expose the same series, so that one schema serves them all; each stands
on the page under its own constant labels. No peer has this shape; the figures are times.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np

from benchmarks.measuring import median_ms
from benchmarks.series import Client, write_frames
from benchmarks.servers import installation
from zerostate_monitoring.frames.exemplar import Labels
from zerostate_monitoring.frames.frame import Frame
from zerostate_monitoring.frames.schema import FamilySchema, SampleKey, Schema
from zerostate_monitoring.storage.store import current_store

NODES: Final = 1_000
FAMILIES: Final = 50
STATES: Final = ("idle", "busy", "draining", "closed", "failed")
ROUNDS: Final = 11


def figures(nodes: int = NODES) -> Iterator[tuple[str, object]]:
    """Milliseconds of a scrape, by what changed since the scrape before."""
    with installation():
        yield "scrape_network_1000", measure(nodes)


def measure(nodes: int) -> dict[str, float]:
    """Scrape the page of ``nodes`` nodes."""
    client, every, one = Client(), range(nodes), range(1)
    write(every)
    first = median_ms(client.scrape, 1)
    return {
        "first_ms": first,
        "all_changed_ms": median_ms(client.scrape, ROUNDS, lambda _: write(every)),
        "one_changed_ms": median_ms(client.scrape, ROUNDS, lambda _: write(one)),
        # A node that has met a new peer has new series, so lines must be put in order anew.
        "one_with_other_series_ms": median_ms(
            client.scrape, ROUNDS, lambda number: write(one, 5 - number % 2)
        ),
        "unchanged_ms": median_ms(client.scrape, ROUNDS),
        "page_mib": sum(map(len, client.scrape())) / 2**20,
    }


def write(nodes: Sequence[int], states: int = 4) -> None:
    """Write new values of ``nodes``, with ``states`` series in each family."""
    keys = tuple(SampleKey("", (("state", state),)) for state in STATES[:states])
    schema = Schema(
        FamilySchema(f"zerostate_network_{number:02d}", "gauge", "Bench.", "", keys)
        for number in range(FAMILIES)
    )
    random, at = np.random.default_rng(), time.time()
    frames = {
        f"node:{node}": Frame(schema, random.random(schema.size), at, _labels(node))
        for node in nodes
    }
    write_frames(current_store(), frames)


def _labels(node: int) -> Labels:
    return (("node", f"node-{node:04d}"), ("node_role", "edge"), ("site", f"site-{node % 7}"))
