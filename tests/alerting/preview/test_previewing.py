"""A preview ends in time, with what it found or with a sentence; whoever has the numbers."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest

from tests.api.conftest import TOKEN
from zerostate_monitoring.alerting.preview import Bounds, asking, preview
from zerostate_monitoring.alerting.preview.replaying import Nothing
from zerostate_monitoring.promql.memory import MemoryStorage
from zerostate_monitoring.querying import engines
from zerostate_monitoring.querying.readiness import READY
from zerostate_monitoring.rules.definitions import AlertingRule
from zerostate_monitoring.sources.nodes.client import NodeClient
from zerostate_monitoring.sources.nodes.target import Target
from zerostate_monitoring.sources.prometheus.querier import RemoteQuerier, close_connections

pytestmark = pytest.mark.django_db

STEP = 15_000
START = 1_700_000_010_000
END = START + 60 * STEP
TIMES = range(START, END + 1, STEP)


def series(count):
    return [
        ((("__name__", "load"), ("node", str(n))), list(TIMES), [1.0] * 61) for n in range(count)
    ]


@pytest.fixture
def history(monkeypatch):
    """Series that a test sets."""
    held = {"storage": MemoryStorage(series(3))}
    monkeypatch.setattr(engines, "storage", lambda **options: held["storage"])
    monkeypatch.setattr(asking, "readiness", lambda query, at_ms: READY)
    monkeypatch.setattr(asking, "Hindsight", lambda rule, span: Nothing())
    return held


def previewed(expr="load > 0", bounds=None, **fields):
    rule = AlertingRule(alert="Loaded", expr=expr, **fields)
    more = {} if bounds is None else {"bounds": bounds}
    return preview(rule, interval_ms=STEP, end_ms=END, span_ms=END - START, **more)


def test_explosion__ends_at_the_limits_of_queries(history, settings):
    """10⁶ values are not asked for; the sentence names the limit."""
    settings.ZEROSTATE_MONITORING_QUERY_MAX_SERIES = 1000
    history["storage"] = MemoryStorage(series(2000))
    found = previewed()
    assert found.incidents == ()
    assert "1,000" in found.problem or "1000" in found.problem


def test_explosion__of_values_ends_with_what_was_found(history):
    """And says where it ends."""
    found = previewed(bounds=Bounds(samples=20))
    assert found.problem == (
        "The preview is too large and ends at 2023-11-14 22:14:45 UTC: there were more than 20 "
        "values. Let the expression give less, or choose a shorter time."
    )
    assert len(found.incidents) == 3
    assert found.steps == 6


def test_explosion__past_the_rules_limit_is_an_error_of_each_slot(history, settings):
    """As live: no template is filled in for it."""
    settings.ZEROSTATE_MONITORING_RULE_MAX_ALERTS = 2
    found = previewed()
    assert (found.incidents, found.errors) == ((), 61)
    assert found.first_error.startswith("The expression gives 3 series, the limit is 2: ")


@pytest.mark.parametrize("seconds", [0.0, 0.3])
def test_time__is_kept(history, seconds):
    """By a query that is slow and by a walk that is: each ends with a sentence."""
    history["storage"] = MemoryStorage(series(900))
    labels = {"a": "{{ range $i := (args 1 2 3 4 5 6) }}{{ $labels.node | toUpper }}{{ end }}"}
    began = time.monotonic()
    found = previewed(
        "load + on (node) load + on (node) load", Bounds(seconds=seconds), labels=labels
    )
    took = time.monotonic() - began
    assert found.problem
    assert "second" in found.problem or "time" in found.problem
    # A slot that has begun is walked to its end.
    assert took < seconds + 10


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("expr", ["load > 0", "sum(load @ end()) > 2", "load > on () load"])
def test_remote__is_asked_like_history(history, live_server, settings, monkeypatch, expr):
    """A server behind HTTP gives the same incidents, errors and sentences."""
    hold = {"for_": timedelta(minutes=1)}
    expected = previewed(expr, **hold)
    assert expected.incidents or expected.errors
    settings.ZEROSTATE_MONITORING_API_TOKEN = TOKEN
    client, url = NodeClient(), f"{live_server.url}/monitoring"
    target = Target(name="p", role="p", base_url=url, token=TOKEN, timeout=10)
    monkeypatch.setattr(asking, "querier", lambda: RemoteQuerier(target, client))
    try:
        assert previewed(expr, **hold) == expected
    finally:
        client.close()


def test_remote__away_is_a_sentence(history, settings):
    """And no incident."""
    settings.ZEROSTATE_MONITORING_PROMETHEUS_URL = "http://127.0.0.1:1"
    settings.ZEROSTATE_MONITORING_PROMETHEUS_TIMEOUT_SECONDS = 1
    try:
        found = previewed()
    finally:
        close_connections()
    assert found.problem
    assert found.incidents == ()
