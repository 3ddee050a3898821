"""Every built-in rule is seen to fire and to resolve over the living network.

The network lives hours within seconds. Of rules that look days back, the days before are
given as they are recorded of a healthy network; the fault and what follows is lived.
"""

from __future__ import annotations

import pytest
from django.db import connections

from example_project.network.faults import BY_NAME, Acts
from tests.example_project.film import FIVE_MINUTES, Film
from tests.example_project.helpers import make
from tests.sources.platform.fixtures import alias
from zerostate_monitoring.promql.data import NAME
from zerostate_monitoring.rules.shipped import RULES

MINUTE, HOUR, DAY = 60, 3600, 24 * 3600

LIVED = [
    rule for rule in RULES.values() if rule.switch and BY_NAME[rule.switch].acts is Acts.NETWORK
]
# They are about what the app itself does with the network: see test_project_faults.py.
ELSEWHERE = {"PlatformSourceDown", "SeriesOverflow", "RulesFailing"}
# Of these, only nodes and their links matter: tasks and money may rest.
NODES_ALONE = {rule.name for rule in LIVED if rule.layer == "p2p"} | {"AvailabilityBudgetBurn"}
# Within 24 hours in the tables: outcomes leave only then.
BY_DAY = {"DisputeShareHigh", "EscrowFailuresHigh", "AuctionsUnawarded"}
# What is recorded of a healthy network, before.
BEFORE = {
    "zerostate:tasks_failed:increase5m": 0.0,
    "zerostate:tasks_ended:increase5m": 100.0,
    "zerostate:payments_failed:increase5m": 0.0,
    "zerostate:payments_ended:increase5m": 100.0,
    "zerostate:infrastructure_up:avg5m": 1.0,
}
SLOW = {"TaskBudgetBurnSlow", "PaymentBudgetBurnSlow", "AvailabilityBudgetBurn"}
# A day or more is lived, or much of an hour: they take seconds each.
LONG = {
    *BY_DAY, *SLOW, "DisputesUnresolved", "LockedValueDrop", "ReputationShift", "TaskDurationHigh",
}  # fmt: skip


@pytest.fixture
def platform(monkeypatch, tmp_path, db):
    """A file of one's own."""
    alias(monkeypatch, ENGINE="django.db.backends.sqlite3", NAME=str(tmp_path / "platform.sqlite3"))
    before = connections["platform"]
    connection = connections.create_connection("platform")
    connections["platform"] = connection
    yield connection
    connection.close()
    connections["platform"] = before


def given(film, seconds, value, name):
    """Samples of every five minutes before now."""
    now = round(film.world.now)
    points = [
        (at * 1000, value + (at // FIVE_MINUTES) % 2)
        for at in range(now - seconds, now, FIVE_MINUTES)
    ]
    film.table._points[((NAME, name),)] = points


def begin(film, rule):
    """What was before the fault."""
    if rule.name in SLOW:
        for name in film._recorded:
            now = round(film.world.now)
            film.table._points[((NAME, name),)] = [
                (at * 1000, BEFORE[name]) for at in range(now - 3 * DAY, now, FIVE_MINUTES)
            ]
    if rule.name == "ReputationShift":
        film.run(FIVE_MINUTES)
        median = film._ask("max(zerostate_reputation_median_score)")[0].value
        given(film, DAY, median, "zerostate:reputation_median:avg5m")
    # It is compared with what was an hour ago.
    if rule.name == "LockedValueDrop":
        film.run(65 * MINUTE, step=MINUTE)
    else:
        film.run(12 * MINUTE)


@pytest.mark.parametrize(
    "rule",
    [
        pytest.param(rule, id=rule.name, marks=[pytest.mark.real] if rule.name in LONG else [])
        for rule in LIVED
        if rule.name not in ELSEWHERE
    ],
)
@pytest.mark.django_db(databases=["default", "platform"])
def test_rule__fires_with_its_fault_and_resolves_without(rule, platform, monkeypatch):
    """Quiet while all is well, firing with the switch on, quiet again when it is off."""
    speed = 0.1 if rule.name in NODES_ALONE else 1.0
    film = Film(make(agents=12, nodes=10, speed=speed), platform, rule, monkeypatch)
    begin(film, rule)
    assert not film.firing

    long = rule.name in SLOW or "Burn" in rule.name
    assert film.run(
        (4 * HOUR if long else 2 * HOUR),
        rule.switch,
        step=60 if long else 30,
        until=lambda: film.firing,
    )

    step = 10 * MINUTE if rule.name in BY_DAY else 5 * MINUTE if rule.name in SLOW else MINUTE
    assert film.run(
        30 * HOUR if step > MINUTE else 3 * HOUR, step=step, until=lambda: not film.firing
    )
