"""The network in figures: two questions, no error, and yesterday where something is remembered."""

from __future__ import annotations

import math

import pytest

from tests.storage.timelines import INTERVAL, fill, now_slot, series
from zerostate_monitoring.admin.overview import figures
from zerostate_monitoring.admin.overview.figures import FIGURES, Shown, ask, kept_figures
from zerostate_monitoring.promql.query import parse
from zerostate_monitoring.storage.kept import keep
from zerostate_monitoring.storage.recording import Recorder

COLUMNS = 80


@pytest.fixture
def network(store, settings):
    """Twenty minutes of a network that does two tasks a second, of which a tenth fails."""
    settings.ZEROSTATE_MONITORING_REDIS_TIMEOUT_SECONDS = 60
    pages = [
        {
            series("zerostate_peer_connections", node="a"): 4.0,
            series("zerostate_peer_connections", node="b"): 5.0,
            series("zerostate_guilds", state="active", node="a"): 7.0,
            series("zerostate_tasks_total", status="completed"): 27.0 * at,
            series("zerostate_tasks_total", status="failed"): 3.0 * at,
            series("zerostate_economic_total_value_locked"): 1000.0 + at,
            series("zerostate_disputes", status="open"): 2.0,
            series("zerostate_disputes", status="closed"): 9.0,
        }
        for at in range(COLUMNS)
    ]
    return fill(Recorder(store.timeline()), pages, now_slot() - COLUMNS * INTERVAL)


@pytest.mark.django_db
def test_ask__gives_each_figure_its_last_hour(network):
    """Sums, rates and shares, each under its key; what nobody counts is absent, never 0."""
    shown = ask(network)
    assert shown.problem == ""
    assert shown.now("peers") == 9
    assert shown.now("guilds") == 7
    assert shown.now("tasks") == pytest.approx(2, rel=0.05)
    assert shown.now("task_success") == pytest.approx(0.9, rel=0.02)
    assert shown.now("value_locked") == 1000 + COLUMNS - 1
    assert shown.now("disputes") == 2
    assert shown.now("payments") is None
    assert len(shown.points["peers"]) > 10


@pytest.mark.django_db
def test_ask__takes_no_query_while_yesterday_is_known(network, django_assert_num_queries):
    """The database is asked for yesterday once in five minutes."""
    ask(network)
    with django_assert_num_queries(0):
        ask(network)


@pytest.mark.django_db
def test_ask__knows_yesterday_by_what_is_kept(network):
    """The hour around this time, a day ago."""
    figures._known.clear()
    at_ms = network // 300_000 * 300_000 - figures.DAY_MS
    kept = {
        "zerostate:tasks_ended:increase5m": 600.0,
        "zerostate:tasks_failed:increase5m": 30.0,
        "zerostate:value_locked:avg5m": 500.0,
    }
    for step in range(-5, 6):
        samples = [(series(name), value) for name, value in kept.items()]
        keep(at_ms + step * 300_000, samples)
    found = ask(network).yesterday
    assert found == {
        "tasks": pytest.approx(2),
        "task_success": pytest.approx(0.95),
        "value_locked": pytest.approx(500),
    }


def test_ask__says_why_there_is_nothing(settings):
    """A store that is away is a sentence, no error; so is history that is not kept."""
    assert ask().problem
    settings.ZEROSTATE_MONITORING_HISTORY = 0
    assert "ZEROSTATE_MONITORING_HISTORY is 0" in ask().problem


@pytest.mark.parametrize("figure", FIGURES, ids=lambda one: one.key)
def test_figures__can_be_asked_together(figure):
    """Each is an expression that can stand within another."""
    parse(f"avg_over_time(({figure.expr})[1h:5m])")
    parse(f'label_replace({figure.expr}, "figure", "x", "", "")')


def test_kept__without_the_whole_there_is_no_share():
    """Nothing is divided by nothing, and what is not kept is absent."""
    ended, failed = "zerostate:tasks_ended:increase5m", "zerostate:tasks_failed:increase5m"
    assert kept_figures({}) == {}
    assert kept_figures({ended: 0.0, failed: 0.0}) == {"tasks": 0.0}
    assert kept_figures({failed: 1.0}) == {}


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_shown__a_number_that_is_none_is_not_shown(value):
    """Nor is one that is old."""
    end = 600_000
    shown = Shown({"a": [(end, value)], "b": [(0, 1.0)]}, end_ms=end)
    assert shown.now("a") is None
    assert shown.now("b") is None
    assert Shown({"a": [(end, 1.0)]}, end_ms=end).now("a") == 1


@pytest.mark.parametrize(
    ("key", "value", "unit"),
    [
        ("disputes", 1.0, "dispute"),
        ("disputes", 0.0, "disputes"),
        ("disputes", 1.5, "disputes"),
        ("peers", 1.0, "peer"),
        ("peers", 21.0, "peers"),
        ("value_locked", 1.0, "unit"),
        ("guilds", 1.0, "active"),
    ],
)
def test_unit__agrees_with_the_number(key, value, unit):
    """One dispute, two disputes; what has no plural stays as it is."""
    figure = next(one for one in FIGURES if one.key == key)
    assert figure.unit_of(value) == unit
