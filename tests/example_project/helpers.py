"""A network that tests move by themselves."""

from __future__ import annotations

from collections.abc import Iterable

from prometheus_client.parser import text_string_to_metric_families

from example_project.network.simulation.config import Config
from example_project.network.simulation.entities import Row
from example_project.network.simulation.network import Network

START = 1_790_000_000.0

# What the collector makes of scrapes, health paths, peer lists and the orchestrator's JSON.
COMPUTED = {
    "zerostate_node_up", "zerostate_node_scrape_duration_seconds", "zerostate_node_scrape_samples",
    "zerostate_node_healthy", "zerostate_node_scrape_error", "zerostate_node_info",
    "zerostate_p2p_components",
    "zerostate_p2p_graph_nodes", "zerostate_p2p_largest_component_ratio",
    "zerostate_orchestrator_tasks_total", "zerostate_orchestrator_active_workers",
    "zerostate_orchestrator_task_duration_mean_seconds", "zerostate_runtime_agents",
}  # fmt: skip
Tables = dict[str, dict[str, Row]]


def make(**options) -> Network:
    """A small network at ``START``."""
    return Network(Config(**{"agents": 12, "users": 5, "nodes": 8, "speed": 5.0, **options}), START)


class Story:
    """A network with all rows that it has written so far."""

    def __init__(self, network: Network) -> None:
        self.network = network
        self.tables: Tables = {}
        self._take()

    def live(self, seconds: int, *faults: str, step: float = 1.0) -> Story:
        """Live on with these faults switched on."""
        end = self.network.world.now + seconds
        while self.network.world.now < end:
            self.network.step(self.network.world.now + step, frozenset(faults))
            self._take()
        return self

    def _take(self) -> None:
        for table, rows in self.network.take_batch().items():
            self.tables.setdefault(table, {}).update({row["id"]: row for row in rows})

    def rows(self, table: str, **wanted) -> list[Row]:
        """Rows of ``table`` whose columns are as wanted."""
        found = self.tables.get(table, {}).values()
        return [row for row in found if all(row.get(k) == v for k, v in wanted.items())]

    def reads(self, name: str, **labels: str) -> float:
        """What all nodes' pages together say of a sample."""
        return sum(node.page.value(name, **labels) for node in self.network.world.nodes)


def samples(pages: Iterable[str]) -> dict[str, set[str]]:
    """Family (as in its TYPE line) to its sample names, over several pages."""
    found: dict[str, set[str]] = {}
    for page in pages:
        types = [line.split(" ")[2] for line in page.splitlines() if line.startswith("# TYPE ")]
        parsed = {s.name for f in text_string_to_metric_families(page) for s in f.samples}
        for name in types:
            # prometheus_client reads a counter without _total as if it had it.
            own = {name, f"{name}_total", f"{name}_bucket", f"{name}_sum", f"{name}_count"} & parsed
            found.setdefault(name, set()).update(own)
    return found
