"""Whatever is asked, the answer is Prometheus's error, and it comes soon."""

from __future__ import annotations

import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.api.conftest import NOW, TOKEN, Api
from zerostate_monitoring.exceptions import (
    ConfigurationError,
    QueryLimitError,
    QueryTimeoutError,
    StoreUnavailableError,
)

RANGE = {"query": "up", "start": NOW - 60, "end": NOW, "step": 15}
NO_STEP = "zero or negative query resolution step widths are not accepted. Try a positive integer"
TOO_FINE = (
    "exceeded maximum resolution of 11,000 points per timeseries. "
    "Try decreasing the query resolution (?step=XX)"
)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"start": ""}, 'invalid parameter "start": cannot parse "" to a valid timestamp'),
        ({"end": "abc"}, 'invalid parameter "end": cannot parse "abc" to a valid timestamp'),
        (
            {"end": NOW - 61},
            'invalid parameter "end": end timestamp must not be before start time',
        ),
        ({"step": ""}, 'invalid parameter "step": cannot parse "" to a valid duration'),
        ({"step": 0}, f'invalid parameter "step": {NO_STEP}'),
        ({"step": "-1"}, f'invalid parameter "step": {NO_STEP}'),
        ({"step": "1e-9"}, TOO_FINE),
        ({"start": NOW - 11_001, "step": 1}, TOO_FINE),
        ({"start": NOW - 10**9, "step": 1}, TOO_FINE),
        ({"start": "-9e15", "end": "4e15", "step": "0.001"}, None),
        ({"timeout": "x"}, 'invalid parameter "timeout": cannot parse "x" to a valid duration'),
        ({"limit": -1}, 'invalid parameter "limit": limit must be non-negative'),
        (
            {"lookback_delta": "x"},
            'error parsing lookback delta duration: cannot parse "x" to a valid duration',
        ),
    ],
)
def test_range__what_cannot_be_is_bad_data(api, changes, message):
    """In Prometheus's words."""
    kind, text = api.refusal("query_range", **{**RANGE, **changes})
    assert kind == "bad_data"
    assert message is None or text == message


def test_range__eleven_thousand_steps_are_answered(api):
    """The largest that there is."""
    asked = {**RANGE, "start": NOW - 11_000, "step": 1}
    assert api.data("query_range", **asked)["resultType"] == "matrix"


def test_range__of_what_is_no_vector(api):
    """A matrix or a string has no range."""
    for query in ("up[1m]", "'text'"):
        kind, text = api.refusal("query_range", **{**RANGE, "query": query})
        assert kind == "bad_data"
        assert text.startswith('invalid parameter "query": a range query wants')


@pytest.mark.parametrize(
    ("query", "place"),
    [
        ("", "unknown position"),
        ("up +", "1:5"),
        ("nosuch(up)", "1:1"),
        ("up{", "1:4"),
        ("1 +\n  sum(up[5m])", "2:7"),
        ("up{job=~'('}", "1:4"),
        ("'é' + ", "1:8"),
        ("{}", "1:1"),
        ("{job=''}", "1:1"),
        ("1 + 'a'", "1:5"),
        ("up[", None),
        ("\0", None),
        ("((((", None),
        ("rate(up)", "1:6"),
    ],
)
def test_query__errors_of_syntax_and_type_have_a_place(api, query, place):
    """Line and column, both from 1."""
    for path in ("query", "format_query", "parse_query"):
        kind, text = api.refusal(path, query=query)
        assert kind == "bad_data"
        assert "parse error: " in text
        assert place is None or text.startswith(f'invalid parameter "query": {place}: ')


@pytest.mark.parametrize(
    "query",
    ["(" * 10_000 + "1" + ")" * 10_000, "-" * 10_000 + "1", "1" + "+1" * 500_000, "x" * 1_000_000],
    ids=["parentheses", "signs", "operators", "a name"],
)
def test_query__the_enormous_is_refused_at_once(api, query):
    """Nobody waits for it, and nothing overflows."""
    before = time.monotonic()
    response = api.response("query", method="POST", query=query, time=NOW)
    assert response.status_code in {200, 400, 422}
    assert time.monotonic() - before < 5
    assert len(response.content) < 5000


def test_query__more_bytes_than_are_allowed(api, settings):
    """By what the request says, and by Django's own limit."""
    settings.ZEROSTATE_MONITORING_API_MAX_BYTES = 1000
    assert api.refusal("query", 413, method="POST", query="x" * 2000)[0] == "bad_data"
    settings.ZEROSTATE_MONITORING_API_MAX_BYTES = 10**9
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100
    body = {"data": "query=" + "x" * 200, "content_type": "application/x-www-form-urlencoded"}
    assert api.client.post("/monitoring/api/v1/query", **body).status_code == 413


@pytest.mark.parametrize("charset", ["latin-1", "utf-16", "hex", "idna", "undefined"])
def test_query__a_form_that_is_not_utf_8(api, charset):
    """Django reads none of them, some with errors of its own; the caller hears of it."""
    parts = b'--x\r\nContent-Disposition: form-data; name="query"\r\n\r\n1\r\n--x--\r\n'
    for kind, body, others in (
        ("application/x-www-form-urlencoded", b"query=1", ()),
        ("multipart/form-data; boundary=x", parts, ("latin-1", "utf-16")),
    ):
        asked = {"data": body, "content_type": f"{kind}; charset={charset}"}
        response = api.client.generic("POST", "/monitoring/api/v1/query", **asked)
        assert response.status_code == 400 or charset in others, response.content
        assert response.json()["status"] in {"error", "success"}


def test_query__too_many_parameters(api):
    """Django's limit is bad data, not a page."""
    assert api.refusal("series", match=["up"] * 1001)[0] == "bad_data"


@pytest.mark.parametrize("value", ["abc", "NaN", "1e300", "2026-13-01T00:00:00Z", "9" * 5000])
def test_times__that_are_none(api, value):
    """An instant query, and the window of a search."""
    _, text = api.refusal("query", query="up", time=value)
    assert text.startswith(
        "invalid parameter \"time\": invalid time value for 'time': cannot parse"
    )
    for path in ("series", "labels", "label/job/values"):
        assert api.refusal(path, match=["up"], start=value)[0] == "bad_data"


@pytest.mark.parametrize("at", ["-4e15", "4e15", "0", "-1"])
def test_times__at_the_ends_of_the_clock(api, at):
    """Nothing was there."""
    assert api.data("query", query="up offset 5m", time=at)["result"] == []
    assert api.data("query", query="rate(up[5m:1m])", time=at)["result"] == []


def test_selectors__that_are_none(api):
    """Anything but conditions is refused, with its place."""
    assert api.refusal("series") == ("bad_data", "no match[] parameter provided")
    for text in ("up + 1", "up[5m]", "up offset 1m", "up @ 1", "{}", "", "sum(up)", "(up)", "1"):
        kind, error = api.refusal("series", match=["up", text])
        assert kind == "bad_data"
        assert error.startswith('invalid parameter "match[]": ')
        assert api.refusal("labels", match=[text])[0] == "bad_data"
        assert api.refusal("label/job/values", match=[text])[0] == "bad_data"


def test_metadata__limits_that_are_none(api):
    """Each says its own name."""
    assert api.refusal("metadata", limit="x") == ("bad_data", "limit must be a number")
    assert api.refusal("metadata", limit_per_metric="1.5") == (
        "bad_data",
        "limit_per_metric must be a number",
    )


@pytest.mark.parametrize(
    ("failure", "status", "kind"),
    [
        (StoreUnavailableError("no answer in 1 s"), 503, "unavailable"),
        (QueryTimeoutError("took too long"), 503, "timeout"),
        (QueryLimitError("too many samples"), 422, "execution"),
        (ConfigurationError("REDIS_URL"), 500, "internal"),
        (KeyError("up"), 500, "internal"),
        (RecursionError(), 500, "internal"),
        (MemoryError(), 422, "execution"),
    ],
)
def test_history__that_fails_is_an_error(api, history, failure, status, kind):
    """With the status of its kind, for every endpoint that reads it."""
    history.failures.append(failure)
    for path, asked in (
        ("query", {"query": "up"}),
        ("query_range", RANGE),
        ("series", {"match": ["up"]}),
        ("labels", {}),
        ("label/job/values", {}),
    ):
        assert api.refusal(path, status, **asked)[0] == kind


def test_history__an_error_nobody_thought_of_is_not_told(api, history, caplog):
    """It is in the log; the caller reads no secrets."""
    history.failures.append(RuntimeError("password=hunter2"))
    assert "hunter2" not in api.refusal("query", 500, query="up")[1]
    assert "query_broken" in caplog.text


def test_store__away_is_an_error_and_soon(settings):
    """Nothing is made up, and nobody waits."""
    settings.ZEROSTATE_MONITORING_API_TOKEN = TOKEN
    before = time.monotonic()
    for path, asked in (("query", {"query": "up"}), ("labels", {})):
        assert Api().refusal(path, 503, **asked)[0] == "unavailable"
    assert time.monotonic() - before < 4


def test_timeout__can_only_be_shortened(api, settings):
    """0 is over at once; more than the setting changes nothing."""
    assert api.refusal("query", 503, query="up", timeout="0")[0] == "timeout"
    assert api.data("query", query="up", timeout="100d")["resultType"] == "vector"


@pytest.mark.parametrize(
    "query", ["vector(1)[100y:1s]", "up[292y:1ms]", "max_over_time(vector(1)[100y:1s])"]
)
def test_query__a_century_of_seconds_is_refused(api, query):
    """Before it takes memory."""
    assert api.refusal("query", 422, query=query, time=NOW)[0] == "execution"


@pytest.mark.parametrize(
    "query",
    [
        *("'\\xff'", "label_replace(up, 'a', '\\xff', '', '')", "{'\\xff'='a'}", "'\0'"),
        *("up offset 292y", "up[292y] offset -292y", "topk(1e300, up)", "year(vector(NaN))"),
        *("up @ 4e15", "day_of_month(vector(1e300))", "predict_linear(up[5m], 1e300)"),
        *("absent_over_time(up[292y])", "up * on(job) up", "label_join(up, '\\xff', ',', 'a')"),
    ],
)
def test_query__of_what_is_strange(api, query):
    """Bytes that are no text, times beyond all clocks, numbers beyond all integers."""
    for path, when in (("query", {"time": NOW}), ("query_range", RANGE)):
        response = api.response(path, **{**when, "query": query})
        assert response.status_code in {200, 400, 422}
        assert response.json()["status"] in {"success", "error"}


def test_limits__of_the_settings_hold(api, settings):
    """Samples, series and steps past them are an error of execution."""
    settings.ZEROSTATE_MONITORING_QUERY_MAX_SERIES = 2
    assert api.refusal("query", 422, query="up", time=NOW)[0] == "execution"
    for path in ("series", "labels", "label/job/values"):
        assert api.refusal(path, 422, match=["up"])[0] == "execution"
    settings.ZEROSTATE_MONITORING_QUERY_MAX_STEPS = 3
    assert api.refusal("query_range", 422, **RANGE)[0] == "execution"


def test_limits__of_the_settings_hold_for_searches(api, settings):
    """They read the same series."""
    searches = (("series", {"match": ["up"]}), ("labels", {}), ("label/job/values", {}))
    for name, value, status, kind in (
        ("TIMEOUT_SECONDS", 1e-9, 503, "timeout"),
        ("MAX_SAMPLES", 5, 422, "execution"),
        ("MAX_SERIES", 2, 422, "execution"),
    ):
        setattr(settings, f"ZEROSTATE_MONITORING_QUERY_{name}", value)
        for path, asked in searches:
            assert api.refusal(path, status, **asked)[0] == kind
        delattr(settings, f"ZEROSTATE_MONITORING_QUERY_{name}")


def test_query__of_a_metric_that_vanishes_between_parse_and_read(api, history):
    """It was known, and has been read once: what is left is an answer without it."""
    asked = {"query": "count(up) or count(up offset 1m) + 1", "time": NOW}
    assert api.data("query", **asked)["result"][0]["value"][1] == "3"
    history.vanishes.append("up")
    assert api.data("query", **asked)["result"][0]["value"][1] == "3"
    assert api.data("query", **asked)["result"] == []
    assert api.data("query_range", **RANGE)["result"] == []
    assert api.data("series", match=["up"]) == []


@given(
    path=st.sampled_from(["query", "query_range", "series", "labels", "metadata", "parse_query"]),
    values=st.dictionaries(
        st.sampled_from(
            ["query", "time", "start", "end", "step", "match", "limit", "timeout", "metric"]
        ),
        st.text(max_size=20) | st.sampled_from(["up", "0", "1", "-1", "1e18", "5m", "up[5m]"]),
    ),
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_anything__is_answered_or_refused(api, path, values):
    """No text in any parameter gives a 500."""
    response = api.response(path, **values)
    assert response.status_code in {200, 400, 422, 503}
    assert response.json()["status"] in {"success", "error"}
