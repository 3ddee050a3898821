"""What the doctor makes of what it is told: pure judgements."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from example_project.network.schema import TABLES
from zerostate_monitoring.collectors.signals import Worker, Workforce, workers_requested
from zerostate_monitoring.doctor.collection import ADVICE, judge_collector, judge_nodes
from zerostate_monitoring.doctor.finding import Level
from zerostate_monitoring.doctor.history import judge_history
from zerostate_monitoring.doctor.project import _platform_advice, judge_rights, judge_tables
from zerostate_monitoring.doctor.queue import (
    examine_worker,
    judge_backlog,
    judge_beat,
    judge_pools,
    judge_workers,
)
from zerostate_monitoring.doctor.server import (
    judge_clock,
    judge_eviction,
    judge_memory,
    judge_speed,
)
from zerostate_monitoring.exceptions import ERROR_KINDS, SourceError
from zerostate_monitoring.models import Collector
from zerostate_monitoring.sources.platform.dialects import Postgresql
from zerostate_monitoring.sources.platform.reading import lacks
from zerostate_monitoring.sources.platform.statements import ECONOMIC, EXECUTION
from zerostate_monitoring.sources.platform.tables import Tables
from zerostate_monitoring.storage.head import Head
from zerostate_monitoring.storage.server import ServerInfo

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


def info(**fields):
    given = {
        "product": "Valkey",
        "version": "9.1",
        "clock": 0.0,
        "used_memory": 10,
        "max_memory": 0,
        "eviction_policy": "noeviction",
        **fields,
    }
    return ServerInfo(**given)


@pytest.mark.parametrize(
    ("policy", "level"),
    [("noeviction", Level.OK), ("allkeys-lru", Level.WARNING), (None, Level.UNKNOWN)],
)
def test_eviction(policy, level):
    """Only noeviction is safe; a server that does not tell is unknown, not fine."""
    assert judge_eviction(info(eviction_policy=policy)).level is level


@pytest.mark.parametrize(
    ("used", "most", "level"),
    [
        (10, 0, Level.OK),
        (10, 100, Level.OK),
        (95, 100, Level.WARNING),
        (None, None, Level.UNKNOWN),
    ],
)
def test_memory(used, most, level):
    """A store that nears its limit is a warning before it is full."""
    assert judge_memory(info(used_memory=used, max_memory=most)).level is level


@pytest.mark.parametrize(
    ("skew", "level"), [(0.5, Level.OK), (-5, Level.WARNING), (5, Level.WARNING)]
)
def test_clock(skew, level):
    """Clocks that disagree by seconds make ages wrong."""
    assert judge_clock(1000 + skew, 1000).level is level


def test_speed():
    """An answer that takes most of the timeout will miss it some day."""
    assert judge_speed(info(), 0.01, 1.0).level is Level.OK
    assert judge_speed(info(), 0.7, 1.0).level is Level.WARNING


@pytest.mark.parametrize(
    ("last", "level"), [(None, Level.ERROR), (995, Level.OK), (900, Level.ERROR), (1001, Level.OK)]
)
def test_beat(last, level):
    """Beat is alive if its last tick is fresh."""
    finding = judge_beat(last, 1000, "q")

    assert finding.level is level
    assert (level is Level.OK) or "beat_schedule()" in finding.advice


@pytest.mark.parametrize("last", [1005, 90_000])
def test_beat__a_tick_of_the_future_is_a_wrong_clock(last):
    """A worker whose clock runs ahead would hide that beat is dead."""
    finding = judge_beat(last, 1000, "q")

    assert finding.level is Level.WARNING
    assert f"{last - 1000} s ahead" in finding.message
    assert "NTP" in finding.advice


@pytest.mark.parametrize(
    ("pools", "level", "words"),
    [
        (["prefork", "prefork"], Level.OK, "prefork"),
        (["prefork", "thread"], Level.WARNING, "w1 (thread)"),
        (["solo", "gevent"], Level.WARNING, "w0 (solo), w1 (gevent)"),
        (["prefork", ""], Level.UNKNOWN, "does not tell"),
    ],
)
def test_pools(pools, level, words):
    """Only prefork can end a run that hangs; what else is used is named, with what to do."""
    workers = {f"w{n}": Worker(("q",), pool) for n, pool in enumerate(pools)}

    (finding,) = judge_pools({**workers, "other": Worker(("celery",), "thread")}, "q")

    assert (finding.level, "other" in finding.message) == (level, False)
    assert words in finding.message
    assert (level is Level.OK) or "--pool prefork -Q q" in finding.advice


def test_pools__nobody_on_the_queue_has_none():
    """That is told of the worker, not of its pool."""
    assert list(judge_pools({"w1": Worker(("celery",), "thread")}, "q")) == []


@pytest.mark.parametrize(
    ("waiting", "level"),
    [(0, Level.OK), (100, Level.OK), (101, Level.WARNING), (None, Level.UNKNOWN)],
)
def test_backlog(waiting, level):
    """How many messages wait is shown; many are a warning, with what to do."""
    finding = judge_backlog(waiting, "q")

    assert finding.level is level
    assert waiting is None or f"{waiting} messages wait in q" in finding.message
    assert level is not Level.WARNING or "purge -Q q" in finding.advice


@pytest.mark.parametrize(
    ("workers", "problem", "level"),
    [
        ({"w1": Worker(("celery", "q"))}, "", Level.OK),
        ({"w1": Worker(("celery",))}, "", Level.ERROR),
        ({}, "", Level.WARNING),
        ({}, "refused", Level.ERROR),
    ],
)
def test_workers(workers, problem, level):
    """A worker helps only if it takes our queue."""
    assert judge_workers(workers, "q", problem).level is level


def answering(monkeypatch, *queues):
    """The findings where one worker takes these queues."""
    answer = Workforce({"w1@host": Worker(queues, "prefork")}, 0)
    monkeypatch.setattr(workers_requested, "send_robust", lambda **asked: [(None, answer)])
    return {finding.name: finding for finding in examine_worker()}


@pytest.mark.parametrize(
    ("name", "queue"),
    [
        ("evaluation worker", "zerostate_monitoring_evaluate"),
        ("delivery worker", "zerostate_monitoring_deliver"),
    ],
)
def test_workers__the_queues_of_alerts_are_taken(monkeypatch, settings, name, queue):
    """A queue that nobody takes is an error, with the command; not where others evaluate."""
    found = answering(monkeypatch, "zerostate_monitoring")
    assert found["worker"].level is Level.OK
    assert found[name].level is Level.ERROR
    assert f"none takes the queue {queue}" in found[name].message
    assert f"celery -A PROJECT worker -Q {queue}" in found[name].advice
    assert answering(monkeypatch, "zerostate_monitoring", queue)[name].level is Level.OK
    settings.ZEROSTATE_MONITORING_EVALUATE = False
    assert name not in answering(monkeypatch, "zerostate_monitoring")


def collector(**fields):
    return Collector(**{"name": "shop", "interval_seconds": 30, **fields})


@pytest.mark.parametrize(
    ("row", "level", "words"),
    [
        (collector(), Level.WARNING, "never run"),
        (collector(enabled=False), Level.OK, "disabled"),
        (collector(last_success_at=NOW - timedelta(seconds=20)), Level.OK, "20 s ago"),
        (collector(last_success_at=NOW - timedelta(seconds=200)), Level.ERROR, "stale"),
        (
            collector(last_success_at=NOW, failures_in_a_row=3, last_error="no route"),
            Level.ERROR,
            "3 times in a row: no route",
        ),
        (collector(last_success_at=NOW, absent={"f": "no table"}), Level.WARNING, "no table"),
    ],
)
def test_collectors(row, level, words):
    """Fresh, stale, failing, partly absent, disabled: each is told apart."""
    finding = judge_collector(row, NOW)

    assert finding.level is level
    assert words in finding.message


@pytest.mark.parametrize(
    ("notes", "level"),
    [
        ({"a": {"up": True}, "b": {"up": True}}, Level.OK),
        ({"a": {"up": True}}, Level.WARNING),
        ({"a": {"up": True}, "b": {"up": False, "error_kind": "timeout"}}, Level.WARNING),
        ({"a": {"up": False}, "b": {"up": False, "error_kind": "refused"}}, Level.ERROR),
    ],
)
def test_nodes(notes, level):
    """Some down is a warning, all down an error."""
    assert judge_nodes({"a", "b"}, notes).level is level


def test_nodes__advise_on_the_worst_kind():
    """The advice is about what most of them suffer from."""
    notes = {n: {"up": False, "error_kind": "refused"} for n in "ab"}

    assert judge_nodes({"a", "b"}, notes).advice == ADVICE["refused"]


def test_advice__is_there_for_every_kind_of_error():
    """No kind that a run can end in leaves an operator alone."""
    assert set(ADVICE) == set(ERROR_KINDS)


def test_nodes__that_left_are_no_error():
    """An ephemeral node that went is not missed: not as the only one, nor beside others."""
    gone = {"up": False, "left": True, "error_kind": "refused"}

    alone = judge_nodes({"a"}, {"a": gone})
    beside = judge_nodes({"a", "b", "c"}, {"a": gone, "b": {"up": True}, "c": {"up": True}})

    assert alone.level is beside.level is Level.OK
    assert beside.message == "2 of 2 up, 1 left (ephemeral)"


def test_nodes__that_left_do_not_hide_those_that_are_down():
    """All that should be there are down: an error."""
    gone, down = {"up": False, "left": True}, {"up": False, "error_kind": "tls"}

    finding = judge_nodes({"a", "b"}, {"a": gone, "b": down})

    assert (finding.level, finding.advice) == (Level.ERROR, ADVICE["tls"])
    assert "down: b (" in finding.message


def judged(found, vendor=Postgresql):
    """What is made of tables and columns, each with whether it may be read."""
    tables, statements = Tables.of(found), (*EXECUTION, *ECONOMIC)
    return judge_tables(len(tables.columns), lacks(tables, vendor(0), statements), "monitor")


def columns(*but, hidden=()):
    """All columns of the platform, without ``but``; those of ``hidden`` may not be read."""
    for table, text in TABLES.items():
        for column in text.split(","):
            name = column.split()[0]
            if not {table, f"{table}.{name}"} & set(but):
                yield table, name, not {table, f"{table}.{name}"} & set(hidden)


def test_platform__that_has_all_is_fine():
    """Also where what nobody reads is hidden, as it should be."""
    finding = judged(columns(hidden=("users.password_hash", "users.email", "accounts")))

    assert finding.level is Level.OK


def test_platform__missing_rights_come_with_the_grant():
    """An operator can paste the advice, which opens no more than is read."""
    finding = judged(columns(hidden=("tasks", "agents.last_seen_at", "users")))

    assert finding.level is Level.WARNING
    for words in ("table tasks may not", "column agents.last_seen_at may not", "table users may"):
        assert words in finding.message
    assert finding.advice == (
        "GRANT SELECT ON tasks TO monitor; GRANT SELECT (id, did) ON users TO monitor; "
        "GRANT SELECT (id, did, status, max_capacity, current_load, last_seen_at) ON agents "
        "TO monitor;"
    )


def test_platform__missing_tables_and_columns_are_named():
    """What is not there cannot be granted."""
    finding = judged(columns("bids", "auctions.max_price", "tasks.priority"))

    assert finding.level is Level.WARNING
    assert finding.message == (
        "answers; 14 tables can be read; column auctions.max_price is missing; "
        "table bids is missing"
    )
    assert "GRANT" not in finding.advice
    assert "docs/platform.md" in finding.advice


def test_platform__of_much_that_is_missing_some_is_named():
    """An empty schema does not fill the page."""
    finding = judged([("escrows", "id", True)])

    assert "and " in finding.message
    assert len(finding.message) < 500


def test_platform__rights_to_write_are_a_warning():
    """A role that may only read is enough."""
    assert judge_rights([]).level is Level.OK
    assert judge_rights(["escrows"]).level is Level.WARNING


def test_platform__a_role_that_is_not_let_in_gets_all_grants():
    """The same that docs/platform.md has; none of them opens a whole table of people."""
    advice = _platform_advice(SourceError("no", kind="unauthorized"), "platform", "my-role")

    assert 'GRANT USAGE ON SCHEMA public TO "my-role";' in advice
    assert 'GRANT SELECT (id, did) ON users TO "my-role";' in advice
    assert "ALL TABLES" not in advice


@pytest.mark.parametrize(
    ("head", "level", "word"),
    [
        (Head(), Level.WARNING, "no column"),
        (Head("e", 0, 7_200_000, columns=480), Level.OK, "480 columns over 120 min"),
        (Head("e", 0, 7_200_000, columns=480, missed=3), Level.OK, "3 slots missed"),
        (Head("e", 0, 7_100_000, columns=480), Level.ERROR, "100 s old"),
        (Head("e", 6_000_000, 7_200_000, columns=80, cut=4), Level.WARNING, "cut short"),
        (Head("e", 6_000_000, 7_200_000, columns=80), Level.OK, "20 min"),
    ],
)
def test_history(head, level, word):
    """Is it being recorded, and does it reach as far as it should?"""
    finding = judge_history(head, 7_200.0, wanted=7200, interval=15)
    assert (finding.level, word in finding.message) == (level, True), finding
    assert bool(finding.advice) is (level is not Level.OK)
