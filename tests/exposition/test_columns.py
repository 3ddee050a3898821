"""A column is what a Prometheus would read off the page."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.parser import text_string_to_metric_families

from tests.exposition.pages import page, snapshot
from tests.frames.strategies import families
from zerostate_monitoring.exposition.columns import PRODUCER_UP, Columns
from zerostate_monitoring.exposition.planner import Planner
from zerostate_monitoring.frames.builder import FrameBuilder
from zerostate_monitoring.frames.families import frame_of
from zerostate_monitoring.promql.data import NAME
from zerostate_monitoring.storage.parts import named


def columns(known=()):
    planner = Planner(lambda: dict(known), dict)
    return Columns(planner, lambda: dict(known))


def column(frames, maker=None, **changes):
    """The column of some producers: series to value."""
    found = {}
    for piece in (maker or columns()).pieces(snapshot(frames, **changes)):
        for labels, value in zip(piece.labels(), piece.values.tolist(), strict=True):
            found.setdefault(labels, value)
    return found


def without_own(found):
    return {k: v for k, v in found.items() if not dict(k)[NAME].startswith("zerostate_monitoring_")}


def scraped(text):
    """What a scrape of a page holds."""
    found = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            # Of two that differ in an empty label alone the first is taken.
            found.setdefault(named(sample.name, sample.labels.items()), sample.value)
    return found


def gauge(name, value=1.0, constant=(), **labels):
    builder = FrameBuilder()
    builder.declare(name, "gauge")
    builder.add(name, labels, value)
    return builder.build(0.0, constant)


@given(families(), families())
def test_column__holds_what_a_scrape_of_the_page_would(ours, theirs):
    """Any families of two producers: same names, labels and numbers, same refusals."""
    frames = {"collector:a": frame_of(ours, 0.0), "collector:b": frame_of(theirs, 0.0)}
    found, wanted = without_own(column(frames)), scraped(page(frames))
    assert found.keys() == wanted.keys()
    for labels, value in wanted.items():
        np.testing.assert_equal(found[labels], value)


def test_column__of_two_that_differ_in_an_empty_label_has_the_first_on_the_page():
    """Whichever producer's frame was read first."""
    last = {f"collector:b{n}": gauge("x", 2.0, **{f"l{n}": ""}) for n in range(20)}
    frames = {**last, "collector:a": gauge("x", 1.0)}
    assert without_own(column(frames)) == scraped(page(frames)) == {named("x", []): 1.0}


def test_column__has_the_labels_of_the_producer():
    """Those that stand on all lines of a node; empty labels are none."""
    frames = {"node:1": gauge("x", 3.0, (("node", "one"),), site="", peer="p")}
    assert without_own(column(frames)) == {named("x", [("node", "one"), ("peer", "p")]): 3.0}


def test_column__leaves_out_what_the_page_refuses():
    """The second producer's family of the same name and labels, and no other of its."""
    second = FrameBuilder()
    for name in ("x", "y"):
        second.declare(name, "gauge")
        second.add(name, {}, 2.0)
    frames = {"collector:a": gauge("x"), "collector:b": second.build(0.0)}
    assert without_own(column(frames)) == {named("x", []): 1.0, named("y", []): 2.0}


def test_column__writes_bounds_as_prometheus_does():
    """Prometheus 3 reads le="1" as le="1.0"."""
    builder = FrameBuilder()
    builder.declare("h", "histogram")
    for bound in ("1", "0.5", "+Inf"):
        builder.add("h", {"le": bound}, 1.0, suffix="_bucket")
    bounds = {dict(labels)["le"] for labels in without_own(column({"node:a": builder.build(0.0)}))}
    assert bounds == {"1.0", "0.5", "+Inf"}


def test_column__says_which_producers_were_there():
    """1 for those present; 0 for a collector that is known and gave nothing."""
    known = {"a": 60.0, "b": 60.0, "c": 60.0}
    found = column(
        {"collector:a": gauge("x"), "node:1": gauge("y")}, columns(known), notes={"c": {"off": 1}}
    )
    ups = {dict(k)["producer"]: v for k, v in found.items() if dict(k)[NAME] == PRODUCER_UP}
    assert ups == {"collector:a": 1.0, "node:1": 1.0, "collector:b": 0.0}


@given(st.lists(st.floats(), min_size=2, max_size=4))
def test_column__looks_at_labels_once(values):
    """While a producer's series are the same, so is what stands for them."""
    maker = columns()
    sources = set()
    for value in values:
        pieces = list(maker.pieces(snapshot({"collector:a": gauge("x", value)})))
        sources.add(next(id(p.source) for p in pieces if (named("x", []),) == (*p.labels(),)))
    assert len(sources) == 1
