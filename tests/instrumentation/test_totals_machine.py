"""Totals under events in any order: exact at every moment, and what was removed stays away."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck
from hypothesis import settings as checked_with
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from tests.instrumentation.modelled import Account, Modelled
from tests.instrumentation.processes import shown
from zerostate_monitoring.storage.keys import Keys
from zerostate_monitoring.storage.store import current_store

KEYS = Keys("zerostate")
MOST_PROCESSES = 6

numbers = st.integers(0, 50)
names = st.sampled_from("abcd")


class Processes(RuleBasedStateMachine):
    """Processes count, publish over a bad line, end, are killed, and lose their store."""

    most = 100

    def __init__(self) -> None:
        super().__init__()
        self.store = current_store()
        self.client: Any = self.store._client
        self.client.flushall()
        self.account = Account()

    def living(self) -> list[Modelled]:
        return [process for process in self.account.processes if not process.ended]

    def one(self, number: int) -> Modelled:
        living = self.living()
        return living[number % len(living)]

    def any(self, number: int) -> Modelled:
        return self.account.processes[number % len(self.account.processes)]

    @initialize()
    def begin(self) -> None:
        self.start()
        self.start()

    @precondition(lambda self: len(self.account.processes) < MOST_PROCESSES)
    @rule()
    def start(self) -> None:
        self.account.processes.append(Modelled(self.account, self.most))

    @rule(who=numbers, key=names, by=st.integers(1, 9))
    def inc(self, who: int, key: str, by: int) -> None:
        self.one(who).inc(key, by)

    @rule(who=numbers)
    def tell(self, who: int) -> None:
        self.one(who).tell()

    @rule(who=numbers, way=st.sampled_from(["request lost", "answer lost"]))
    def tell_over_a_bad_line(self, who: int, way: str) -> None:
        self.one(who).tell(way)

    @rule(who=numbers, which=numbers)
    def a_lost_publication_arrives_late(self, who: int, which: int) -> None:
        process = self.any(who)
        if process.lost:
            process.deliver(process.lost.pop(which % len(process.lost)))

    @rule(who=numbers, which=numbers)
    def a_publication_arrives_twice(self, who: int, which: int) -> None:
        process = self.any(who)
        last = process.process.teller._sequence
        told = [t for t in process.told if t not in process.lost]
        answered = [t for t in told if t.publication.sequence < last and not t.publication.base]
        if answered:
            again = process.deliver(answered[which % len(answered)])
            assert again.outcome in {"old", "unknown"}

    @precondition(lambda self: len(self.living()) > 1)
    @rule(who=numbers)
    def exit(self, who: int) -> None:
        process = self.one(who)
        process.tell(closing=True)
        process.ended = True

    @precondition(lambda self: len(self.living()) > 1)
    @rule(who=numbers)
    def kill(self, who: int) -> None:
        self.one(who).ended = True

    @rule()
    def empty_the_store(self) -> None:
        self.client.flushall()
        self.account.totals.clear()
        self.account.away.clear()
        for process in self.account.processes:
            process.forgotten(wholly=True)

    @rule(who=numbers)
    def sleep_for_long(self, who: int) -> None:
        process = self.one(who)
        if process.is_known:
            self.client.delete(KEYS.numbers(process.process.teller.producer))
            process.forgotten(wholly=False)

    @rule()
    def tidy_up(self) -> None:
        self.store.retire(3600)
        self.store.sweep()

    def found(self) -> dict[str, float]:
        return {dict(labels)["k"]: value for (_, labels), value in shown(self.store).items()}

    @invariant()
    def totals_are_exact(self) -> None:
        assert self.found() == self.account.totals

    def teardown(self) -> None:
        for process in self.living():
            process.tell()
            process.tell()
            assert not [key for key in process.lives if process.has_news(key)]
        self.totals_are_exact()
        for process in self.account.processes:
            process.process.door.close()


class Removals(Processes):
    """And series end: one by one, with all others of their family; and processes fork."""

    @rule(who=numbers, key=names)
    def remove(self, who: int, key: str) -> None:
        self.one(who).remove(key)

    @rule(who=numbers)
    def clear(self, who: int) -> None:
        self.one(who).clear()

    @rule(who=numbers)
    def make_anew(self, who: int) -> None:
        self.one(who).make()

    @precondition(lambda self: len(self.account.processes) < MOST_PROCESSES)
    @rule(who=numbers)
    def fork(self, who: int) -> None:
        self.account.processes.append(Modelled(self.account, self.most, self.one(who)))


class Full(Processes):
    """And a family has room for two series: what overflows is counted as ``other``."""

    most = 2

    @invariant()
    def totals_are_exact(self) -> None:
        found = self.found()
        assert sum(found.values()) == sum(self.account.totals.values())
        assert len(found.keys() - {"other"}) <= self.most


@pytest.fixture
def _patient(settings):
    """A store that is slow on a busy machine is not away."""
    settings.ZEROSTATE_MONITORING_REDIS_TIMEOUT_SECONDS = 20


@pytest.mark.parametrize("machine", [Removals, Full])
@pytest.mark.usefixtures("_patient", "store")
def test_totals__are_exact_in_any_order_of_events(machine):
    """What the store took is shown, once, and nothing else; a removed series stays away."""
    limits = checked_with(
        max_examples=30,
        stateful_step_count=30,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(machine, settings=limits)
