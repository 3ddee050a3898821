from __future__ import annotations

import itertools
import threading
from datetime import datetime
from functools import partial

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import DatabaseError, connections
from django.db.backends.sqlite3.base import DatabaseWrapper

from example_project.network import tables
from example_project.network.faults import FAULTS, Acts
from example_project.network.management.commands.network import Command
from example_project.network.runner import Runner
from example_project.network.schema import TABLES
from example_project.network.simulation.config import Config
from example_project.network.switches import switches
from tests.example_project.helpers import START
from zerostate_monitoring.models import Node

pytestmark = pytest.mark.django_db(databases=["default", "platform"])


@pytest.fixture(autouse=True)
def data(tmp_path, monkeypatch):
    """A data directory of one's own."""
    monkeypatch.setenv("DATA", str(tmp_path))
    return tmp_path


@pytest.fixture
def platform(tmp_path, db):
    """The alias *platform* on a file of its own."""
    before = connections["platform"]
    values = {**before.settings_dict, "NAME": str(tmp_path / "platform.sqlite3")}
    connections["platform"] = DatabaseWrapper(values, "platform")
    yield connections["platform"]
    connections["platform"].close()
    connections["platform"] = before


@pytest.fixture
def runner(platform, db):
    """A small running network."""
    runner = Runner(Config(agents=12, users=5, nodes=8, speed=5.0), switches(), START)
    runner.start()
    yield runner
    runner.close()


def network(*words, capsys=None):
    call_command(Command(), *words)
    return capsys.readouterr().out if capsys else ""


def count(connection, table):
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {table}")
        return cursor.fetchone()[0]


def test_runner__tables_and_nodes(runner, platform):
    """After the start the tables hold the history, and each node has a row with its address."""
    assert count(platform, "tasks") > 100
    assert count(platform, "agents") == 12
    nodes = {node.name: node for node in Node.objects.all()}
    assert set(nodes) == {node.name for node in runner.network.world.nodes}
    assert nodes["edge-1"].base_url == runner.server.url("edge-1")
    assert nodes["api-1"].token == runner.token
    for node in nodes.values():
        node.full_clean()


def test_runner__rows_equal_the_simulation(runner, platform):
    """What the tables hold is what the network holds, money and times included."""
    for second in range(1, 30):
        runner.step(START + second)
    with platform.cursor() as cursor:
        cursor.execute("SELECT id, balance, updated_at FROM accounts")
        found = {row[0]: (round(float(row[1]), 4), row[2]) for row in cursor.fetchall()}
    for agent in runner.network.world.agents:
        balance, updated = found[agent.account["id"]]
        assert balance == float(agent.account["balance"])
        assert datetime.fromisoformat(f"{updated}+00:00") == agent.account["updated_at"]


def test_runner__registers_once(runner):
    """Registering again changes nothing, and rows that an operator made stay."""
    Node.objects.create(name="mine", base_url="http://mine.example:8080")
    before = set(Node.objects.values_list("pk", "name"))
    runner.register_nodes()
    assert set(Node.objects.values_list("pk", "name")) == before


def test_runner__switches(runner):
    """A switch that another process sets acts with the next step, and stops with its end."""
    network("break", "bootnode")
    runner.step(START + 1)
    assert not runner.server.is_up("bootnode-1")
    network("mend", "bootnode")
    runner.step(START + 2)
    assert runner.server.is_up("bootnode-1")


def test_runner__platform_outage(runner, platform):
    """While *platform* is on nobody reads the database; afterwards no row is missing."""
    before = count(platform, "tasks")
    network("break", "platform")
    for second in range(1, 20):
        runner.step(START + second)
    with pytest.raises(DatabaseError):
        count(platform, "tasks")
    platform.close()
    network("mend", "--all")
    runner.step(START + 20)
    assert count(platform, "tasks") > before + 20


def test_runner__outage_survived_by_its_file(runner, platform):
    """A network that was killed in an outage finds its tables again when it is run anew."""
    network("break", "platform")
    runner.step(START + 1)
    network("mend", "platform")
    again = Runner(Config(agents=12, users=5, nodes=2), switches(), START + 60)
    try:
        again.start()
        assert count(platform, "agents") == 12
    finally:
        again.close()


def test_runner__same_addresses_are_not_needed(platform, db):
    """A run ends after its steps, or at once when it is told to."""
    runner = Runner(Config(agents=4, users=2, nodes=2), switches(), START)
    runner.start()
    try:
        runner.run(threading.Event(), 1, lambda: START + 5)
        assert runner.network.world.now == START + 1
        stop = threading.Event()
        stop.set()
        runner.run(stop, None, lambda: START + 9)
        assert runner.network.world.now == START + 1
    finally:
        runner.close()


@pytest.mark.parametrize("start", [START, START + 12_345])
def test_runner__a_run_is_repeated_whenever_it_is_made(platform, db, start):
    """Equal seeds and equal numbers of steps give equal rows, however late each step comes."""
    told = []
    for late, begin in ((0.0, START), (0.83, start)):
        runner = Runner(Config(agents=6, users=3, nodes=2, seed=5), switches(), begin)
        runner.start()
        times = (begin + second * 1.07 + late for second in itertools.count(1))
        try:
            runner.run(threading.Event(), 40, partial(next, times))
            ids = "SELECT id, status FROM tasks ORDER BY id"
            told.append((runner.network.world.now - begin, rows(platform, ids)))
        finally:
            runner.close()
    assert told[0] == told[1]


def rows(connection, query):
    with connection.cursor() as cursor:
        cursor.execute(query)
        return cursor.fetchall()


def test_tables__foreign(platform):
    """Tables that the example did not make are never dropped."""
    with platform.cursor() as cursor:
        cursor.execute("CREATE TABLE users (id text)")
    with pytest.raises(tables.ForeignTablesError):
        tables.recreate(platform)
    assert "users" in platform.introspection.table_names()


def test_tables__recreate(platform):
    """Recreating empties the tables, and makes them where there are none."""
    tables.recreate(platform)
    tables.recreate(platform)
    assert set(TABLES) <= set(platform.introspection.table_names())
    assert count(platform, "tasks") == 0


def test_break__unknown():
    """A fault that does not exist is refused, with a hint where the names are."""
    with pytest.raises(CommandError, match="network list"):
        network("break", "nothing")


@pytest.mark.parametrize("name", [f.name for f in FAULTS if f.acts is Acts.DEMO])
def test_break__needs_a_demo(name):
    """A fault that stops a process of the demo says so where no demo runs."""
    with pytest.raises(CommandError, match="make demo"):
        network("break", name)
    assert switches().broken() == frozenset()


def test_break_and_mend__told(capsys):
    """What is broken is told with its time, and forgotten when it is mended."""
    network("break", "tasks", capsys=capsys)
    network("break", "payments", capsys=capsys)
    told = network("status", capsys=capsys)
    assert "payments" in told
    assert "tasks" in told
    network("mend", "tasks", capsys=capsys)
    assert "tasks" not in network("status", capsys=capsys).split()
    network("mend", "--all", capsys=capsys)
    assert "Nothing" in network("status", capsys=capsys)


def test_break_and_mend__several_at_once(capsys):
    """Each is told; one that is named twice is broken once; others stay broken."""
    told = network("break", "tasks", "payments", "tasks", "platform", capsys=capsys)
    assert told.count("Broken: tasks.") == told.count("Broken: payments.") == 1
    assert switches().broken() == {"tasks", "payments", "platform"}
    network("mend", "tasks", "platform")
    assert switches().broken() == {"payments"}


@pytest.mark.parametrize("wrong", ["nothing", next(f.name for f in FAULTS if f.acts is Acts.DEMO)])
def test_break__one_that_is_refused_leaves_all_as_they_were(wrong):
    """A name that is none, or one that wants a demo: the other is not broken, either."""
    with pytest.raises(CommandError):
        network("break", "tasks", wrong)
    assert switches().broken() == frozenset()


def test_mend__names_one():
    """Mend wants a name or --all."""
    with pytest.raises(CommandError, match="--all"):
        network("mend")


def test_list__all_faults(capsys):
    """Every fault is listed with one line; those that need more say so."""
    lines = network("list", capsys=capsys).splitlines()
    assert len(lines) == len(FAULTS)
    assert sum("a running demo" in line for line in lines) == 4


def test_run__refuses_nonsense():
    """A network without nodes is refused with a readable error."""
    with pytest.raises(CommandError, match="at least 1"):
        network("run", "--nodes", "0")
