"""Spans: over OpenTelemetry where it is at work, nothing where it is not."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF
from opentelemetry.trace import StatusCode

from tests.tracing.conftest import provider_into
from zerostate_monitoring import tracing
from zerostate_monitoring.tracing import optional
from zerostate_monitoring.tracing.threads import carried


def test_import__loads_nothing_of_opentelemetrys():
    """Who traces nothing pays for nothing: not even the API is imported."""
    code = (
        "import sys\n"
        "from zerostate_monitoring import tracing\n"
        "from zerostate_monitoring.tracing import carrier, names\n"
        "with tracing.span('a.b') as span: span.set_attribute('x', 1)\n"
        "assert carrier.to_text() == '' and carrier.context_of('x') is None\n"
        "assert not [m for m in sys.modules if m.startswith('opentelemetry')]\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_span__is_nothing_without_an_sdk():
    """The API alone records nothing, and nothing is current."""
    with tracing.span("p2p.relay") as span:
        assert span is tracing.NOTHING
        assert not tracing.is_recording()
        assert tracing.exemplar_labels() is None


def test_sdk__is_seen_as_soon_as_it_is_set_up(kept):
    """The private name by which it is seen is still the one that the public way sets."""
    assert optional.active() is trace
    assert trace.get_tracer_provider() is trace._TRACER_PROVIDER


def test_span__is_current_until_its_end(ended):
    """What begins meanwhile is beneath it; what comes after is not."""
    with tracing.span("guild.create", {"zerostate.guild.id": "g"}) as outer:
        outer.set_attribute("zerostate.count", 2)
        with tracing.span("guild.join"):
            assert tracing.is_recording()
    assert not trace.get_current_span().get_span_context().is_valid
    found = ended()
    assert found["guild.join"].parent.span_id == found["guild.create"].context.span_id
    said = dict(found["guild.create"].attributes)
    assert said == {"zerostate.guild.id": "g", "zerostate.count": 2}
    assert found["guild.create"].instrumentation_scope.name == "zerostate/guild"


def test_span__names_an_error_by_its_type_alone(ended):
    """No text of an error gets into a span: it may hold anything."""
    with pytest.raises(LookupError), tracing.span("payment.verify"):
        raise LookupError("hunter2")
    span = ended()["payment.verify"]
    assert (span.status.status_code, span.status.description) == (StatusCode.ERROR, "LookupError")
    assert [dict(event.attributes) for event in span.events] == [{"exception.type": "LookupError"}]
    assert "hunter2" not in span.to_json()


def test_span__is_a_decorator_too(ended):
    """Each call is a span of its own."""

    @tracing.span("wasm.meter")
    def meter(number):
        return number + 1

    assert [meter(1), meter(2)] == [2, 3]
    assert "wasm.meter" in ended()


def test_span__begins_nothing_beneath_one_that_is_not_sampled(monkeypatch):
    """The decision of the root holds for all beneath, at the price of a look."""
    kept = provider_into(monkeypatch, ALWAYS_OFF)
    with tracing.span("a.root"), tracing.span("a.leaf") as leaf:
        assert leaf is tracing.NOTHING
        assert trace.get_current_span().get_span_context().is_valid
    assert not kept.get_finished_spans()


def test_call__is_never_a_trace_of_its_own(ended):
    """A call to the outside is a span only where it belongs to something."""
    with tracing.call("GET"):
        pass
    assert ended() == {}
    with tracing.span("monitoring.collect"), tracing.call("GET"):
        pass
    assert set(ended()) == {"GET", "monitoring.collect"}


def test_carried__takes_the_trace_into_a_thread(kept):
    """Work in a pool belongs to the trace of whoever asked for it."""

    def work():
        with tracing.span("a.thread"):
            pass

    with tracing.span("a.caller"), ThreadPoolExecutor(1) as pool:
        pool.submit(carried(work)).result()
        pool.submit(work).result()
    first, second, caller = kept.get_finished_spans()
    assert first.parent.span_id == caller.context.span_id
    assert second.parent is None


def test_leave__lets_a_span_go_on_that_is_no_longer_current(ended):
    """A stream's span ends elsewhere, and nobody is beneath it meanwhile."""
    span = tracing.start_span("a.stream")
    span.leave()
    with tracing.span("a.next"):
        pass
    asyncio.run(_end(span))
    assert ended()["a.next"].parent is None
    assert "a.stream" in ended()


async def _end(span):
    span.end()


def test_exemplar__names_trace_and_span(kept):
    """What an exemplar says is what a trace's page is found by."""
    with tracing.span("a.b"):
        labels = tracing.exemplar_labels()
    (span,) = kept.get_finished_spans()
    assert labels == {
        "trace_id": format(span.context.trace_id, "032x"),
        "span_id": format(span.context.span_id, "016x"),
    }
