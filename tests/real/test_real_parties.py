"""The whole way with real parties: what the platform's database says stands in Prometheus."""

from __future__ import annotations

import re
import time
import urllib.request
import uuid
from collections.abc import Iterator
from typing import Final

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.real.hostile import SHOWN, VALUES, same
from tests.real.parties import STORES, Parties
from tests.real.parties import parties as started
from tests.real.prometheus import complaints
from tests.servers import wait_until
from tests.sources.platform.cluster import Cluster, cluster

pytestmark = pytest.mark.real

EXCEPTIONS: Final = {
    "zerostate_metrics_registered_total": "a gauge of the seed, which must keep its name",
}
"""All that promtool may complain of, and why it stays."""

# An expression that gives one series for each first column of a statement of this test's own.
BY_LABEL: Final = {
    'sum by (status) (zerostate_tasks_total{status!="submitted"}) > 0': (
        "SELECT status, count(*) FROM tasks WHERE status IN ('completed', 'failed') GROUP BY 1"
    ),
    "sum by (status) (zerostate_escrows) > 0": "SELECT status, count(*) FROM escrows GROUP BY 1",
    "sum by (status) (zerostate_escrow_units) > 0": (
        "SELECT status, sum(amount) FROM escrows GROUP BY 1"
    ),
    "sum by (state) (zerostate_payment_channels) > 0": (
        "SELECT state, count(*) FROM payment_channels GROUP BY 1"
    ),
    "sum by (status) (zerostate_agents) > 0": "SELECT status, count(*) FROM agents GROUP BY 1",
    "sum by (status) (zerostate_auctions) > 0": "SELECT status, count(*) FROM auctions GROUP BY 1",
    "sum by (status) (zerostate_disputes) > 0": "SELECT status, count(*) FROM disputes GROUP BY 1",
    "sum by (operation) (zerostate_channel_transactions_total) > 0": (
        "SELECT CASE transaction_type WHEN 'settlement' THEN 'settle' ELSE transaction_type END,"
        " count(*) FROM channel_transactions GROUP BY 1"
    ),
    # Another test adds events of the kind that is left out.
    'sum by (event) (zerostate_reputation_events_total{event!="quality_feedback"}) > 0': (
        "SELECT event_type, count(*) FROM reputation_events"
        " WHERE event_type <> 'quality_feedback' GROUP BY 1"
    ),
}
PLAIN: Final = {
    'zerostate_tasks_total{status="submitted"}': "SELECT count(*) FROM tasks",
    "zerostate_auction_bids": "SELECT count(*) FROM bids",
    "zerostate_agent_capacity": (
        "SELECT sum(max_capacity) FROM agents WHERE status IN ('online', 'busy')"
    ),
    "zerostate_escrow_amount_locked": (
        "SELECT coalesce(sum(amount), 0) FROM escrows WHERE status IN ('funded', 'disputed')"
    ),
    "zerostate_economic_total_value_locked": """
        SELECT (SELECT coalesce(sum(current_balance + escrowed_amount + pending_refund), 0)
                FROM payment_channels WHERE state NOT IN ('closed', 'settled'))
             + (SELECT coalesce(sum(e.amount), 0) FROM escrows e
                LEFT JOIN payment_channels c ON c.task_id = e.task_id AND c.escrowed_amount > 0
                    AND c.state NOT IN ('closed', 'settled')
                WHERE e.status IN ('funded', 'disputed') AND c.id IS NULL)""",
    "zerostate_reputation_median_score": (
        "SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY overall_score) FROM reputation_scores"
    ),
}


@pytest.fixture(scope="module")
def postgresql() -> Iterator[Cluster]:
    """One PostgreSQL; each environment has databases of its own on it."""
    with cluster() as server:
        yield server


@pytest.fixture(scope="module", params=sorted(STORES))
def parties(
    request: pytest.FixtureRequest, postgresql: Cluster, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Parties]:
    """PostgreSQL, a store, worker, beat, web, nodes and Prometheus, all of them real."""
    directory = tmp_path_factory.mktemp(request.param)
    with started(request.param, postgresql, directory) as made:
        yield made


def test_targets__are_all_up(parties):
    """Prometheus can read the whole page, and every node answers us."""

    def read() -> list[tuple[str, str]]:
        return [(t["health"], t["lastError"]) for t in parties.prometheus.targets()]

    def up() -> dict[str, float]:
        found = parties.prometheus.query("zerostate_node_up")
        return {labels["node"]: value for labels, value in found}

    # On a busy machine one answer may be late; the next one is not.
    wait_until(lambda: read() == [("up", "")], what="the page is read")
    wait_until(lambda: up() == dict.fromkeys(parties.nodes, 1.0), what="all nodes answer")
    assert parties.number("zerostate_monitoring_store_up") == 1
    sources = parties.prometheus.query("zerostate_monitoring_source_up")
    assert {labels["source"]: value for labels, value in sources} == {"platform": 1, "nodes": 1}
    assert not parties.prometheus.query("zerostate_monitoring_collector_errors_total > 0")


@pytest.mark.parametrize("expression", BY_LABEL)
def test_values_by_label__equal_the_database(parties, expression):
    """Each state has as many rows in Prometheus as a query of one's own counts."""
    expected = {label: float(value) for label, value in parties.sql(BY_LABEL[expression])}
    assert expected

    def shown() -> dict[str, float]:
        found = parties.prometheus.query(expression)
        return {next(iter(labels.values())): value for labels, value in found}

    wait_until(lambda: shown() == pytest.approx(expected), what=f"{shown()} is {expected}")


@pytest.mark.parametrize("expression", PLAIN)
def test_values__equal_the_database(parties, expression):
    """Figures over whole tables are those of a query of one's own."""
    ((expected,),) = parties.sql(PLAIN[expression])
    wait_until(
        lambda: parties.number(expression) == pytest.approx(float(expected)),
        what=f"{parties.number(expression)} is {expected}",
    )


def test_values__follow_the_database(parties):
    """A new escrow of 12.5 units is in Prometheus within a few intervals."""
    locked = 'zerostate_escrow_units{status="funded"}'
    before = parties.number(locked)
    key = str(uuid.uuid4())
    try:
        parties.sql(
            "INSERT INTO escrows (id, task_id, payer_id, payee_id, amount, status,"
            " created_at, updated_at) VALUES (%s, %s, 'a', 'b', 12.5, 'funded', now(), now())",
            *(key, key),
        )
        expected = pytest.approx(before + 12.5)
        wait_until(lambda: parties.number(locked) == expected, what="the escrow is in Prometheus")
    finally:
        parties.sql("DELETE FROM escrows WHERE id = %s", key)


def test_counters__do_not_fall_when_rows_are_purged(parties):
    """Events that the platform deletes stay counted, and Prometheus sees no reset."""
    events = 'zerostate_reputation_events_total{event="quality_feedback"}'
    before = parties.number(events)
    insert = (
        "INSERT INTO reputation_events (id, agent_did, event_type, score_delta, created_at)"
        " SELECT gen_random_uuid(), 'purged', 'quality_feedback', 0, now()"
        " FROM generate_series(1, %s)"
    )
    parties.sql(insert, 5)
    wait_until(lambda: parties.number(events) == before + 5, what="5 more events")
    parties.sql("DELETE FROM reputation_events WHERE agent_did = 'purged'")
    _wait_for_a_run(parties, "economic")
    assert parties.number(events) == before + 5
    # Later events show that the others were purged, and not just unseen; those of that
    # one look may go uncounted, all after it count.
    parties.sql(insert, 2)
    _wait_for_a_run(parties, "economic")
    found = parties.number(events)
    assert before + 5 <= found <= before + 7
    parties.sql(insert, 3)
    wait_until(lambda: parties.number(events) == found + 3, what="3 more events")
    assert parties.number(f"resets({events}[5m])") == 0


def _wait_for_a_run(parties: Parties, name: str) -> None:
    """Wait until Prometheus has what a run gave that begins from now on."""
    family = "zerostate_monitoring_collector_last_success_timestamp_seconds"
    now = time.time()
    newer = f'{family}{{collector="{name}"}} > {now}'
    wait_until(lambda: parties.prometheus.query(newer), what=f"another run of {name}")


def test_nodes__allowed_families_stand_with_the_nodes_labels(parties):
    """Families of the nodes are the nodes' own values, told apart by node, role and site."""
    ((labels, value),) = parties.prometheus.query("prometheus_build_info")
    shown = {name: labels[name] for name in ("node", "node_role", "site")}
    assert (shown, value) == ({"node": "prometheus", "node_role": "relay", "site": "lab"}, 1)
    assert labels["version"].startswith("2.")
    ((labels, value),) = parties.prometheus.query("node_boot_time_seconds")
    assert (labels["node"], labels["node_role"]) == ("exporter", "edge")
    with urllib.request.urlopen(f"{parties.exporter}/metrics", timeout=10) as answer:
        own = {f.name: f.samples for f in text_string_to_metric_families(answer.read().decode())}
    assert value == own["node_boot_time_seconds"][0].value
    assert not parties.prometheus.query("node_cpu_seconds_total")


def test_nodes__zerostate_families_are_there(parties):
    """What ZeroState nodes expose stands beside, under each node's name."""
    found = parties.prometheus.query("zerostate_gossip_peers")
    assert {labels["node"] for labels, _ in found} == parties.nodes - {"exporter", "prometheus"}


def test_page__promtool_accepts_it(parties):
    """promtool complains of the listed exceptions, of each of them, and of nothing else."""
    lines = complaints(parties.web.text())
    assert {line.split()[0] for line in lines} == EXCEPTIONS.keys(), lines


def test_page__has_no_name_with_a_colon(parties):
    """Names with colons belong to recording rules: a collector that yields one is refused."""
    page = parties.web.text()
    names = set(re.findall(r"^(?:# (?:TYPE|HELP) )?([^\s{#]+)", page, re.MULTILINE))
    assert {name for name in names if ":" in name} == set()
    assert "hostile_text" in names


def test_hostile_texts__are_read_back_by_prometheus(parties):
    """Label values of every kind come out of a real Prometheus as a collector gave them."""
    found = parties.prometheus.query("hostile_text")
    assert {labels["k"]: labels["v"] for labels, _ in found} == SHOWN


def test_hostile_values__are_read_back_by_prometheus(parties):
    """NaN, infinities, -0 and the ends of float64 come out as a collector gave them."""
    found = {labels["k"]: value for labels, value in parties.prometheus.query("hostile_value")}
    assert found.keys() == VALUES.keys()
    assert [name for name, value in VALUES.items() if not same(found[name], value)] == []


def test_doctor__finds_no_error(parties):
    """With everything up the doctor ends without an error, and has looked at all of it."""
    findings = parties.site.manage("monitoring_doctor")
    queues = ("evaluation worker", "delivery worker")
    for word in ("collector economic", "nodes", "worker", "beat", *queues):
        assert word in findings
