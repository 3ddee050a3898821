"""The carrier of messages: all three fields come back; what is forged or huge does not."""

from __future__ import annotations

import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from opentelemetry import baggage, trace
from opentelemetry import context as contexts

from zerostate_monitoring import tracing
from zerostate_monitoring.tracing import carrier

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
PARENT = f"00-{TRACE}-00f067aa0ba902b7-01"
WHOLE = {"traceparent": PARENT, "tracestate": "a=1,b=2", "baggage": "tenant=blue"}


@pytest.mark.parametrize("write", [carrier.to_map, carrier.to_text, carrier.to_bytes])
def test_carrier__brings_back_all_three_fields(kept, write):
    """Through a map, a text and bytes; the original's text lost two of them."""
    with carrier.continued(WHOLE), tracing.span("p2p.message.request"):
        told = write()
    with carrier.continued(told), tracing.span("p2p.message.response"):
        context = trace.get_current_span().get_span_context()
        assert format(context.trace_id, "032x") == TRACE
        assert context.trace_state.to_header() == "a=1,b=2"
        assert baggage.get_baggage("tenant") == "blue"
    sent, received = kept.get_finished_spans()
    assert received.parent.span_id == sent.context.span_id
    assert not contexts.get_current()


def test_carrier__takes_a_bare_traceparent(kept):
    """So the original's nodes write it."""
    with carrier.continued(PARENT), tracing.span("p2p.relay"):
        assert carrier.to_map()["traceparent"][3:35] == TRACE


@pytest.mark.parametrize(
    "forged",
    [
        "",
        "x",
        PARENT.upper(),
        f"ff-{TRACE}-00f067aa0ba902b7-01",
        f"00-{'0' * 32}-00f067aa0ba902b7-01",
        f"00-{TRACE}-{'0' * 16}-01",
        f"00-{TRACE[:-1]}-00f067aa0ba902b7-01",
        f"{PARENT}\n",
        f"{PARENT}-more",
        PARENT.replace("4", "٤"),
        f" {PARENT}",
        "[" * 100_000,
        '{"traceparent": 5}',
        '{"traceparent": null, "tracestate": "a=1"}',
        "[]",
        '"' + "x" * 20_000 + '"',
        b"\xff\xfe" * 10,
        b"\x00" * 1_000_000,
        None,
        5,
        [PARENT],
        {5: PARENT, "traceparent": PARENT.encode()},
    ],
)
def test_carrier__leaves_out_what_is_forged(kept, forged):
    """No parent, no error, of whatever type it is; the work begins a trace of its own."""
    with carrier.continued(forged), tracing.span("p2p.relay"):
        pass
    (span,) = kept.get_finished_spans()
    assert span.parent is None


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("tracestate", "a=" + "x" * 600),
        ("tracestate", "a=1\r\nx-admin: 1"),
        ("baggage", "a=" + "x" * 9000),
        ("baggage", ",".join(f"k{number}=v" for number in range(200))),
        ("baggage", "a=\x1b[31m"),
    ],
)
def test_carrier__leaves_out_one_field_and_keeps_the_others(name, value):
    """The trace goes on without what cannot be passed on."""
    kept = carrier.fields_of({**WHOLE, name: value})
    assert kept == {key: text for key, text in WHOLE.items() if key != name}


@given(st.one_of(st.binary(max_size=300), st.text(max_size=300)))
@example(json.dumps(WHOLE))
@example(json.dumps({"traceparent": [PARENT]}))
def test_fields__of_anything_are_sane(anything):
    """Whatever comes in: no error, and only what the W3C's rules allow comes out."""
    for name, value in carrier.fields_of(anything).items():
        assert name in WHOLE
        assert value.isascii()
        assert value.isprintable()


def test_text__is_no_larger_than_it_may_come_in():
    """What one side writes the other takes, also at the most that fields may hold."""
    most = {"traceparent": PARENT, "tracestate": "a" * 512, "baggage": "b" * 8192}
    assert carrier.fields_of(json.dumps(most, separators=(",", ":"))) == most
