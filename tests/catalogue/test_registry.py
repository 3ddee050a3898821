from __future__ import annotations

import pytest

from zerostate_monitoring.catalogue import Catalogue, Definition, Feed, Kind, Layer
from zerostate_monitoring.catalogue.registry import sample_names
from zerostate_monitoring.exceptions import DefinitionError


def family(name, kind=Kind.GAUGE, **changes):
    """A definition with this name."""
    buckets = (1.0,) if kind is Kind.HISTOGRAM else ()
    valid = {"help": "Things.", "layer": Layer.P2P, "feeds": (Feed.NODE,), "buckets": buckets}
    return Definition(**{**valid, "name": name, "kind": kind, **changes})


def catalogue(*definitions):
    """A catalogue of one module."""
    return Catalogue({"here": definitions})


@pytest.mark.parametrize(
    ("second", "difference"),
    [
        (family("a_total"), "kind counter and gauge"),
        (family("a_total", Kind.COUNTER, labels=("x",)), r"labels \[\] and \['x'\]"),
    ],
)
def test_catalogue__refuses_a_second_declaration(second, difference):
    """Two declarations of one name are refused; places and difference are named."""
    first = family("a_total", Kind.COUNTER)
    message = f"a_total is declared in one and in two: {difference}"
    with pytest.raises(DefinitionError, match=message):
        Catalogue({"one": [first], "two": [second]})


def test_catalogue__refuses_other_buckets():
    """Two histograms of one name with other boundaries are refused, and both are shown."""
    first = family("a_seconds", Kind.HISTOGRAM)
    second = family("a_seconds", Kind.HISTOGRAM, buckets=(2.0,))
    with pytest.raises(DefinitionError, match=r"buckets \[1.0\] and \[2.0\]"):
        Catalogue({"one": [first], "two": [second]})


def test_catalogue__refuses_even_the_same_again():
    """A definition exists in exactly one place."""
    with pytest.raises(DefinitionError, match=r"declared in one and in two$"):
        Catalogue({"one": [family("a")], "two": [family("a")]})


@pytest.mark.parametrize(
    ("first", "second", "name"),
    [
        (family("a", aliases=("c",)), family("b", aliases=("c",)), "c"),
        (family("a"), family("b", aliases=("a",)), "a"),
        (family("a_total", Kind.COUNTER), family("a"), "a"),
        (family("a_count"), family("a", Kind.HISTOGRAM), "a_count"),
        (family("a_created"), family("a_total", Kind.COUNTER), "a_created"),
        (family("a_sum"), family("b", Kind.SUMMARY, aliases=("a",)), "a_sum"),
    ],
)
def test_catalogue__refuses_names_that_could_mean_two_families(first, second, name):
    """Aliases and sample names belong to one family; both places are named."""
    message = f"^{name} would belong to {first.name} .*one.* and to {second.name} .*two"
    with pytest.raises(DefinitionError, match=message):
        Catalogue({"one": [first], "two": [second]})


@pytest.mark.parametrize(
    "name", ["a_total", "a", "b", "b_total", "b_created"], ids=lambda name: f"by {name}"
)
def test_find__knows_page_name_sample_and_alias(name):
    """A counter is found by what the page, OpenMetrics and the node call it."""
    counter = family("a_total", Kind.COUNTER, aliases=("b",))
    assert catalogue(counter, family("z")).find(name) is counter


def test_find__gives_nothing_for_a_stranger():
    """An unknown name is no family."""
    assert catalogue(family("a")).find("a_bucket") is None


def test_sample_names__of_a_histogram():
    """A histogram has buckets, sum and count."""
    assert {"a", "a_bucket", "a_sum", "a_count"} < set(sample_names(family("a", Kind.HISTOGRAM)))


def test_catalogue__is_read_by_page_name_and_iterates_over_definitions():
    """Access, membership, length and iteration fit each other."""
    one, two = family("a"), family("b", layer=Layer.ECONOMIC, feeds=(Feed.PLATFORM,))
    both = catalogue(one, two)
    assert [both["a"], both["b"]] == list(both) == [one, two]
    assert "a" in both
    assert "c" not in both
    assert len(both) == 2
    assert both.place("a") == "here"
    assert repr(both) == "<Catalogue: 2 families>"
    with pytest.raises(KeyError):
        both["c"]


def test_catalogue__selects_by_layer_and_feed():
    """A layer's families and a producer's families can be asked for; planned ones are not fed."""
    node = family("a")
    platform = family("b", layer=Layer.ECONOMIC, feeds=(Feed.PLATFORM, Feed.NODE))
    code = family("c", feeds=(Feed.INSTRUMENT,))
    later = family("d", planned="something")
    every = catalogue(node, platform, code, later)
    assert every.by_layer(Layer.ECONOMIC) == (platform,)
    assert every.fed_by(Feed.NODE) == (node, platform)
    assert every.fed_by(Feed.PLATFORM, Feed.INSTRUMENT) == (platform, code)
    assert every.collected == (node, platform)
