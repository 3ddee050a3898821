"""The border with prometheus_client."""

from __future__ import annotations

import pytest
from hypothesis import given
from prometheus_client import CollectorRegistry, Counter, Histogram, Metric

from tests.frames.strategies import families
from zerostate_monitoring.exceptions import DefinitionError
from zerostate_monitoring.frames.builder import FrameBuilder
from zerostate_monitoring.frames.families import add_family, families_of, frame_of


@given(families())
def test_families__round_trip(found):
    """Families that went through a frame are the same families."""
    for before, after in zip(found, families_of(frame_of(found, 0)), strict=True):
        head = ("name", "documentation", "type", "unit")
        assert [getattr(after, a) for a in head] == [getattr(before, a) for a in head]
        assert [(s.name, s.labels, repr(s.value)) for s in after.samples] == [
            (s.name, s.labels, repr(s.value)) for s in before.samples
        ]


def test_frame_of__drops_created():
    """Times of creation mean nothing for a total over processes."""
    registry = CollectorRegistry()
    Counter("a", "Help.", registry=registry).inc()
    Histogram("b", "Help.", registry=registry).observe(1)
    names = {name for name, _, _ in frame_of(registry.collect(), 0).samples()}
    assert names == {"a_total", "b_bucket", "b_count", "b_sum"}


def test_add_family__is_all_or_nothing():
    """A family that does not fit leaves nothing of itself behind."""
    builder = FrameBuilder()
    builder.declare("a", "gauge")
    builder.add("a", {"x": "1"}, 1)
    second = Metric("a", "Help.", "gauge")
    second.add_sample("a", {"x": "2"}, 2)
    second.add_sample("a", {"x": "1"}, 3)
    with pytest.raises(DefinitionError, match="stands twice"):
        add_family(builder, second)
    assert list(builder.build(0).samples()) == [("a", (("x", "1"),), 1.0)]


@pytest.mark.parametrize("name", ["other", "b", "a x", "a\n"])
def test_add_family__refuses_samples_of_another_name(name):
    """A sample's name begins with its family's, and is a name."""
    family = Metric("a", "Help.", "gauge")
    family.add_sample(name, {}, 1)
    with pytest.raises(DefinitionError):
        frame_of([family], 0)


def test_families_of__keeps_exemplars():
    """An exemplar of an instrument is there again after the way through a frame."""
    registry = CollectorRegistry()
    Counter("a", "Help.", registry=registry).inc(1, exemplar={"trace_id": "t"})
    (family,) = families_of(frame_of(registry.collect(), 0))
    assert family.samples[0].exemplar.labels == {"trace_id": "t"}
