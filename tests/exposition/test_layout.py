"""The lines of a schema."""

from __future__ import annotations

import pytest

from zerostate_monitoring.exposition.layout import Layout
from zerostate_monitoring.exposition.numbers import spell
from zerostate_monitoring.exposition.selection import Selection
from zerostate_monitoring.frames.builder import FrameBuilder

ODD = ("100%", "%b", "%%b\n", "a\rb", "\x85", '"', "\\")


def rendered(values: tuple[str, ...], labels: tuple[tuple[str, str], ...] = ()) -> bytes:
    """One gauge with a series for each label value."""
    builder = FrameBuilder()
    builder.declare("g", "gauge")
    for value in values:
        builder.add("g", {"key": value}, 1)
    frame = builder.build(0, labels)
    return b"".join(Layout(frame.schema, labels).render(spell(frame.values)))


@pytest.mark.parametrize("value", ODD)
def test_layout__keeps_every_character_of_a_label_value(value):
    """A percent sign or a line break of any kind is text like any other."""
    escaped = value.replace("\\", r"\\").replace("\n", r"\n").replace('"', r"\"")
    assert rendered((value,)).decode() == f'g{{key="{escaped}"}} 1.0\n'
    assert rendered(("k",), (("n", value),)).decode() == f'g{{key="k",n="{escaped}"}} 1.0\n'


def test_layout__counts_its_lines():
    """A label value that looks like an end of line does not make two of it."""
    builder = FrameBuilder()
    builder.declare("g", "gauge")
    for value in ODD:
        builder.add("g", {"key": value}, 1)
    (family,) = Layout(builder.build(0).schema, ()).families
    assert family.size == len(family.lines) == len(ODD)


def test_selection__takes_the_lines_of_a_sample_name():
    """Also where a label value holds a carriage return, and one name begins another."""
    builder = FrameBuilder()
    builder.declare("h", "histogram")
    for suffix, labels in (("_bucket", {"le": "+Inf", "k": "a\rb"}), ("_sum", {}), ("_count", {})):
        builder.add("h", labels, 2, suffix=suffix)
    frame = builder.build(0)
    layout = Layout(frame.schema, ())
    (family,), (text,) = layout.families, layout.render([b"1.0", b"2.0", b"3.0"])
    taken = Selection(names=frozenset({"h_bucket", "h_count"})).lines(family, text)
    assert taken == b'h_bucket{k="a\rb",le="+Inf"} 1.0\nh_count 3.0\n'
