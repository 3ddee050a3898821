"""The first N of a second, then every Mth."""

from __future__ import annotations

import logging

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zerostate_monitoring.logs.sampling import MOST_EVENTS, EventFilter, Sampler, level_of
from zerostate_monitoring.logs.security import LOGGER, SecurityEvent
from zerostate_monitoring.logs.tally import Tally


def record(event="e", name="app", level=logging.INFO):
    return logging.LogRecord(name, level, "f", 1, event, None, None)


@given(st.integers(1, 20), st.integers(1, 20), st.integers(0, 500))
def test_sampler__keeps_the_first_then_every_nth(first, every, number):
    """As many as the rule says, the first ones among them."""
    sampler = Sampler(first, every)
    kept = [sampler.keeps("e", 1) for _ in range(number)]
    assert all(kept[:first])
    assert sum(kept) == min(first, number) + max(number - first, 0) // every


def test_sampler__begins_anew_with_each_second_and_event():
    """Another second, another event: each has its own first ones."""
    sampler = Sampler(1, 100)
    assert [sampler.keeps("a", 1), sampler.keeps("a", 1)] == [True, False]
    assert sampler.keeps("b", 1)
    assert sampler.keeps("a", 2)


def test_sampler__is_bounded():
    """Whoever invents events shares one count with all who do."""
    sampler = Sampler(1, 10**9)
    kept = sum(sampler.keeps(str(number), 1) for number in range(3 * MOST_EVENTS))
    assert kept <= MOST_EVENTS + 1
    assert len(sampler._counts) <= MOST_EVENTS + 1


def test_storm__of_a_hundred_thousand_lines_is_thinned_and_counted():
    """What is written and what is dropped are all that came."""
    tally = Tally()
    chosen = EventFilter(tally=tally, clock=lambda: 5.0)
    written = sum(chosen.filter(record()) for _ in range(100_000))
    seen, dropped = tally.fetch()
    assert seen == {("app", "info"): 100_000}
    assert dropped == {("app", "info", "sampling"): 100_000 - written}
    assert written == 100 + (100_000 - 100) // 100


def test_filter__knows_structlogs_events():
    """By what happened, not by its keys."""
    chosen = EventFilter(1, 1000, tally=Tally(), clock=lambda: 5.0)
    assert chosen.filter(record({"event": "a", "n": 1}))
    assert not chosen.filter(record({"event": "a", "n": 2}))
    assert chosen.filter(record({"event": "b"}))


def test_filter__writes_all_where_it_is_off():
    """``first=0`` counts, and drops nothing."""
    tally = Tally()
    chosen = EventFilter(0, tally=tally)
    assert all(chosen.filter(record()) for _ in range(1000))
    assert tally.fetch() == ({("app", "info"): 1000}, {})


@pytest.mark.parametrize("event", SecurityEvent)
def test_security__loses_what_people_did_never(event):
    """What strangers can do any number of times is sampled, all else is written."""
    chosen = EventFilter(1, 10**9, tally=Tally(), clock=lambda: 5.0)
    kept = sum(chosen.filter(record(str(event), LOGGER, logging.WARNING)) for _ in range(50))
    is_a_strangers = event in {SecurityEvent.LOGIN_FAILED, SecurityEvent.TOKEN_REFUSED}
    assert kept == (1 if is_a_strangers else 50)


@pytest.mark.parametrize(
    ("number", "word"),
    [(10, "debug"), (5, "debug"), (20, "info"), (25, "info"), (30, "warning"), (40, "error"),
     (50, "critical"), (99, "critical")],
)  # fmt: skip
def test_level__is_one_of_five_words(number, word):
    """A project's own levels count with the one below."""
    assert level_of(number) == word
