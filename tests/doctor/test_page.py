"""How many series the page has, against what a scrape of it may bring."""

from __future__ import annotations

import time

import pytest

from tests.storage.frames import gauge, write
from zerostate_monitoring.doctor import Level, examination, page
from zerostate_monitoring.doctor.page import examine_page, judge_series
from zerostate_monitoring.exposition.recording import record
from zerostate_monitoring.promql.query import parse


@pytest.mark.parametrize(
    ("series", "level", "said"),
    [
        (0, Level.OK, "0 series"),
        (159_999, Level.OK, "159,999 series; a scrape may bring 200,000"),
        (160_000, Level.WARNING, "and then Prometheus refuses all of it"),
        (200_000, Level.WARNING, "200,000 series"),
        (200_001, Level.ERROR, "refuses it"),
    ],
)
def test_series__near_the_limit_and_beyond(series, level, said):
    """What just fits is still taken, as a ``sample_limit`` takes it; the rest is said before."""
    found = judge_series(series, 200_000)
    assert (found.level, said in found.message) == (level, True), found
    assert bool(found.advice) is (level is not Level.OK)


def test_advice__is_a_question_that_can_be_asked():
    """It is PromQL as it stands there."""
    assert parse(page._ADVICE.split("'")[1]).expr.type == "vector"


@pytest.mark.parametrize("prometheus", ["", "http://127.0.0.1:1"])
@pytest.mark.django_db
def test_page__is_counted_by_its_own_history(store, settings, prometheus):
    """Also where a Prometheus answers in place of this app, which may have refused the page."""
    settings.ZEROSTATE_MONITORING_PROMETHEUS_URL = prometheus
    write(store, "collector:test", gauge({f"k{n}": 1.0 for n in range(50)}))
    assert record(time.time())

    settings.ZEROSTATE_MONITORING_PAGE_MAX_SERIES = 50
    (found,) = examine_page()
    assert found.level is Level.ERROR, found

    settings.ZEROSTATE_MONITORING_PAGE_MAX_SERIES = 100_000
    (found,) = examine_page()
    assert found.level is Level.OK, found


@pytest.mark.django_db
def test_page__that_nobody_has_counted_is_not_judged(store, settings):
    """No column yet, and no history at all: the finding on history says so."""
    assert list(examine_page()) == []
    settings.ZEROSTATE_MONITORING_HISTORY = 0
    assert list(examine_page()) == []


def test_page__of_a_store_that_is_away_is_not_judged():
    """The finding on the store says that."""
    assert list(examine_page()) == []


def test_page__is_among_what_is_examined():
    """Beside others that may hang."""
    assert examine_page in examination.ELSEWHERE
