from __future__ import annotations

import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zerostate_monitoring.catalogue import Definition, Feed, Kind, Layer
from zerostate_monitoring.exceptions import DefinitionError


def definition(**changes):
    """A valid counter, changed."""
    valid = {
        "name": "zerostate_things_total",
        "kind": Kind.COUNTER,
        "help": "Things.",
        "layer": Layer.P2P,
        "feeds": (Feed.NODE,),
    }
    return Definition(**{**valid, **changes})


def gauge(**changes):
    """A valid gauge, changed."""
    return definition(**{"name": "zerostate_things", "kind": Kind.GAUGE, **changes})


def histogram(**changes):
    """A valid histogram, changed."""
    own = {"name": "zerostate_things", "kind": Kind.HISTOGRAM, "buckets": (1.0, 2.0)}
    return definition(**{**own, **changes})


@pytest.mark.parametrize(
    ("make", "changes", "message"),
    [
        (definition, {"name": "zerostate-things"}, "not a metric or label name"),
        (definition, {"name": "zerostate_Things_total"}, "not a metric or label name"),
        (definition, {"labels": ("a b",)}, "not a metric or label name"),
        (definition, {"aliases": ("a:b",)}, "not a metric or label name"),
        (definition, {"name": "zerostate_things"}, "ends in _total"),
        (definition, {"help": " "}, "no help text"),
        (definition, {"feeds": ()}, "nothing can feed it"),
        (definition, {"labels": ("a", "a")}, "a label stands twice"),
        (definition, {"values": {"a": ("b",)}}, "not among its labels"),
        (definition, {"unbounded": ("a",)}, "not among its labels"),
        (definition, {"labels": ("a",), "dropped": ("a",)}, "kept and dropped"),
        (definition, {"labels": ("a",), "values": {"a": ()}}, "empty or repeat"),
        (definition, {"labels": ("a",), "values": {"a": ("b", "b")}}, "empty or repeat"),
        (definition, {"max_series": 0}, "max_series"),
        (definition, {"buckets": (1.0,)}, "buckets belong to histograms"),
        (histogram, {"buckets": ()}, "buckets belong to histograms"),
        (histogram, {"buckets": (1.0, math.inf)}, "buckets are finite"),
        (histogram, {"buckets": (1.0, 1.0)}, "buckets ascend"),
        (histogram, {"labels": ("le",)}, "belong to the samples"),
        (gauge, {"kind": Kind.SUMMARY, "labels": ("quantile",)}, "belong to the samples"),
    ],
)
def test_definition__refuses_contradictions(make, changes, message):
    """A declaration that cannot hold is refused, and the family is named."""
    with pytest.raises(DefinitionError, match=message) as refused:
        make(**changes)
    assert str(refused.value).startswith("zerostate")


def test_family__is_the_name_without_total():
    """A counter's OpenMetrics name and suffix make its page name; a gauge's is whole."""
    counter, plain = definition(), gauge()
    assert (counter.family, counter.suffix) == ("zerostate_things", "_total")
    assert (plain.family, plain.suffix) == ("zerostate_things", "")


def test_family__of_a_gauge_keeps_its_total():
    """Only counters lose ``_total``: the seed has a gauge that ends in it."""
    assert gauge(name="zerostate_things_total").family == "zerostate_things_total"


@pytest.mark.parametrize(
    ("name", "unit", "expected"),
    [
        ("zerostate_sent_bytes_total", "bytes", "bytes"),
        ("zerostate_bytes_sent_total", "bytes", ""),
        ("zerostate_things_total", "", ""),
        ("zerostate_kilobytes_total", "bytes", ""),
    ],
)
def test_om_unit__needs_the_unit_at_the_end(name, unit, expected):
    """OpenMetrics' unit is given only where the family's name ends in it as a word."""
    assert definition(name=name, unit=unit).om_unit == expected


def test_known_series__are_every_combination():
    """A counter starts at the combinations of its known values, in the labels' order."""
    values = {"b": ("x", "y"), "a": ("1",)}
    assert definition(labels=("a", "b"), values=values).known_series == (("1", "x"), ("1", "y"))


def test_known_series__of_a_counter_without_labels_is_itself():
    """A counter without labels has its one series from the start."""
    assert definition().known_series == ((),)


def test_known_series__need_all_labels_and_a_counter():
    """Where one label is open there is no start; gauges have none either."""
    assert definition(labels=("a", "b"), values={"a": ("1",)}).known_series == ()
    assert gauge(labels=("a",), values={"a": ("1",)}).known_series == ()


def test_zeros__are_the_known_series_that_are_not_present():
    """Of a family whose values are all known, whatever is there and however much."""
    one = definition(labels=("a",), values={"a": ("x", "y", "z")}, max_series=1)
    assert list(one.zeros({("y",), ("odd",)})) == [("x",), ("z",)]
    assert list(definition().zeros(())) == [()]


def test_zeros__beside_open_labels_stay_within_the_bound():
    """Each value of an open label gets all its zeros or none; no more than there is room for."""
    one = definition(labels=("peer", "result"), values={"result": ("ok", "bad")}, max_series=5)
    present = {("p", "ok"), ("q", "ok"), ("r", "ok")}
    assert list(one.zeros(present)) == [("p", "bad"), ("q", "bad")]
    assert list(one.zeros(())) == []
    assert list(definition(labels=("peer",)).zeros({("p",)})) == []
    assert list(gauge(labels=("peer", "result"), values={"result": ("ok",)}).zeros(present)) == []


@given(st.permutations(["a", "b", "c"]))
def test_reading__orders_label_values_as_declared(order):
    """A reading's values stand in the order of the labels, however they are given."""
    one = definition(labels=("a", "b", "c"))
    reading = one.reading(4.0, **{label: label.upper() for label in order})
    assert (reading.labels, reading.value, reading.counted) == (("A", "B", "C"), 4.0, False)


@pytest.mark.parametrize("labels", [{}, {"b": "1"}, {"a": "1", "b": "1"}])
def test_reading__refuses_other_labels(labels):
    """A reading with labels too few, too many or of other names is refused."""
    message = re.escape("has labels ['a']")
    with pytest.raises(DefinitionError, match=message):
        definition(labels=("a",)).reading(1.0, **labels)


def test_definition__is_hashable_and_equal_by_content():
    """Definitions can be keys; equal declarations are equal."""
    one, other = (definition(labels=("a",), values={"a": ("b",)}) for _ in range(2))
    assert {one: 1}[other] == 1
