"""What is left of the limits, and what is read."""

from __future__ import annotations

import pytest

from tests.promql.cases.case import storage
from zerostate_monitoring.exceptions import QueryTimeoutError
from zerostate_monitoring.promql.engine import Engine
from zerostate_monitoring.promql.query import parse
from zerostate_monitoring.promql.steps import Budget, Limits, Read


def ticking(seconds):
    """A budget whose every look at the clock takes a second."""
    looks = iter(range(10_000))
    return Budget(Limits(seconds=seconds), now=lambda: float(next(looks)))


class Slow:
    """A storage that asks for the time, and one that cannot."""

    def __init__(self, text):
        self._storage = storage(text)

    def select(self, matchers, start_ms, end_ms):
        """As every storage."""
        return self._storage.select(matchers, start_ms, end_ms)


class Patient(Slow):
    """A storage that takes very long."""

    def select_within(self, matchers, start_ms, end_ms, check):
        """As every patient storage."""
        while True:
            check()


def test_read__asks_a_patient_storage_to_look_at_the_clock():
    """It gives up in time; others are asked as they can be."""
    limits = Limits(seconds=0.02)
    with pytest.raises(QueryTimeoutError):
        Engine(Patient("x 1"), limits=limits).instant(parse("x"), 0)
    answer = Engine(Slow("x 1")).instant(parse("x"), 0)
    assert len(answer.value.samples) == 1


def test_read__a_selection_that_was_given_up_is_made_again():
    """Nothing of it is kept."""
    read = Read(storage("\n".join(f'x{{a="{n}"}} 1' for n in range(9))))
    matchers = parse('x{a=~"[3-5]"}').expr.matchers
    with pytest.raises(QueryTimeoutError):
        read.select(matchers, -1, 9, ticking(3).check_time)
    assert read.select(matchers, -1, 9, ticking(99).check_time).series == 3


@pytest.mark.parametrize("text", ['x{a=~"1.*"}', 'x{a!~"(?:(?:.?){900}|(?:a?.?){400})*q"}'])
def test_engine__is_in_time_whatever_is_asked(monkeypatch, text):
    """Thousands of label sets take longer than one look at the clock."""
    monkeypatch.setattr(
        "zerostate_monitoring.promql.engine.Budget", lambda limits: ticking(limits.seconds)
    )
    lines = "\n".join(f'x{{a="{n}"}} 1' for n in range(300))
    with pytest.raises(QueryTimeoutError):
        Engine(storage(lines), limits=Limits(seconds=20)).instant(parse(text), 0)
