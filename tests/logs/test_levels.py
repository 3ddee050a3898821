"""Levels that change at run time, and come back."""

from __future__ import annotations

import logging
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zerostate_monitoring.logs.levels import (
    LONGEST_SECONDS,
    MOST,
    Levels,
    Override,
    known_loggers,
    read,
    written,
)
from zerostate_monitoring.logs.security import LOGGER

NOW = 1_800_000_000.0


@pytest.fixture
def name():
    """A logger of its own, at WARNING."""
    made = f"tests.levels.{uuid4().hex}"
    logging.getLogger(made).setLevel(logging.WARNING)
    return made


def level(name):
    return logging.getLogger(name).level


def test_level__holds_until_its_end(name):
    """It is set, and what stood before comes back at the end; nobody has to be asked."""
    levels = Levels()
    levels.apply([Override(name, "DEBUG", NOW + 60)], NOW, 0)
    assert level(name) == logging.DEBUG
    levels.expire(NOW + 59, 59)
    assert level(name) == logging.DEBUG
    levels.expire(NOW + 60, 60)
    assert level(name) == logging.WARNING
    assert levels.held == {}


def test_level__ends_though_the_clock_was_set_back(name):
    """The other clock ends it."""
    levels = Levels()
    levels.apply([Override(name, "DEBUG", NOW + 60)], NOW, 100)
    levels.expire(NOW - 86_400, 161)
    assert level(name) == logging.WARNING


def test_level__that_had_its_time_does_not_come_back(name):
    """The document still has it, and by the wall's clock, set back by a day, it would hold."""
    levels, wanted = Levels(), [Override(name, "DEBUG", NOW + 60)]
    levels.apply(wanted, NOW, 100)
    for ticks in (161, 162):
        levels.expire(NOW - 86_400, ticks)
        levels.apply(wanted, NOW - 86_400, ticks)
        assert level(name) == logging.WARNING
    # Set anew it holds, also with the same end once it was gone.
    levels.apply([], NOW - 86_400, 163)
    levels.apply(wanted, NOW - 86_400, 164)
    assert level(name) == logging.DEBUG
    levels.apply([], NOW, 165)


def test_level__goes_on_once_a_clock_that_ran_ahead_is_right_again(name):
    """A jump forward ends it here for a while, and no longer."""
    levels, wanted = Levels(), [Override(name, "DEBUG", NOW + 60)]
    levels.apply(wanted, NOW, 100)
    levels.expire(NOW + 86_400, 101)
    levels.apply(wanted, NOW + 86_400, 101)
    assert level(name) == logging.WARNING
    levels.apply(wanted, NOW + 3, 103)
    assert level(name) == logging.DEBUG
    levels.apply([], NOW, 104)


@pytest.mark.parametrize("word", ["WARNING", "ERROR", "CRITICAL"])
def test_level__cannot_hide_what_bears_on_security(word):
    """Whoever writes into the store can make the log of security say more, and never less."""
    row = {"logger": LOGGER, "until": NOW}
    assert read({"levels": [{**row, "level": word}]}) == ()
    assert len(read({"levels": [{**row, "level": "DEBUG"}]})) == 1


def test_level__of_a_logger_that_this_process_has_not(name):
    """It comes to be, without a level of its own once that is over; nothing is raised."""
    levels, other = Levels(), f"{name}.not.here"
    assert other not in known_loggers()
    levels.apply([Override(other, "DEBUG", NOW + 60)], NOW, 0)
    assert level(other) == logging.DEBUG
    levels.apply([], NOW, 1)
    assert level(other) == logging.NOTSET


def test_level__ends_within_the_longest_time(name):
    """An end that is far away, for whatever reason, is not waited for."""
    levels = Levels()
    levels.apply([Override(name, "DEBUG", NOW + 10**9)], NOW, 0)
    levels.expire(NOW, LONGEST_SECONDS)
    assert level(name) == logging.WARNING


def test_level__that_is_wanted_no_more_goes_back(name):
    """Somebody ended it."""
    levels = Levels()
    levels.apply([Override(name, "DEBUG", NOW + 60)], NOW, 0)
    levels.apply([], NOW, 1)
    assert level(name) == logging.WARNING


def test_level__that_is_changed_goes_back_to_the_first(name):
    """Not to the one between."""
    levels = Levels()
    levels.apply([Override(name, "DEBUG", NOW + 60)], NOW, 0)
    levels.apply([Override(name, "ERROR", NOW + 90)], NOW, 1)
    assert level(name) == logging.ERROR
    levels.apply([], NOW, 2)
    assert level(name) == logging.WARNING


def test_level__that_is_over_is_not_set(name):
    """Its end has passed before this process heard of it."""
    levels = Levels()
    levels.apply([Override(name, "DEBUG", NOW)], NOW, 0)
    assert level(name) == logging.WARNING


def test_level__that_the_project_has_set_itself_stays(name):
    """Nobody's later decision is taken back."""
    levels = Levels()
    levels.apply([Override(name, "DEBUG", NOW + 60)], NOW, 0)
    logging.getLogger(name).setLevel(logging.CRITICAL)
    levels.apply([], NOW, 1)
    assert level(name) == logging.CRITICAL


def test_document__comes_back():
    """What is written is read."""
    overrides = (Override("a", "DEBUG", NOW), Override("root", "ERROR", NOW + 0.5))
    assert read(written(overrides)) == overrides


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(JSON | st.fixed_dictionaries({"levels": st.lists(JSON)}))
def test_document__of_anything_is_read(document):
    """What cannot be a level is left out."""
    assert all(isinstance(one, Override) for one in read(document))


def test_document__is_bounded():
    """No more than so many at one time."""
    assert len(read(written([Override("a", "INFO", NOW)] * 1000))) == MOST


@pytest.mark.parametrize("row", [
    {"logger": "a", "level": "LOUD", "until": 1}, {"logger": "", "level": "INFO", "until": 1},
    {"logger": "a", "level": "INFO"}, {"logger": 1, "level": "INFO", "until": 1},
    {"logger": "a", "level": "INFO", "until": "1"},
    {"logger": "a" * 201, "level": "INFO", "until": 1},
])  # fmt: skip
def test_row__that_cannot_be_a_level(row):
    """A level that there is not, no logger, no end."""
    assert read({"levels": [row]}) == ()


def test_known__has_those_between(name):
    """A logger that only holds others together can be set, too."""
    assert {"root", "tests.levels", name} <= known_loggers()
