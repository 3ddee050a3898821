"""What leaves a process holds no client, no query, no text of an error."""

from __future__ import annotations

import pytest
from opentelemetry.trace import SpanKind, Status, StatusCode, get_tracer

from zerostate_monitoring import tracing
from zerostate_monitoring.exceptions import SourceError
from zerostate_monitoring.tracing.sdk.scrubbing import clean, scrubbed

SECRET = "hunter2"


def test_clean__takes_out_who_asks_and_what_for():
    """Names of people, addresses of clients, headers and queries do not leave."""
    told = {
        "client.address": SECRET,
        "user_agent.original": SECRET,
        "url.query": SECRET,
        "http.request.header.authorization": SECRET,
        "url.full": f"https://me:{SECRET}@node.example:8080/metrics?token={SECRET}#{SECRET}",
        "http.url": f"http://[{SECRET}",
        "http.route": "/pay/",
        "long": "x" * 5000,
        "many": 5,
    }
    left = clean(told)
    assert SECRET not in str(left)
    assert left["url.full"] == "https://node.example:8080/metrics"
    assert (left["http.route"], len(left["long"]), left["many"]) == ("/pay/", 1024, 5)


def test_scrubbed__keeps_an_errors_type_and_not_its_text(kept):
    """Libraries record the whole of an error; its type is enough to look for the log line."""
    tracer = get_tracer("a library")
    with tracer.start_as_current_span("run/task", kind=SpanKind.CONSUMER) as span:
        span.record_exception(LookupError(SECRET))
        span.set_status(Status(StatusCode.ERROR, f"LookupError: {SECRET}"))
    (found,) = kept.get_finished_spans()
    assert SECRET in found.to_json()
    left = scrubbed(found)
    assert SECRET not in left.to_json()
    assert left.attributes
    assert left.status.description == left.attributes["error.type"] == "LookupError"
    assert left.context == found.context
    assert (left.kind, left.start_time, left.end_time) == (
        found.kind,
        found.start_time,
        found.end_time,
    )


def test_scrubbed__keeps_a_word_that_says_more_than_the_type(kept):
    """This app's spans say how a source failed; that stays."""
    with pytest.raises(SourceError), tracing.span("GET"):
        raise SourceError("no whole answer in time", kind="timeout")
    left = scrubbed(kept.get_finished_spans()[0])
    assert left.attributes
    assert left.status.description == left.attributes["error.type"] == "timeout"


def test_scrubbed__drops_a_description_that_is_no_word(kept):
    """A library's status that only has a text has none afterwards, be it one word."""
    with get_tracer("x").start_as_current_span("a") as span:
        span.set_status(Status(StatusCode.ERROR, SECRET))
    left = scrubbed(kept.get_finished_spans()[0])
    assert (left.status.status_code, left.status.description) == (StatusCode.ERROR, None)


def test_scrubbed__a_clock_that_is_set_back_makes_no_time_below_nothing(kept):
    """Shown as having taken no time: a collector would read hundreds of years."""
    with tracing.span("payment.send"):
        pass
    (found,) = kept.get_finished_spans()
    found._end_time = found.start_time - 3_600_000_000_000
    assert scrubbed(found).end_time == found.start_time
