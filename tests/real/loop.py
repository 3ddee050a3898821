"""One installation whose rules a real Prometheus evaluates, too; an Alertmanager tells of them."""

from __future__ import annotations

import json
import re
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

import psycopg

from example_project.network.nodes.server import NodeServer
from tests.processes import processes
from tests.real.alertmanager import Alertmanager, alertmanager, documented
from tests.real.network import breakable_nodes
from tests.real.prometheus import Prometheus, prometheus
from tests.real.site import Site, Web, site
from tests.servers import StoreServer, store_server, wait_until
from tests.sources.platform.cluster import ROLE, Cluster, cluster
from zerostate_monitoring.alerting.identity import fingerprint
from zerostate_monitoring.rules.shipped.outside import JOB

TOKEN: Final = "t0ken"
API_TOKEN: Final = "s3cret"
STATES: Final = ("pending", "firing", "resolved", "expired")
MODES: Final = ("embedded", "remote")
SETTINGS: Final[Mapping[str, Any]] = {
    "ZEROSTATE_MONITORING_BUILT_IN_RULES": True,
    "ZEROSTATE_MONITORING_EVALUATE": False,
    "ZEROSTATE_MONITORING_HISTORY_INTERVAL_SECONDS": 1,
    "ZEROSTATE_MONITORING_WEBHOOK_TOKEN": TOKEN,
    "ZEROSTATE_MONITORING_API_TOKEN": API_TOKEN,
}
WEBHOOK: Final = "/monitoring/api/v1/alertmanager/webhook"
EVALUATE_QUEUE: Final = "zerostate_monitoring_evaluate"
RULES: Final = """
groups:
- name: loop
  interval: 1s
  rules:
  - record: loop:nodes_up:ratio
    expr: avg(zerostate_node_up)
  - alert: LoopNodeDown
    expr: zerostate_node_up == 0
    for: 2s
    labels:
      severity: critical
      of: "{{ $labels.node_role }}s"
    annotations:
      summary: "{{ $labels.node }} says {{ $value }}"
  - alert: LoopNetworkThin
    expr: loop:nodes_up:ratio < 1
    labels: {severity: warning}
    annotations: {summary: "{{ $value | humanizePercentage }} of the nodes answer"}
"""


@dataclass(frozen=True)
class Fault:
    """A node that can be taken down, and the alerts that follow from it: by their labels."""

    node: str
    server: NodeServer
    alerts: tuple[Mapping[str, str], ...]


def fault_of(server: NodeServer, node: str, role: str) -> Fault:
    down = {"alertname": "LoopNodeDown", "severity": "critical", "of": f"{role}s"}
    thin = {"alertname": "LoopNetworkThin", "severity": "warning"}
    return Fault(node, server, ({**down, "node": node, "node_role": role}, thin))


Row = tuple[dict[str, str], str, tuple[str, ...]]
"""What stands of an alert: its labels, its state, and through which it went."""


class Rows:
    """Alerts of the fault as one installation's database has them, since this was made."""

    def __init__(self, address: str, fault: Fault) -> None:
        self._address: Final = address
        self._keys: Final = [fingerprint(labels.items()) for labels in fault.alerts]
        self._after: Final = self._ask("SELECT coalesce(max(id), 0) FROM t_alert")[0][0]

    def _ask(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        text = re.sub(r"\bt_", "zerostate_monitoring_", statement).encode()
        with psycopg.connect(self._address, autocommit=True) as connection:
            return connection.execute(text, values).fetchall()

    def found(self) -> list[Row]:
        """Each row of the alerts' fingerprints."""
        rows = self._ask(
            "SELECT a.labels, a.state, (SELECT array_agg(e.kind ORDER BY e.id) FROM t_alertevent e"
            " WHERE e.alert_id = a.id AND e.kind = ANY(%s)) FROM t_alert a"
            " WHERE a.id > %s AND a.fingerprint = ANY(%s)"
            " ORDER BY array_position(%s, a.fingerprint::text), a.id",
            *([*STATES], self._after, self._keys, self._keys),
        )
        return [(labels, state, tuple(kinds)) for labels, state, kinds in rows]

    def told(self) -> str:
        """All that stands, for whoever reads of a failure: alerts, rules and their group."""
        rules = self._ask(
            "SELECT g.name, s.last_slot_ms, s.slots_evaluated, s.claimed_until, r.name, r.enabled,"
            " h.health, h.reason FROM t_rulegroup g JOIN t_rule r ON r.group_id = g.id"
            " LEFT JOIN t_groupstate s ON s.group_id = g.id"
            " LEFT JOIN t_rulestate h ON h.rule_id = r.id WHERE g.name = 'loop'"
        )
        return "\n".join(map(str, [*self.found(), *rules]))

    def are_live(self) -> bool:
        """Whether any alert of the fingerprints has not ended, be it from before this was made."""
        return bool(
            self._ask(
                "SELECT 1 FROM t_alert a WHERE a.fingerprint = ANY(%s)"
                " AND a.state IN ('pending', 'firing')",
                self._keys,
            )
        )

    def states(self) -> list[str]:
        return [state for _, state, _ in self.found()]

    def sources(self) -> set[str]:
        """Who told of the events; an empty text where the evaluation here did."""
        rows = self._ask(
            "SELECT DISTINCT coalesce(e.detail ->> 'source', '') FROM t_alertevent e JOIN t_alert a"
            " ON a.id = e.alert_id WHERE a.id > %s AND a.fingerprint = ANY(%s)",
            *(self._after, self._keys),
        )
        return {source for (source,) in rows}


@dataclass(frozen=True)
class House:
    """All that runs."""

    server: Cluster
    store: StoreServer
    directory: Path
    web: Web
    prometheus: Prometheus
    alertmanager: Alertmanager
    fault: Fault
    rule_file: Path

    def is_whole(self) -> bool:
        """Whether Prometheus has seen that all nodes are up, and told us that all is over.

        It sees both later than we do, and whoever asks it meanwhile is told of the fault before.
        What Alertmanager has not told us yet would go on in the same rows with the next fault.
        """
        names = "|".join(labels["alertname"] for labels in self.fault.alerts)
        return (
            bool(self.prometheus.query("loop:nodes_up:ratio == 1"))
            and not self.prometheus.query(f'ALERTS{{alertname=~"{names}"}}')
            and not self.rows().are_live()
        )

    def rows(self, database: str = "project") -> Rows:
        return Rows(address_of(self.server, database), self.fault)

    @contextmanager
    def evaluating(self, mode: str) -> Iterator[Site]:
        """The same installation, with rows of its own, in which workers evaluate the rules."""
        url = self.prometheus.url if mode == "remote" else ""
        changed = {
            "ZEROSTATE_MONITORING_EVALUATE": True,
            "ZEROSTATE_MONITORING_PROMETHEUS_URL": url,
        }
        directory = self.directory / mode
        directory.mkdir()
        made = Site(
            directory,
            self.store,
            environment={"DATABASE": address_of(self.server, mode)},
            settings={**SETTINGS, **changed},
        )
        with processes(directory, made.environment) as started:
            made.processes = started
            worker = made.worker(mode, queues=EVALUATE_QUEUE, processes=1)
            try:
                yield made
            except AssertionError as error:
                error.add_note(worker.tail)
                raise


def api(web: Web, path: str) -> Any:
    """The ``data`` of an answer of our API."""
    base = web.url.removesuffix("/metrics")
    headers = {"Authorization": f"Bearer {API_TOKEN}"}
    request = urllib.request.Request(f"{base}/monitoring/api/v1/{path}", headers=headers)
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.load(answer)["data"]


def address_of(server: Cluster, database: str) -> str:
    return f"postgresql://{ROLE}:{ROLE}@127.0.0.1:{server.port}/{database}"


def _create(server: Cluster, statement: str) -> None:
    with psycopg.connect(address_of(server, "postgres"), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {statement}".encode())


@contextmanager
def house(directory: Path) -> Iterator[House]:
    """Everything, started; the page with all nodes up is in Prometheus."""
    with ExitStack() as stack:
        server = stack.enter_context(cluster())
        _create(server, "project")
        store = stack.enter_context(store_server())
        nodes, listed = stack.enter_context(breakable_nodes("full"))
        environment = {"DATABASE": address_of(server, "project")}
        made = stack.enter_context(
            site(directory, store, environment=environment, settings=SETTINGS)
        )
        rule_file = _rules(made, listed)
        for mode in MODES:
            _create(server, f"{mode} TEMPLATE project")
        web = made.web()
        made.worker()
        made.beat()
        webhook = web.url.removesuffix("/metrics") + WEBHOOK
        told = stack.enter_context(alertmanager(directory, webhook, TOKEN))
        scraper = stack.enter_context(
            prometheus(
                directory,
                {JOB: web.port},
                scrape=scrape(),
                rule_files=[str(rule_file)],
                alerting=alerting(told.port),
            )
        )
        name, (role, _) = next(iter(listed.items()))
        fault = fault_of(nodes, name, role)
        shown = partial(scraper.query, f"count(zerostate_node_up == 1) == {len(listed)}")
        wait_until(shown, 60, f"all nodes are in Prometheus\n{scraper.targets()}")
        yield House(server, store, directory, web, scraper, told, fault, rule_file)


def scrape() -> dict[str, Any]:
    """What the document adds to the job of the page, so that alerts have the page's labels."""
    (job,) = documented("scrape_configs")["scrape_configs"]
    assert job["job_name"] == JOB
    # A scrape that is late once would end all alerts: on a busy machine a second is too little.
    patience = {"scrape_interval": "3s", "scrape_timeout": "3s"}
    return {**patience, "metric_relabel_configs": job["metric_relabel_configs"]}


def alerting(port: int) -> dict[str, Any]:
    """Whom Prometheus tells, as the document has it."""
    found: dict[str, Any] = documented("alerting")["alerting"]
    found["alertmanagers"][0]["static_configs"][0]["targets"] = [f"127.0.0.1:{port}"]
    return found


def _rules(made: Site, nodes: Mapping[str, tuple[str, str]]) -> Path:
    """Register nodes and rules; the file of all rules, as it is exported."""
    lines = [f"{name},{role},{url}" for name, (role, url) in nodes.items()]
    document = made.directory / "nodes.csv"
    document.write_text("\n".join(["name,role,base_url", *lines]) + "\n")
    made.manage("monitoring_nodes", "import", str(document))
    own = made.directory / "own.yml"
    own.write_text(RULES)
    made.manage("alert_rules", "import", str(own))
    exported = made.directory / "exported.yml"
    made.manage("alert_rules", "export", "--target", "2.42", "--output", str(exported))
    return exported
