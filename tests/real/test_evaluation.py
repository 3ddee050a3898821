"""Beats, workers and a store are killed: that costs slots, and never a transition.

Two beats and four workers on PostgreSQL, one of each on SQLite.
"""

from __future__ import annotations

import itertools
import re
import signal
import sqlite3
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any, Final

import psycopg
import pytest

from tests.processes import Process
from tests.real.site import Site, site
from tests.real.waves import WAVES, Wave
from tests.servers import StoreServer, store_server, wait_until
from tests.sources.platform.cluster import ROLE, cluster
from zerostate_monitoring.alerting.evaluation.asking import answer_of
from zerostate_monitoring.alerting.identity import Surroundings, present
from zerostate_monitoring.alerting.states import Hold, Live, advance, bridge
from zerostate_monitoring.promql.engine import Engine
from zerostate_monitoring.promql.memory import MemoryStorage
from zerostate_monitoring.promql.query import parse
from zerostate_monitoring.rules.definitions import AlertingRule

pytestmark = pytest.mark.real

SLOTS: Final = {"postgresql": 210, "sqlite": 60}
"""Of all groups together: evaluated, or counted as missed."""
SECONDS: Final = 600
"""Nobody waits longer, however slow the machine is; it takes a fifth of it."""
VICTIMS: Final = ("all workers in the middle", "worker", "store", "beat", "worker")
WORKERS: Final = {"postgresql": 4, "sqlite": 1}
BEATS: Final = {"postgresql": 2, "sqlite": 1}
QUEUES: Final = "zerostate_monitoring,zerostate_monitoring_evaluate"
SETTINGS: Final = {
    "ZEROSTATE_MONITORING_HISTORY_INTERVAL_SECONDS": 1,
    "ZEROSTATE_MONITORING_REDIS_TIMEOUT_SECONDS": 1,
    "CELERY_BROKER_TRANSPORT_OPTIONS": {"socket_timeout": 5, "socket_connect_timeout": 5},
}

Row = tuple[Any, ...]
Told = tuple[int, str, str]
"""A transition: its slot, the alert's key, what happened."""


@dataclass
class Running:
    """The processes of one kind, each of which starts again when it was killed."""

    starts: list[Callable[[], Process]]
    processes: list[Process]

    def kill_one(self, random: Random) -> None:
        """Kill one of them without a chance to tidy up, and start it again."""
        place = random.randrange(len(self.processes))
        self.processes[place].kill()
        self.processes[place] = self.starts[place]()

    def kill_all(self) -> None:
        """Kill them at once, and start them again."""
        for process in self.processes:
            process.signal(signal.SIGKILL)
        for process in self.processes:
            process.kill()
        self.processes = [start() for start in self.starts]


def running(starts: Sequence[Callable[[], Process]]) -> Running:
    return Running(list(starts), [start() for start in starts])


class Database:
    """What the processes have written."""

    def __init__(self, ask: Callable[[str, Sequence[object]], list[Row]]) -> None:
        self._ask = ask

    def rows(self, statement: str, *values: object) -> list[Row]:
        """The answer to a statement in which ``t_`` begins the names of our tables."""
        return self._ask(re.sub(r"\bt_", "zerostate_monitoring_", statement), values)

    def slots(self, group: str) -> list[tuple[int, int]]:
        """Evaluated slots with what was missed before each, in their order."""
        return [
            (slot, missed)
            for slot, missed in self.rows(
                "SELECT e.slot_ms, e.missed_before FROM t_evaluation e JOIN t_rulegroup g"
                " ON g.id = e.group_id WHERE g.name = %s ORDER BY e.slot_ms",
                group,
            )
        ]

    def counted(self, group: str) -> tuple[int, int]:
        """How many slots were evaluated, and counted as missed."""
        ((evaluated, missed),) = self.rows(
            "SELECT s.slots_evaluated, s.slots_missed FROM t_groupstate s JOIN t_rulegroup g"
            " ON g.id = s.group_id WHERE g.name = %s",
            group,
        )
        return int(evaluated), int(missed)

    def evaluated(self) -> int:
        """How many slots of all groups were evaluated."""
        return self._sum("slots_evaluated")

    def passed(self) -> int:
        """How many slots of all groups were evaluated or counted as missed."""
        return self._sum("slots_evaluated + slots_missed")

    def is_claimed(self) -> bool:
        """Whether a group is being evaluated now."""
        now = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S")
        return bool(self.rows("SELECT 1 FROM t_groupstate WHERE claimed_until > %s", now))

    def broken_off(self) -> int:
        """How many claims came to nothing."""
        return self._sum("token - slots_evaluated")

    def is_left(self) -> bool:
        """Whether PostgreSQL has no session but this: those of the killed may still commit."""
        return not self.rows(
            "SELECT 1 FROM pg_stat_activity"
            " WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
        )

    def _sum(self, column: str) -> int:
        return int(self.rows(f"SELECT coalesce(sum({column}), 0) FROM t_groupstate")[0][0])

    def told(self, rule: str) -> list[Told]:
        return [
            (slot, key, kind)
            for slot, key, kind in self.rows(
                "SELECT e.slot_ms, a.fingerprint, e.kind FROM t_alertevent e JOIN t_alert a"
                " ON a.id = e.alert_id WHERE a.rule_name = %s AND e.slot_ms IS NOT NULL"
                " ORDER BY e.slot_ms, a.fingerprint, e.id",
                rule,
            )
        ]

    def live(self, rule: str) -> list[tuple[str, str]]:
        return [
            (key, state)
            for key, state in self.rows(
                "SELECT fingerprint, state FROM t_alert WHERE rule_name = %s"
                " AND state IN ('pending', 'firing') ORDER BY fingerprint",
                rule,
            )
        ]


@pytest.fixture
def store() -> Iterator[StoreServer]:
    """A store, and the broker beside it."""
    with store_server() as server:
        yield server


@pytest.fixture(params=["postgresql", "sqlite"])
def kind(request: pytest.FixtureRequest) -> str:
    """Which database the project has."""
    return str(request.param)


@pytest.fixture
def made(kind: str, store: StoreServer, tmp_path: Path) -> Iterator[tuple[Site, Database]]:
    """A site with the rules of ``waves``."""
    opened = _postgresql() if kind == "postgresql" else _sqlite(tmp_path)
    with opened as (environment, database), store_server() as broker:
        options = {"environment": environment, "settings": SETTINGS, "broker": broker}
        with site(tmp_path, store, **options) as made:
            made.run([sys.executable, "-m", "tests.real.waves"])
            yield made, database


@contextmanager
def _postgresql() -> Iterator[tuple[dict[str, str], Database]]:
    with cluster() as server:
        address = f"postgresql://{ROLE}:{ROLE}@127.0.0.1:{server.port}/postgres"
        with psycopg.connect(address, autocommit=True) as connection:
            yield (
                {"DATABASE": address},
                Database(lambda text, values: connection.execute(text.encode(), values).fetchall()),
            )


@contextmanager
def _sqlite(directory: Path) -> Iterator[tuple[dict[str, str], Database]]:
    def ask(text: str, values: Sequence[object]) -> list[Row]:
        with closing(sqlite3.connect(directory / "project.sqlite3", timeout=20)) as database:
            return database.execute(text.replace("%s", "?"), values).fetchall()

    yield {}, Database(ask)


def replayed(wave: Wave, slots: Sequence[int]) -> tuple[list[Told], dict[str, Live]]:
    """What the state machine makes of the slots that were evaluated."""
    rule = AlertingRule(alert=wave.name, expr=wave.expr)
    hold = Hold(wave.for_seconds * 1000, wave.keep_seconds * 1000)
    engine, query = Engine(MemoryStorage(())), parse(wave.expr)
    live: dict[str, Live] = {}
    told: list[Told] = []
    last = 0
    for slot in slots:
        answer = answer_of(engine.instant(query, slot))
        before = bridge(live, slot, last, wave.seconds * 1000)
        after = advance(before.live, present(rule, answer.samples, Surroundings(slot)), hold, slot)
        changes = [*before.changes, *after.changes]
        told += sorted(
            ((slot, one.live.key, str(one.kind)) for one in changes), key=lambda one: one[:2]
        )
        live, last = after.live, slot
    return told, live


def test_killed__workers_beats_and_store_lose_no_transition(
    kind: str, made: tuple[Site, Database], store: StoreServer
) -> None:
    """Each slot is evaluated once or counted as missed; each transition has its event and entry.

    What the rows say is what the state machine makes of the slots that were evaluated: nothing
    of a killed worker's slot stands, and nothing of a written one is missing.
    """
    running_site, database = made
    beats = running(
        [lambda n=n: running_site.beat(f"beat{n}") for n in range(BEATS[kind])]  # type: ignore[misc]
    )
    workers = running(
        [
            lambda n=n: running_site.worker(f"worker{n}", queues=QUEUES, processes=1)  # type: ignore[misc]
            for n in range(WORKERS[kind])
        ]
    )
    kills = killed(kind, database, store, beats, workers)
    for process in (*beats.processes, *workers.processes):
        process.kill()
    if kind == "postgresql":
        wait_until(database.is_left, 60, "what was asked by the killed is done")
    check(database, kills)


def killed(
    kind: str, database: Database, store: StoreServer, beats: Running, workers: Running
) -> dict[str, int]:
    """Kill one after the other until enough has happened; who was killed how often."""
    random, until = Random(20), time.monotonic() + SECONDS
    kills = dict.fromkeys(VICTIMS, 0)
    wait_until(lambda: database.evaluated() > 3, 120, "rules are evaluated")
    while not (is_enough(kind, database) and all(kills.values())):
        assert time.monotonic() < until, workers.processes[0].tail
        # All of them in their turn, and then by chance.
        victim = next((one for one, n in kills.items() if not n), None) or random.choice(VICTIMS)
        kills[victim] += 1
        if victim.startswith("all"):
            wait_until(database.is_claimed, 60, "a group is evaluated")
            workers.kill_all()
        elif victim == "store":
            store.stop()
            time.sleep(random.choice((0.1, 1, 4)))
            store.start()
        else:
            (workers if victim == "worker" else beats).kill_one(random)
        seen = database.evaluated()
        wait_until(lambda: database.evaluated() > seen, 120, "rules are evaluated again")  # noqa: B023 - it is waited for at once
        time.sleep(random.uniform(0.2, 2))
    return kills


def is_enough(kind: str, database: Database) -> bool:
    """Whether so many slots have passed, and of these so many were evaluated."""
    return (
        database.passed() >= SLOTS[kind]
        and database.evaluated() >= SLOTS[kind] // 4
        and database.broken_off() > 0
    )


def check(database: Database, kills: dict[str, int]) -> None:
    """All that is written is what it must be."""
    counted = {}
    for name in {wave.group for wave in WAVES}:
        slots = database.slots(name)
        width = next(wave.seconds for wave in WAVES if wave.group == name) * 1000
        for (before, _), (slot, missed) in itertools.pairwise(slots):
            assert slot - before == (missed + 1) * width, (name, slot)
        counted[name] = (len(slots), sum(missed for _, missed in slots))
        assert database.counted(name) == counted[name]
        for wave in (wave for wave in WAVES if wave.group == name):
            told, live = replayed(wave, [slot for slot, _ in slots])
            assert database.told(wave.name) == told, wave
            states = sorted((key, one.state.value) for key, one in live.items())
            assert database.live(wave.name) == states, wave
    check_entries(database)
    events = database.rows("SELECT count(*) FROM t_alertevent WHERE slot_ms IS NOT NULL")[0][0]
    entries = database.rows("SELECT count(*) FROM t_outboxentry")[0][0]
    sys.stdout.write(
        f"evaluated and missed: {counted}; killed: {kills}; {events} transitions, {entries} "
        f"outbox entries; {database.broken_off()} claims came to nothing\n"
    )


def check_entries(database: Database) -> None:
    """Each transition that is told has an entry, and no other has."""
    unanswered = database.rows(
        "SELECT e.id FROM t_alertevent e WHERE e.kind IN ('firing', 'resolved')"
        " AND NOT EXISTS (SELECT 1 FROM t_outboxentry o WHERE o.event_id = e.id)"
    )
    assert unanswered == []
    strangers = database.rows(
        "SELECT o.id FROM t_outboxentry o JOIN t_alertevent e ON e.id = o.event_id"
        " WHERE e.kind NOT IN ('firing', 'resolved', 'expired')"
    )
    assert strangers == []
