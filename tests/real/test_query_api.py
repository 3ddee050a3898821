"""The query API answers as Prometheus does over the same series, key by key."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    InfoMetricFamily,
)

from tests.promql import report
from tests.promql.dataset import dataset
from tests.real.questions import (
    BAD,
    CALLS,
    EXPRESSIONS,
    MIDDLE,
    OWN_PLACES,
    QUERIES,
    RANGE,
    REFUSED,
    SEARCHED,
    SELECTORS,
    WRONG,
)
from tests.real.reference import missing, prometheus3, reference
from tests.real.sides import (
    TOKEN,
    Sides,
    alike,
    in_order,
    place_of,
    remarks_aside,
    scraping,
)
from tests.servers import wait_until
from tests.storage.frames import write
from zerostate_monitoring.api import encoding
from zerostate_monitoring.exceptions import QuerySyntaxError
from zerostate_monitoring.frames.families import frame_of
from zerostate_monitoring.promql.embedded import EmbeddedQuerier
from zerostate_monitoring.promql.memory import MemoryStorage
from zerostate_monitoring.querying import engines
from zerostate_monitoring.sources.nodes.client import NodeClient
from zerostate_monitoring.sources.nodes.target import Target
from zerostate_monitoring.sources.prometheus.querier import RemoteQuerier

pytestmark = pytest.mark.real

# Where it can be neither found nor built, the run's summary says what was not compared.
__test__ = not missing()
if reason := missing():
    report.add(report.NOT_COMPARED, reason)


@pytest.fixture(scope="module")
def rows():
    return dataset(7)


@pytest.fixture(scope="module")
def server(rows, tmp_path_factory) -> Iterator[str]:
    directory: Path = tmp_path_factory.mktemp("api")
    with reference(prometheus3(), directory, rows) as made:
        yield made.url


@pytest.fixture(scope="module")
def memory(rows):
    return MemoryStorage(rows)


@pytest.fixture
def sides(server, memory, settings, monkeypatch) -> Sides:
    settings.ZEROSTATE_MONITORING_API_TOKEN = TOKEN
    monkeypatch.setattr(engines, "storage", lambda: memory)
    return Sides(server)


@pytest.mark.parametrize("text", [*EXPRESSIONS, *CALLS])
def test_parse__gives_the_same_tree(sides, text):
    """And the same text, laid out."""
    sides.same("parse_query", {"query": text})
    sides.same("format_query", {"query": text}, "POST")


@pytest.mark.parametrize("text", WRONG)
def test_syntax__errors_have_the_same_place(sides, text):
    """The sentence is ours. What is empty but for blanks has its place at its end."""
    asks = (sides.ours, sides.theirs)
    (here, ours), (there, theirs) = (ask("query", {"query": text}) for ask in asks)
    assert (here, ours["errorType"]) == (there, theirs["errorType"]) == (400, "bad_data")
    if text not in OWN_PLACES:
        assert place_of(ours) == place_of(theirs)
    assert "parse error: " in ours["error"]


@pytest.mark.parametrize(("path", "asked"), BAD)
def test_parameters__errors_are_the_same(sides, path, asked):
    """To the letter."""
    sides.same(path, asked)


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("text", QUERIES)
def test_query__answers_are_the_same(sides, text, method):
    """At an instant and over a range: shapes, series, times, values, remarks but their words."""
    sorted_by_value = text.startswith("sort")
    for path, when in (("query", {"time": str(MIDDLE)}), ("query_range", RANGE)):
        if path == "query_range" and (text[0] == '"' or text.endswith("]")):
            continue
        asked = {"query": text, **when}
        asks = (sides.ours, sides.theirs)
        here, there = (remarks_aside(ask(path, asked, method)) for ask in asks)
        if not sorted_by_value:
            for _, document in (here, there):
                in_order(document["data"]["result"])
        assert alike(here, there)


@pytest.mark.parametrize("text", REFUSED)
def test_query__refusals_have_the_same_kind(sides, text):
    """Status and type; the sentence is ours."""
    for path, when in (("query", {"time": str(MIDDLE)}), ("query_range", RANGE)):
        (here, ours), (there, theirs) = (
            ask(path, {"query": text, **when}) for ask in (sides.ours, sides.theirs)
        )
        assert (here, ours["status"], ours["errorType"]) == (
            (there, theirs["status"], theirs["errorType"])
        )
        assert set(ours) == set(theirs)


@pytest.mark.parametrize("path", ["query", "query_range"])
def test_query__options_do_the_same(sides, path):
    """Limit, look back, timeout, and forms of times and durations."""
    asked = {"query": "count({job!=''})", "time": str(MIDDLE), **RANGE}
    sides.same(path, {**asked, "lookback_delta": "1ms"})
    sides.same(path, {**asked, "lookback_delta": "1h", "timeout": "1m", "limit": "1"})
    sides.same(
        path,
        {
            **asked,
            "time": "2023-11-14T22:32:59.5Z",
            "start": "2023-11-14T22:13:20+01:00",
            "end": "2023-11-14T22:33:20.123456Z",
            "step": "1m30s",
        },
    )
    sides.same(
        path,
        {
            **asked,
            "query": "vector(time())",
            "start": "0.0005",
            "end": "1",
            "step": "0.25",
            "time": "1.0005",
        },
    )
    asks = (sides.ours, sides.theirs)
    answers = [ask(path, {**asked, "query": "{job!=''}", "limit": "2"})[1] for ask in asks]
    assert answers[0]["warnings"] == answers[1]["warnings"]
    assert [len(one["data"]["result"]) for one in answers] == [2, 2]


@pytest.mark.parametrize("asked", SEARCHED)
@pytest.mark.parametrize(
    "path",
    [
        "series",
        "labels",
        "label/job/values",
        "label/__name__/values",
        "label/U__jo_62_/values",
        "label/none/values",
    ],
)
def test_search__finds_the_same(sides, path, asked):
    """Series, names and values."""
    sides.same(path, asked)


@pytest.mark.parametrize("path", ["labels", "label/job/values"])
def test_search__limits_do_the_same(sides, path):
    """What is cut, and the warning."""
    for limit in ("0", "1", "2", "1000"):
        sides.same(path, {"limit": limit})
        sides.same(path, {"limit": limit, "match[]": ["{job!=''}", "{zone!=''}"]})
    for limit in ("1", "1000"):
        asked = {"limit": limit, "match[]": ["{job!=''}", "{zone!=''}"]}
        answers = [ask("series", asked)[1] for ask in (sides.ours, sides.theirs)]
        assert answers[0] == answers[1]


@pytest.mark.parametrize("text", SELECTORS)
def test_search__refusals_have_the_same_place(sides, text):
    """For each endpoint that takes match[]."""
    for path in ("series", "labels", "label/job/values"):
        asks = (sides.ours, sides.theirs)
        (here, ours), (there, theirs) = (ask(path, {"match[]": text}) for ask in asks)
        assert (here, ours["errorType"], set(ours)) == (there, theirs["errorType"], set(theirs))
        assert place_of(ours) == place_of(theirs)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("protocol", ["OpenMetricsText1.0.0", "PrometheusText0.0.4"])
def test_metadata__is_what_a_scrape_finds(sides, store, live_server, tmp_path, protocol):
    """Of every family on the page: type, help, and the unit where the format tells it.

    In OpenMetrics a family's name is not that of its samples, as ``_total`` or ``_info``
    follow; here it has the name that stands in queries.
    """
    families = [
        GaugeMetricFamily("shop_weight_grams", "Weight.", value=1, unit="grams"),
        CounterMetricFamily("shop_orders", "Orders,\nall of them.", value=2),
        HistogramMetricFamily("shop_wait_seconds", "Wait.", [("+Inf", 1)], 1, unit="seconds"),
        InfoMetricFamily("shop", "The shop.", {"name": "x"}),
    ]
    write(store, "collector:test", frame_of(families, time.time()))
    with scraping(tmp_path, live_server.url.rpartition("/")[2], protocol) as url:
        sides.url = url
        # It knows metadata line by line while it scrapes, and ``up`` when it has the whole page.
        asked = {"query": "up == 1"}
        wait_until(
            lambda: sides.theirs("query", asked)[1]["data"]["result"], 60, "the page is scraped"
        )
        theirs = sides.theirs("metadata", {})[1]["data"]
        named = {name: sides.theirs("metadata", {"metric": name})[1] for name in theirs}
    ours = sides.ours("metadata", {})[1]["data"]
    assert len(theirs) > 5
    for name, (known,) in theirs.items():
        assert named[name]["data"] == {name: [known]}
        suffix = {"counter": "_total", "info": "_info"}[known["type"]] if name not in ours else ""
        kind = "gauge" if known["type"] == "info" else known["type"]
        ((found,),) = sides.ours("metadata", {"metric": name + suffix})[1]["data"].values()
        assert ours[name + suffix] == [found]
        unit = found["unit"] if protocol.startswith("OpenMetrics") else ""
        assert {**found, "unit": unit} == {**known, "type": kind}


def test_buildinfo__has_the_same_keys(sides):
    """Whatever stands in them."""
    (_, ours), (_, theirs) = (ask("status/buildinfo", {}) for ask in (sides.ours, sides.theirs))
    assert set(ours["data"]) == set(theirs["data"])


@pytest.mark.parametrize("text", [one for one in QUERIES if "{job!=''}" not in one])
def test_server__asked_in_place_gives_the_same_values(server, memory, text):
    """A real Prometheus and this app's engine behind one protocol."""
    client = NodeClient()
    remote = RemoteQuerier(Target(name="p", role="p", base_url=server, timeout=30), client)
    own = EmbeddedQuerier(memory)
    try:
        here, there = (one.instant(text, MIDDLE * 1000) for one in (own, remote))
        answers = [encoding.success(encoding.result_data(one)) for one in (here, there)]
        data = [json.loads(answer)["data"] for answer in answers]
        for one in data:
            if not text.startswith("sort"):
                in_order(one["result"])
        assert alike(*data)
        assert (len(here.warnings), len(here.infos)) == (len(there.warnings), len(there.infos))
    finally:
        client.close()


@pytest.mark.parametrize("text", [one for one in WRONG if one not in OWN_PLACES])
def test_server__asked_in_place_points_at_the_same_place(server, memory, text):
    """An error of the server stands where this app's own would."""
    client = NodeClient()
    remote = RemoteQuerier(Target(name="p", role="p", base_url=server, timeout=30), client)
    places = []
    for one in (EmbeddedQuerier(memory), remote):
        with pytest.raises(QuerySyntaxError) as caught:
            one.instant(text, 0)
        places.append(caught.value.start)
    client.close()
    assert places[0] == places[1]
