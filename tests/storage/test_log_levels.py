"""Levels on their way to all processes."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from zerostate_monitoring.logs.levels import read
from zerostate_monitoring.models import LogLevel
from zerostate_monitoring.storage.log_levels import announce, known_loggers
from zerostate_monitoring.storage.publishing import LEVELS_KEY, LEVELS_NOTE, LOGGERS_NOTE

pytestmark = pytest.mark.django_db


def make(logger, level, minutes):
    now = timezone.now()
    return LogLevel._default_manager.create(
        logger=logger, level=level, until=now + timedelta(minutes=minutes), author="who"
    )


def announced(store):
    return read(store.notes(LEVELS_NOTE)[LEVELS_KEY])


def test_announce__says_what_holds(store):
    """Not what is over; of one logger the last word."""
    make("a", "DEBUG", -1)
    make("b", "DEBUG", 10)
    make("b", "ERROR", 5)
    assert announce(store, timezone.now()) == 1
    assert [(one.logger, one.level) for one in announced(store)] == [("b", "ERROR")]


def test_announce__says_that_there_is_none(store):
    """An empty document is news: what was set goes back."""
    assert announce(store, timezone.now()) == 0
    assert announced(store) == ()


def test_announce__by_the_collector_mends_an_emptied_store(store):
    """Whoever set a level while the store was away meant it."""
    from zerostate_monitoring.collectors.monitoring import monitoring

    make("b", "DEBUG", 10)
    list(monitoring())
    assert [one.logger for one in announced(store)] == ["b"]


def test_known__are_those_that_were_told(store):
    """Names of all processes."""
    store.note(LOGGERS_NOTE, {"a.b": {}, "c": {}})
    assert known_loggers(store) == {"a.b", "c"}
