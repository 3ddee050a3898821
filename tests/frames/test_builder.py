"""What a builder takes and refuses."""

from __future__ import annotations

import pytest

from zerostate_monitoring.exceptions import DefinitionError
from zerostate_monitoring.frames.builder import FrameBuilder
from zerostate_monitoring.frames.exemplar import Exemplar


@pytest.fixture
def builder():
    """A builder with one open gauge."""
    builder = FrameBuilder()
    builder.declare("a", "gauge", "Help.")
    return builder


def test_declare__refuses_a_second_type(builder):
    """One family has one type."""
    with pytest.raises(DefinitionError, match="a is declared as gauge and as counter"):
        builder.declare("a", "counter")


@pytest.mark.parametrize("name", ["", "1a", "a:b", "a-b", "ä", "a\n"])
def test_declare__refuses_names_that_cannot_be_exposed(builder, name):
    """Colons are for recorded series; the rest is no metric name."""
    with pytest.raises(DefinitionError):
        builder.declare(name, "gauge")


def test_declare__refuses_unknown_types(builder):
    """A type that no format knows is refused."""
    with pytest.raises(DefinitionError, match="unknown type 'gaugehistogram'"):
        builder.declare("b", "gaugehistogram")


def test_add__refuses_a_series_that_stands_twice(builder):
    """The order of labels does not make a new series."""
    builder.add("a", {"x": "1", "y": "2"}, 1)
    with pytest.raises(DefinitionError, match="stands twice"):
        builder.add("a", {"y": "2", "x": "1"}, 1)


@pytest.mark.parametrize("label", ["", "1", "a-b", "a:b", "ä"])
def test_add__refuses_label_names(builder, label):
    """A label name that Prometheus would not take is refused."""
    with pytest.raises(DefinitionError, match="no label name"):
        builder.add("a", {label: "x"}, 1)


def test_add__makes_any_value_encodable(builder):
    """A lone surrogate becomes U+FFFD; NUL, quotes and 10 kB stay."""
    hostile = {"s": "a\ud800b", "n": '\x00\\"\n', "l": "x" * 10_000}
    builder.add("a", hostile, 1)
    ((_, labels, _),) = builder.build(0).samples()
    assert dict(labels) == {**hostile, "s": "a\N{REPLACEMENT CHARACTER}b"}


def test_build__leaves_empty_families_out(builder):
    """A family without samples is not in the frame."""
    assert builder.build(0).schema.families == ()


def test_build__places_exemplars_by_sample(builder):
    """An exemplar keeps to its sample when other families come before."""
    builder.declare("b", "counter")
    exemplar = Exemplar((("trace_id", "t"),), 1.0, None)
    builder.add("b", {}, 1, suffix="_total", exemplar=exemplar)
    builder.add("a", {}, 1)
    assert builder.build(0).exemplars == {1: exemplar}
