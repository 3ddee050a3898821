"""The living network as a page that is written down again and again, much faster than it lives.

What nodes and the platform's tables say goes through the app's own statements; of the way over
HTTP and the store nothing is here, that has tests of its own.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace

from example_project.network import tables
from example_project.network.simulation.network import Network
from zerostate_monitoring.alerting.identity import Surroundings, present
from zerostate_monitoring.alerting.states import Hold, Live, advance
from zerostate_monitoring.alerting.unit_testing.table import Table
from zerostate_monitoring.catalogue import CATALOGUE
from zerostate_monitoring.catalogue.definition import Reading
from zerostate_monitoring.collectors import economic, execution
from zerostate_monitoring.collectors.graph import components
from zerostate_monitoring.collectors.platform import items
from zerostate_monitoring.frames.exemplar import Labels
from zerostate_monitoring.models.words import AlertState
from zerostate_monitoring.promql.data import NAME, Sample, Vector
from zerostate_monitoring.promql.engine import Engine
from zerostate_monitoring.promql.query import parse
from zerostate_monitoring.rules.lint import metrics_of
from zerostate_monitoring.rules.shipped import GROUPS, applied
from zerostate_monitoring.sources.platform import ECONOMIC, EXECUTION, read
from zerostate_monitoring.sources.platform import reading as platform_reading

FIVE_MINUTES = 300
RECORDED = {rule.name: rule.expr for rule in GROUPS[0].rules}
CANONICAL = {alias: d.name for d in CATALOGUE for alias in (d.name, *d.aliases)}


class Film:
    """One network, one rule."""

    def __init__(self, network: Network, connection, rule, monkeypatch) -> None:
        self.world = network.world
        self.network = network
        self.rule = applied(rule).rule()
        self.table = Table()
        self.engine = Engine(self.table)
        self.live: dict[str, Live] = {}
        self._connection = connection
        self._recorded_slot = self.world.now // FIVE_MINUTES
        self._recorded = {name for name in metrics_of(self.rule.expr) if name in RECORDED}
        exprs = [self.rule.expr, *(RECORDED[name] for name in self._recorded)]
        self._wanted: set[str] = {
            name.removesuffix("_bucket").removesuffix("_count")
            for expr in exprs
            for name in metrics_of(expr)
        }
        self._platform_feeds = [
            (statements, ratios)
            for statements, ratios in ((ECONOMIC, economic.RATIOS), (EXECUTION, execution.RATIOS))
            if any(f"zerostate_{f.family}" in self._wanted for s in statements for f in s.figures)
        ]
        tables.recreate(connection)
        self._let_it_be(monkeypatch)

    def _let_it_be(self, monkeypatch) -> None:
        """Let the network's time be the database's."""
        look_up = platform_reading.look_up

        def looked_up(opened, statements):
            found, dialect = look_up(opened, statements)
            return found, replace(dialect, now=self.world.now)  # type: ignore[type-var]

        monkeypatch.setattr(platform_reading, "look_up", looked_up)

    # -- time ----------------------------------------------------------------------

    @property
    def firing(self) -> list[Live]:
        """What fires now."""
        return [one for one in self.live.values() if one.state is AlertState.FIRING]

    def run(self, seconds: int, *faults: str, step: int = 30, until=None) -> bool:
        """Live on; true as soon as ``until`` is."""
        end = self.world.now + seconds
        while self.world.now < end:
            self.network.step(self.world.now + step, frozenset(faults))
            self._write_down()
            self._evaluate()
            if until is not None and until():
                return True
        return until is None

    def _write_down(self) -> None:
        batch = self.network.take_batch()
        if self._platform_feeds:
            tables.write(self._connection, batch)
        at_ms = round(self.world.now * 1000)
        page = {}
        for labels, value in self._page():
            page.setdefault(labels, value)
        self.table.write("page", at_ms, page.items())
        slot = self.world.now // FIVE_MINUTES
        if slot > self._recorded_slot:
            self._recorded_slot = slot
            for name in self._recorded:
                found = self._ask(RECORDED[name])
                self.table.write(name, at_ms, [(((NAME, name),), one.value) for one in found])

    def _evaluate(self) -> None:
        at_ms = round(self.world.now * 1000)
        hold = Hold(
            round(self.rule.for_.total_seconds() * 1000),
            round(self.rule.keep_firing_for.total_seconds() * 1000),
        )
        found = present(self.rule, self._ask(self.rule.expr), Surroundings(at_ms))
        self.live = advance(self.live, found, hold, at_ms).live

    def _ask(self, expr: str) -> tuple[Sample, ...]:
        answer = self.engine.instant(parse(expr), round(self.world.now * 1000)).value
        assert isinstance(answer, Vector)
        return answer.samples

    # -- the page --------------------------------------------------------------------

    def _page(self) -> Iterator[tuple[Labels, float]]:
        """The platform's families first: what it feeds is not taken from nodes."""
        fed = set()
        for family, labels, value in self._platform():
            fed.add(family)
            if family in self._wanted:
                yield labels, value
        for node in self.world.nodes:
            own = {"node": node.name, "node_role": node.role, "site": node.site}
            yield series("zerostate_node_up", own), float(node.up)
            if node.up:
                yield from self._of_node(node.page, own, fed)
        yield from self._graph()

    def _of_node(self, page, own: dict[str, str], fed: set[str]) -> Iterator[tuple[Labels, float]]:
        for name, family in page._families.items():
            canonical = CANONICAL.get(name, name)
            if canonical not in self._wanted or canonical in fed:
                continue
            names = [label for label, _ in family.labels]
            for key, found in page._series[name].items():
                labels = {**dict(zip(names, key, strict=True)), **own}
                yield from _samples(canonical, family, labels, found)

    def _platform(self) -> Iterator[tuple[str, Labels, float]]:
        for statements, ratios in self._platform_feeds:
            for item in items(read(statements, self._connection.alias, 20), ratios):
                if isinstance(item, Reading):
                    name = item.definition.name
                    pairs = dict(zip(item.definition.labels, item.labels, strict=True))
                    yield name, series(name, pairs), item.value

    def _graph(self) -> Iterator[tuple[Labels, float]]:
        lists = {
            node.peer_id: [peer.peer_id for peer in node.peers]
            for node in self.world.nodes
            if node.up
        }
        if lists:
            sizes = components(lists)
            yield series("zerostate_p2p_graph_nodes", {}), float(sum(sizes))
            yield series("zerostate_p2p_largest_component_ratio", {}), sizes[0] / sum(sizes)


def series(name: str, labels: dict[str, str]) -> Labels:
    """A label set as the engine has them."""
    return tuple(sorted({**labels, NAME: name}.items()))


def _samples(name, family, labels, found) -> Iterator[tuple[Labels, float]]:
    if family.type != "histogram":
        yield series(name, labels), found.value
        return
    total = 0
    for bound, count in zip((*family.buckets, math.inf), (*found.counts, 0), strict=True):
        total = found.count if bound == math.inf else total + count
        le = "+Inf" if bound == math.inf else repr(bound)
        yield series(f"{name}_bucket", {**labels, "le": le}), float(total)
    yield series(f"{name}_count", labels), float(found.count)
