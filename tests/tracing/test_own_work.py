"""This app's own work as spans: collect, evaluate, deliver, send."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
import urllib3
from opentelemetry.trace import StatusCode

from zerostate_monitoring import tasks, tracing
from zerostate_monitoring.alerting.delivery import posting
from zerostate_monitoring.collectors.followed import followed
from zerostate_monitoring.collectors.outcome import Outcome
from zerostate_monitoring.notifiers.base import DeliveryError
from zerostate_monitoring.tasks import alerting


@pytest.mark.parametrize(
    ("outcome", "status"),
    [
        (Outcome(name="p2p", ok=True, samples=7), StatusCode.UNSET),
        (Outcome(name="p2p", ok=False, error_kind="timeout", error="hunter2"), StatusCode.ERROR),
    ],
)
def test_collect__says_which_collector_and_how_it_ended(ended, outcome, status):
    """How many samples, and the bounded word of a failure; never its text."""
    assert followed(lambda name: outcome)("p2p") is outcome
    span = ended()["monitoring.collect"]
    assert span.attributes["zerostate.collector"] == "p2p"
    assert span.attributes["zerostate.count"] == outcome.samples
    assert span.status.status_code is status
    assert "hunter2" not in span.to_json()


def test_evaluate_and_deliver__say_how_much_they_did(ended, monkeypatch):
    """Slots that were written, tries that were made."""
    monkeypatch.setattr(alerting, "tick", lambda now: 3)
    monkeypatch.setattr(alerting, "deliver_due", lambda now, **options: 2)
    tasks.evaluate()
    tasks.deliver()
    assert ended()["monitoring.evaluate"].attributes["zerostate.count"] == 3
    assert ended()["monitoring.deliver"].attributes["zerostate.count"] == 2


def test_send__is_a_span_and_tells_receivers_nothing(ended, monkeypatch):
    """A receiver's kind and that it failed; neither its address nor a header with the trace."""
    told = []
    lease: Any = SimpleNamespace()
    receiver: Any = SimpleNamespace(kind="slack")

    def send(lease, receiver):
        told.append(tracing.is_recording())
        return posting.Outcome(lease, 0.1, error=DeliveryError("https://hooks.example/hunter2"))

    monkeypatch.setattr(posting, "_attempt", send)
    with tracing.span("monitoring.deliver"):
        posting.attempt(lease, receiver)
    span = ended()["monitoring.send"]
    assert told == [True]
    assert span.parent.span_id == ended()["monitoring.deliver"].context.span_id
    assert span.attributes["zerostate.receiver.kind"] == "slack"
    assert span.status.description == "delivery_error"
    assert "hunter2" not in span.to_json()


@pytest.fixture
def instrumented(kept):
    """urllib3, beneath requests, is followed while the test runs."""
    from opentelemetry import trace

    from zerostate_monitoring.tracing.sdk import libraries

    libraries.instrument(trace.get_tracer_provider())
    yield kept
    libraries.uninstrument()


def test_unfollowed__keeps_libraries_quiet(instrumented):
    """What apprise sends, in the end over urllib3, is no span; what others send is."""
    from tests.otlp import receiver

    with receiver() as got, tracing.span("monitoring.send"):
        for quiet in (True, False):
            if quiet:
                with tracing.unfollowed():
                    urllib3.request("POST", f"{got.url}/hunter2?token=x", body=b"", timeout=30)
            else:
                urllib3.request("POST", f"{got.url}/v1/traces", body=b"", timeout=30)
    names = [span.name for span in instrumented.get_finished_spans()]
    assert names == ["POST", "monitoring.send"]
    post = instrumented.get_finished_spans()[0]
    assert "hunter2" not in post.to_json()
