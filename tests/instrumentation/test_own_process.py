"""What a process says of itself: by its role, no more often than it changes, anew in a child."""

from __future__ import annotations

import pytest

from zerostate_monitoring.instrumentation import own_process
from zerostate_monitoring.instrumentation.own_process import become, forked, measure
from zerostate_monitoring.instrumentation.registry import REGISTRY

PREFIX = "zerostate_monitoring_process_"
MIB = 2.0**20


class Machine:
    """Clocks and memory that a test turns."""

    now, cpu, memory = 1000.0, 2.0, 100 * MIB

    def told(self, what, role):
        return REGISTRY.get_sample_value(PREFIX + what, {"role": role}) or 0.0


@pytest.fixture
def machine(monkeypatch):
    made = Machine()
    monkeypatch.setattr(own_process, "_own", own_process._Own())
    monkeypatch.setattr("time.monotonic", lambda: made.now)
    monkeypatch.setattr("time.process_time", lambda: made.cpu)
    monkeypatch.setattr(own_process, "resident_bytes", lambda: made.memory)
    return made


def test_start__counts_once_for_the_role(machine):
    """The first who knows is right; names that are no role change nothing."""
    before = machine.told("starts_total", "worker")
    become("cook")
    become("worker", "w@host", "starting", ())
    become("web")
    for _ in range(3):
        measure()
        machine.now += 60
    assert machine.told("starts_total", "worker") == before + 1
    assert machine.told("memory_bytes", "worker") == machine.memory


def test_time__is_what_was_used_since(machine):
    """All of it, from the process's start on; crumbs wait until they are some."""
    become("beat")
    before = machine.told("cpu_seconds_total", "beat")
    measure()
    assert machine.told("cpu_seconds_total", "beat") == before + 2
    machine.now, machine.cpu = machine.now + 60, 2.01
    measure()
    assert machine.told("cpu_seconds_total", "beat") == before + 2
    machine.now, machine.cpu = machine.now + 60, 2.51
    measure()
    assert machine.told("cpu_seconds_total", "beat") == pytest.approx(before + 2.51)


def test_memory__is_told_again_where_it_moved(machine):
    """An idle process says the same, so that nothing is published."""
    become("web")
    measure()
    machine.memory, machine.now = 101 * MIB, machine.now + 60
    measure()
    assert machine.told("memory_bytes", "web") == 100 * MIB
    machine.memory, machine.now = 90 * MIB, machine.now + 1
    measure()
    assert machine.told("memory_bytes", "web") == 100 * MIB
    machine.now += 60
    measure()
    assert machine.told("memory_bytes", "web") == 90 * MIB


def test_role__that_is_known_late_takes_the_memory_with_it(machine):
    """It is not counted in two places."""
    measure()
    assert machine.told("memory_bytes", "other") == machine.memory
    become("web")
    measure()
    assert machine.told("memory_bytes", "other") == 0
    assert machine.told("memory_bytes", "web") == machine.memory


def test_child__starts_and_has_used_nothing(machine):
    """It is what its parent was for."""
    become("worker")
    measure()
    starts = machine.told("starts_total", "worker")
    used = machine.told("cpu_seconds_total", "worker")
    machine.cpu = 0.5
    forked()
    measure()
    assert machine.told("starts_total", "worker") == starts + 1
    assert machine.told("cpu_seconds_total", "worker") == used + 0.5


def test_memory__is_absent_where_nobody_tells(machine, monkeypatch):
    """And never 0."""
    machine.memory = None
    before = machine.told("memory_bytes", "worker")
    become("worker")
    measure()
    assert machine.told("memory_bytes", "worker") == before


def test_resident__is_that_of_this_process(tmp_path, monkeypatch):
    """As Linux tells it; nothing where there is no such file, or another one."""
    found = own_process.resident_bytes()
    assert found is None or found > MIB
    monkeypatch.setattr(own_process, "_STATM", tmp_path / "statm")
    assert own_process.resident_bytes() is None
    (tmp_path / "statm").write_text("none\n")
    assert own_process.resident_bytes() is None
