"""Queries have the shapes of Prometheus's answers."""

from __future__ import annotations

import pytest

from tests.api.conftest import NOW


def test_query__vector(api):
    """Each series with its labels, and its value as text."""
    data = api.data("query", query='up{job="node"}', time=NOW)
    assert data == {
        "resultType": "vector",
        "result": [
            {
                "metric": {"__name__": "up", "instance": "c", "job": "node"},
                "value": [NOW, "1"],
            }
        ],
    }


def test_query__scalar_and_string(api):
    """A pair; a scalar has no exponent."""
    assert api.data("query", query="1e-7", time=1.5) == {
        "resultType": "scalar",
        "result": [1.5, "0.0000001"],
    }
    assert api.data("query", query="'a<b'", time=NOW)["result"] == [NOW, "a<b"]


def test_query__matrix(api):
    """The samples themselves."""
    data = api.data("query", query='tasks_total{status="ok"}[30s]', time=NOW)
    assert data["resultType"] == "matrix"
    (run,) = data["result"]
    assert run["values"] == [[NOW - 15, "190"], [NOW, "200"]]


@pytest.mark.parametrize(
    ("value", "text"), [("tiny", "1.5e-07"), ("large", "1e+21"), ("nan", "NaN"), ("inf", "-Inf")]
)
def test_query__strange_values(api, value, text):
    """As Prometheus spells them."""
    data = api.data("query", query=f'strange{{value="{value}"}}', time=NOW)
    assert data["result"][0]["value"] == [NOW, text]


def test_query__without_a_time_it_is_now(api):
    """A number has the time of asking."""
    at, value = api.data("query", query="1")["result"]
    assert value == "1"
    assert at > NOW


def test_query__range(api):
    """Every step, both ends included."""
    data = api.data(
        "query_range",
        query="sum by (job) (up)",
        start=NOW - 60,
        end=NOW,
        step="30s",
    )
    assert data["resultType"] == "matrix"
    assert data["result"] == [
        {"metric": {"job": "api"}, "values": [[NOW - 60, "1"], [NOW - 30, "1"], [NOW, "1"]]},
        {"metric": {"job": "node"}, "values": [[NOW - 60, "1"], [NOW - 30, "1"], [NOW, "1"]]},
    ]


def test_query__by_form(api):
    """POST asks the same, and a form's value goes before an address's."""
    asked = {"query": "up", "time": NOW}
    assert api.data("query", method="POST", **asked) == api.data("query", **asked)
    response = api.client.post("/monitoring/api/v1/query?query=2", {"query": "1"})
    assert response.json()["data"]["result"][1] == "1"


def test_limit__cuts_and_says_so(api):
    """For vectors and matrices; not for scalars."""
    whole = api.data("query", query="up", time=NOW, limit=3)["result"]
    document = api.answer("query", query="up", time=NOW, limit=2)
    assert document["data"]["result"] == whole[:2]
    assert document["warnings"] == ["results truncated due to limit"]
    document = api.answer("query_range", query="up", start=NOW, end=NOW, step=1, limit=1)
    assert len(document["data"]["result"]) == 1
    assert api.data("query", query="1", limit=1)["resultType"] == "scalar"


def test_lookback__is_what_the_caller_says(api):
    """A day-old sample is found by whoever looks back for two."""
    assert api.data("query", query="old", time=NOW)["result"] == []
    assert len(api.data("query", query="old", time=NOW, lookback_delta="2d")["result"]) == 1


def test_infos__are_told(api):
    """Where the engine has something to say, it stands beside the data."""
    document = api.answer("query", query="rate(up[1m])", time=NOW)
    assert len(document["infos"]) == 1
    assert document["infos"][0].startswith("PromQL info: ")
    assert document["infos"][0].endswith(" (1:6)")


def test_format__is_laid_out(api):
    """The expression in one form."""
    assert api.data("format_query", query="sum(up)by(job)") == "sum by (job) (up)"


def test_parse__gives_the_tree(api):
    """As Prometheus's own pages read it."""
    tree = api.data("parse_query", query="rate(up[5m] offset 1m) > bool -2")
    assert (tree["type"], tree["op"], tree["bool"]) == ("binaryExpr", ">", True)


def test_parse__gives_durations_that_are_computed(api):
    """Each in its own place; that of the plain one holds nothing then."""
    tree = api.data("parse_query", query="up[1h:(2 * step())] offset -range()")
    assert (tree["range"], tree["rangeExpr"]) == (3_600_000, None)
    assert (tree["step"], tree["offset"]) == (0, 0)
    computed = {"type": "durationExpr", "wrapped": False}
    assert tree["stepExpr"] == {
        "type": "durationExpr",
        "op": "*",
        "lhs": {"type": "numberLiteral", "val": "2", "duration": False},
        "rhs": {**computed, "op": "step", "lhs": None, "rhs": None},
        "wrapped": True,
    }
    asked = {**computed, "op": "range", "lhs": None, "rhs": None}
    assert tree["offsetExpr"] == {**computed, "op": "-", "lhs": None, "rhs": asked}


def test_buildinfo__has_prometheus_keys(api):
    """Clients look at the version."""
    data = api.data("status/buildinfo")
    assert set(data) == {"version", "revision", "branch", "buildUser", "buildDate", "goVersion"}
    assert data["version"].split(".")[0] == "3"


def test_parse_query__matchers_stand_as_they_were_written(api):
    """As in Prometheus; the text of the expression has them in order."""
    tree = api.data("parse_query", query="up{job='a',instance!='b'}")
    assert [one["name"] for one in tree["matchers"]] == ["job", "instance", "__name__"]
    assert api.data("format_query", query="up{b='1',a='2'}") == 'up{a="2",b="1"}'
