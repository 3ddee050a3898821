"""Faults beyond rows and nodes: the example's view, its collector, its rule, the database."""

from __future__ import annotations

import io
import time

import pytest
from django.core.management import call_command
from django.db import connections

from example_project.network import collectors as example
from example_project.network import failing
from example_project.network.management.commands.network import Command
from example_project.network.runner import Runner
from example_project.network.simulation.config import Config
from example_project.network.switches import switches
from example_project.network.views import SLOW_SECONDS
from tests.alerting.evaluation.harness import Installation, labels_of
from tests.example_project.helpers import START
from tests.sources.platform.cluster import cluster
from tests.sources.platform.fixtures import alias
from zerostate_monitoring.collectors import COLLECTORS, collector
from zerostate_monitoring.collectors.runner import run
from zerostate_monitoring.models import Collector, Rule, RuleGroup
from zerostate_monitoring.models.words import Health

# Importing registers it; no other test is to find it.
COLLECTORS.discard("example")

pytestmark = pytest.mark.django_db(databases=["default", "platform"])

AGENTS = "/api/agents"


@pytest.fixture(autouse=True)
def data(tmp_path, monkeypatch, settings):
    """A data directory of one's own, and the example's addresses."""
    monkeypatch.setenv("DATA", str(tmp_path))
    settings.ROOT_URLCONF = "example_project.urls"
    return tmp_path


def network(*words):
    call_command(Command(), *words, stdout=io.StringIO())


def timed(client):
    start = time.monotonic()
    status = client.get(AGENTS).status_code
    return status, time.monotonic() - start


@pytest.fixture
def agents(platform_tables, client):
    """Ask the example's view; status and seconds."""
    return lambda: timed(client)


@pytest.fixture
def platform_tables(db):
    """The one table that the view reads."""
    with connections["platform"].cursor() as cursor:
        cursor.execute("CREATE TABLE agents (status text)")
    yield
    with connections["platform"].cursor() as cursor:
        cursor.execute("DROP TABLE agents")


def test_api__answers_500_until_mended(agents):
    """Everybody gets an error, at once."""
    assert agents()[0] == 200
    network("break", "api")
    status, seconds = agents()
    assert (status, seconds < SLOW_SECONDS) == (500, True)
    network("mend", "api")
    assert agents()[0] == 200


def test_api_slow__takes_its_time_until_mended(agents):
    """Answers are right, and late."""
    network("break", "api-slow")
    status, seconds = agents()
    assert (status, seconds >= SLOW_SECONDS) == (200, True)
    network("mend", "api-slow")
    status, seconds = agents()
    assert (status, seconds < SLOW_SECONDS) == (200, True)


@pytest.fixture
def own_collector():
    """The example's collector, registered as long as the test runs."""
    collector("example", interval=15)(example.example)
    yield
    COLLECTORS.discard("example")


def page(client):
    return b"".join(client.get("/metrics")).decode()


def test_collector__fails_in_every_run_until_mended(own_collector, store, client):
    """Its row and the page say so; what it gave before grows old."""
    assert run("example", store=store).ok
    network("break", "collector")
    for _ in range(2):
        assert not run("example", store=store, forced=True).ok
    row = Collector.objects.get(name="example")
    assert (row.failures_in_a_row, "'collector' is on" in row.last_error) == (2, True)
    errors = 'zerostate_monitoring_collector_errors_total{collector="example",kind="error"} 2'
    assert errors in page(client)
    assert "example_faults 0" in page(client)
    network("mend", "collector")
    assert run("example", store=store, forced=True).ok
    assert Collector.objects.get(name="example").failures_in_a_row == 0


def test_rule__ends_in_an_error_until_mended(monkeypatch):
    """It passes every check, and no evaluation; mended, it is gone without a trace."""
    installation = Installation(monkeypatch)
    up = {labels_of("zerostate_node_up", node=node): 1.0 for node in ("a", "b")}
    failing.FailingRule().begin()
    rule = Rule.objects.get(name=failing.NAME)
    rule.full_clean()
    for _ in range(3):
        installation.step(up)
    rule.state.refresh_from_db()
    assert (rule.state.health, "match the group" in rule.state.reason) == (Health.ERROR, True), (
        rule.state.reason
    )

    # By another process than the one that made it, as after a crash.
    failing.FailingRule().end()
    assert not RuleGroup.objects.filter(name=failing.GROUP).exists()


def test_rule__is_there_as_long_as_its_switch_is_on():
    """The running network makes it once, and takes it away with the switch, and at its end."""
    runner = Runner(Config(agents=2, users=1, nodes=1), switches(), START)
    mine = Rule.objects.filter(name=failing.NAME)
    try:
        runner.start()
        network("break", "rule")
        for second in (1, 2):
            runner.step(START + second)
        assert mine.count() == 1
        network("mend", "rule")
        runner.step(START + 3)
        assert not mine.exists()
        network("break", "rule")
        runner.step(START + 4)
    finally:
        runner.close()
    assert not mine.exists()


@pytest.fixture
def postgresql_platform(monkeypatch, settings, db):
    """The alias *platform* on a PostgreSQL of one's own."""
    before = connections["platform"]
    with cluster() as server:
        alias(monkeypatch, **server.alias())
        connections["platform"] = connections.create_connection("platform")
        settings.ZEROSTATE_MONITORING_PLATFORM_DATABASE = "platform"
        yield
        connections["platform"].close()
        connections["platform"] = before


@pytest.mark.real
def test_platform__on_postgresql_figures_grow_old_until_mended(postgresql_platform, store, client):
    """Nobody reads the tables; what stood on the page stays, and afterwards no row is missing."""
    runner = Runner(Config(agents=12, users=5, nodes=2, speed=5.0), switches(), START)
    try:
        runner.start()
        assert run("economic", store=store).ok
        before = escrows(client)
        network("break", "platform")
        for second in range(1, 20):
            runner.step(START + second)
        outcome = run("economic", store=store, forced=True)
        assert (outcome.ok, Collector.objects.get(name="economic").last_error_kind) == (
            False,
            "missing",
        )
        assert escrows(client) == before != []
        assert client.get(AGENTS).status_code == 503
        network("mend", "platform")
        runner.step(START + 20)
        assert run("economic", store=store, forced=True).ok
        assert sum(escrows(client)) > sum(before)
    finally:
        runner.close()


def escrows(client):
    """How many there are by status, as the page says."""
    lines = page(client).splitlines()
    return [float(line.split()[-1]) for line in lines if line.startswith("zerostate_escrows{")]
