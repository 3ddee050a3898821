"""Registration of collectors."""

from __future__ import annotations

import pytest

from zerostate_monitoring.collectors import COLLECTORS, CollectorRegistry, collector
from zerostate_monitoring.exceptions import ConfigurationError


def nothing():
    return []


def test_collector__registers_and_leaves_the_function():
    """The decorator gives the function back as it is, and the registry knows it."""
    registry = CollectorRegistry()

    decorated = collector("shop", interval=30, source="db", registry=registry)(nothing)

    assert decorated is nothing
    assert (registry["shop"].interval_seconds, registry["shop"].source) == (30.0, "db")
    assert registry["shop"].place == f"{__name__}.nothing"
    assert registry["shop"].producer == "collector:shop"


def test_interval__is_read_late():
    """An interval that is a function is asked whenever it is needed."""
    registry = CollectorRegistry()
    seconds = [10.0]
    collector("shop", interval=lambda: seconds[0], registry=registry)(nothing)

    seconds[0] = 20.0

    assert registry["shop"].interval_seconds == 20.0


def test_add__refuses_a_name_of_another_place_and_names_both():
    """Two functions cannot share a name; the error names both places."""
    registry = CollectorRegistry()
    collector("shop", interval=30, registry=registry)(nothing)

    def another():
        return []

    with pytest.raises(ConfigurationError, match=r"nothing and by .*another"):
        collector("shop", interval=30, registry=registry)(another)


def test_add__takes_a_second_registration_from_the_same_place():
    """A module that is loaded again may register again."""
    registry = CollectorRegistry()
    for _ in range(2):
        collector("shop", interval=30, registry=registry)(nothing)

    assert len(registry) == 1


@pytest.mark.parametrize("name", ["", "Shop", "9lives", "a b", 'a"b', "a|b", "a:b", "x" * 101])
def test_add__refuses_names_that_are_no_label_values(name):
    """A name becomes a label value, a key and a row, so it is kept simple."""
    with pytest.raises(ConfigurationError, match="collector name"):
        collector(name, interval=30, registry=CollectorRegistry())(nothing)


@pytest.mark.parametrize("interval", [0, -1, 4.9, float("nan")])
def test_add__refuses_intervals_shorter_than_a_tick(interval):
    """What is looked for every five seconds cannot run more often: its series would flap."""
    with pytest.raises(ConfigurationError, match="at least 5 seconds"):
        collector("shop", interval=interval, registry=CollectorRegistry())(nothing)


def test_find__lists_the_known_names():
    """Who asks for an unknown collector is told the known ones."""
    with pytest.raises(ConfigurationError, match="economic"):
        COLLECTORS.find("nope")


def test_registry__has_the_built_in_collectors():
    """The four collectors of the app are registered when Django is ready."""
    assert {"p2p", "execution", "economic", "monitoring"} <= set(COLLECTORS)


def test_intervals__of_those_that_have_something_to_read():
    """Idle collectors and those whose interval cannot be had are left out."""
    registry = CollectorRegistry()

    def nothing():
        return []

    def broken():
        raise ValueError("no number")

    collector("a", interval=7, registry=registry)(nothing)
    collector("b", interval=7, idle=lambda: "nothing", registry=registry)(nothing)
    collector("c", interval=broken, registry=registry)(nothing)
    assert registry.intervals() == {"a": 7.0}
