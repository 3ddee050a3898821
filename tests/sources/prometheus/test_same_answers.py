"""Whoever asks does not know whether this app's engine answers or a server over HTTP."""

from __future__ import annotations

import numpy as np
import pytest

from tests.api.conftest import NOW, SERIES, TOKEN, Storage
from zerostate_monitoring.exceptions import QueryError, QuerySyntaxError
from zerostate_monitoring.promql.data import Matrix
from zerostate_monitoring.promql.embedded import EmbeddedQuerier
from zerostate_monitoring.promql.nodes import Matcher
from zerostate_monitoring.promql.querier import Options, Window
from zerostate_monitoring.querying import engines
from zerostate_monitoring.sources.nodes.client import NodeClient
from zerostate_monitoring.sources.nodes.target import Target
from zerostate_monitoring.sources.prometheus.querier import RemoteQuerier

pytestmark = pytest.mark.django_db(transaction=True)

AT = NOW * 1000
QUERIES = [
    *("up", "1e-7", "'a'", "strange", "up[1m]", "rate(up[1m])", "nothing", "vector(1) / 0"),
    *("sum by (job) (rate(tasks_total[2m]))", "scalar(up)", "label_replace(up, 'é', 'ü', '', '')"),
]
ERRORS = ["up +", "", "1 +\n  nosuch(up)", "'é' +", "up * on(job) up", "rate(up)"]
UP = (Matcher("__name__", "=", "up"), Matcher("job", "=~", 'a.*|"x"\n'))


@pytest.fixture
def two(live_server, settings, monkeypatch):
    """The engine itself, and the same behind HTTP."""
    settings.ZEROSTATE_MONITORING_API_TOKEN = TOKEN
    storage = Storage()
    monkeypatch.setattr(engines, "storage", lambda: storage)
    client = NodeClient()
    target = Target(
        name="p", role="p", base_url=f"{live_server.url}/monitoring", token=TOKEN, timeout=10
    )
    yield EmbeddedQuerier(storage, described=engines.described), RemoteQuerier(target, client)
    client.close()


def plain(result):
    """A result without arrays, in which NaN is equal to itself."""
    value = result.value
    if isinstance(value, Matrix):
        value = [(run.labels, run.times.tolist(), run.values.tolist()) for run in value.runs]
    return repr(value), result.warnings, result.infos


def raised(ask):
    with pytest.raises(QueryError) as caught:
        ask()
    error = caught.value
    return (type(error), str(error), getattr(error, "start", 0))


@pytest.mark.parametrize("text", QUERIES)
def test_queries__are_answered_alike(two, text):
    """At an instant and over a range: values, times, labels, remarks."""
    here, there = (plain(one.instant(text, AT + 1)) for one in two)
    assert here == there
    if text not in {"'a'", "up[1m]"}:
        here, there = (plain(one.range(text, AT - 60_000, AT, 7_001)) for one in two)
        assert here == there


@pytest.mark.parametrize("text", ERRORS)
def test_errors__are_alike(two, text):
    """Type, sentence and place."""
    here, there = (raised(lambda one=one: one.instant(text, AT)) for one in two)
    assert here == there
    assert here[0] is (QueryError if text == "up * on(job) up" else QuerySyntaxError)


def test_options__are_alike(two):
    """How far to look back."""
    here, there = (plain(one.instant("old", AT, Options(5.0, 2 * 86_400_000))) for one in two)
    assert here == there
    assert "old" in here[0]


def test_searches__are_alike(two):
    """Series, names, values and metadata, with window and limit."""
    here, there = two
    for window in (Window(), Window(AT - 60_000, AT), Window(end_ms=0)):
        for limit in (0, 1, 100):
            assert here.series([UP], window, limit).items == there.series([UP], window, limit).items
            assert (
                here.label_names([UP], window, limit).items
                == there.label_names([UP], window, limit).items
            )
            assert (
                here.label_values("job", (), window, limit).items
                == there.label_values("job", (), window, limit).items
            )
    assert here.metadata("zerostate_http_requests_total").families
    for metric in ("", "zerostate_http_requests_total", "nothing"):
        assert here.metadata(metric).families == there.metadata(metric).families


def test_values__lose_no_digit(two):
    """What is written as text is the number that it was."""
    here, there = (one.instant('strange{value="tiny"}', AT).value.samples[0].value for one in two)
    assert np.float64(here) == np.float64(there) == SERIES[5][2][0]
