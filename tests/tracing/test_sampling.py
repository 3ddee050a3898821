"""Sampling: the parent decides, a share of the roots is taken, and callers can be distrusted."""

from __future__ import annotations

import pytest
from opentelemetry.context import Context
from opentelemetry.trace import SpanKind

from zerostate_monitoring.tracing.sdk.propagation import read
from zerostate_monitoring.tracing.sdk.sampling import sampler

# The share goes by the last half of the id: this one is in any share.
LUCKY = 1
UNLUCKY = 2**64 - 1


def taken(made, *, kind=SpanKind.INTERNAL, flags=None, trace_id=LUCKY):
    """Whether a span is recorded; ``flags`` are those of a remote parent."""
    told = {"traceparent": f"00-{trace_id:032x}-00f067aa0ba902b7-{flags}"}
    context = Context() if flags is None else read(told)
    return made.should_sample(context, trace_id, "x", kind).decision.is_sampled()


def test_ratio__0_is_none_and_1_is_all():
    """The original took 0 for 1."""
    assert not taken(sampler(0, trusts_callers=True), flags="01")
    assert not taken(sampler(0, trusts_callers=True))
    assert taken(sampler(1, trusts_callers=True), trace_id=UNLUCKY)


def test_ratio__is_of_roots():
    """A tenth of the ids, the same in every process."""
    made = sampler(0.1, trusts_callers=True)
    assert taken(made)
    assert not taken(made, trace_id=UNLUCKY)
    ids = [(number * 0x9E3779B97F4A7C15) % 2**64 or 1 for number in range(1, 5001)]
    assert 400 < sum(taken(made, trace_id=one) for one in ids) < 600


@pytest.mark.parametrize("kind", list(SpanKind))
def test_parent__decides(kind):
    """Whoever began a trace has decided for all."""
    made = sampler(0.1, trusts_callers=True)
    assert taken(made, kind=kind, flags="01", trace_id=UNLUCKY)
    assert not taken(made, kind=kind, flags="00")


def test_callers__that_are_not_trusted_decide_nothing():
    """Neither by their flag nor by an id of their choice; our own tasks still follow."""
    made = sampler(0.0001, trusts_callers=False)
    forged = [taken(made, kind=SpanKind.SERVER, flags="01") for _ in range(2000)]
    assert sum(forged) < 20
    assert taken(made, kind=SpanKind.CONSUMER, flags="01", trace_id=UNLUCKY)
    assert "Distrusting" in made.get_description()
