from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zerostate_monitoring.catalogue import Definition, Feed, Kind, Layer
from zerostate_monitoring.catalogue.feeding import feeder, refusal

ORDER = ("platform", "node", "instrument")
RIVALS = (Feed.PLATFORM, Feed.NODE, Feed.INSTRUMENT)


def fed(*feeds):
    """A family with these possible producers."""
    return Definition(name="a", kind=Kind.GAUGE, help="A.", layer=Layer.P2P, feeds=feeds)


@pytest.mark.parametrize(
    ("available", "order", "override", "expected"),
    [
        (RIVALS, ORDER, "", Feed.PLATFORM),
        ((Feed.NODE, Feed.INSTRUMENT), ORDER, "", Feed.NODE),
        (RIVALS, ("node", "platform"), "", Feed.NODE),
        (RIVALS, ("instrument",), "", Feed.INSTRUMENT),
        ((Feed.PLATFORM, Feed.NODE), ("instrument",), "", Feed.PLATFORM),
        (RIVALS, ("nonsense", "node"), "", Feed.NODE),
        (RIVALS, (), "", Feed.PLATFORM),
        ((), ORDER, "", None),
        (RIVALS, ORDER, "node", Feed.NODE),
        ((Feed.PLATFORM,), ORDER, "node", Feed.NODE),
        (RIVALS, ORDER, "self", Feed.PLATFORM),
        (RIVALS, ORDER, "nonsense", Feed.PLATFORM),
    ],
)
def test_feeder__is_the_first_that_is_there(available, order, override, expected):
    """Order decides among those that are there, an operator's choice before it."""
    assert feeder(fed(*RIVALS), available, order, override) is expected


def test_feeder__is_one_of_the_familys_own():
    """A producer that the definition does not name never feeds it."""
    assert feeder(fed(Feed.NODE), (Feed.PLATFORM,), ORDER) is None


def test_feeder__of_the_apps_own_family_is_the_app():
    """No setting takes the app's own families from it."""
    assert feeder(fed(Feed.SELF), (), (), "platform") is Feed.SELF


feeds = st.lists(st.sampled_from(RIVALS), unique=True)


@given(feeds.filter(bool), feeds, st.permutations(ORDER), st.sampled_from(("", *ORDER)))
def test_refusal__leaves_exactly_one_producer(possible, available, order, override):
    """Of the producers that are there at most one is taken, whatever the settings are."""
    definition = fed(*possible)
    taken = [
        feed for feed in available if refusal(definition, feed, available, order, override) is None
    ]
    assert len(taken) <= 1
    assert set(taken) <= {feeder(definition, available, order, override)}


def test_refusal__says_who_feeds_instead():
    """The reason names the family, the producer and the one that is taken."""
    reason = refusal(fed(*RIVALS), Feed.NODE, RIVALS, ORDER)
    assert reason == "a is fed by platform here; node would count it a second time"


def test_refusal__says_who_could_feed():
    """A producer that can never feed the family learns who can."""
    reason = refusal(fed(Feed.NODE, Feed.INSTRUMENT), Feed.PLATFORM, RIVALS, ORDER)
    assert reason == "a cannot come from platform, only from node or instrument"


def test_refusal__takes_samples_that_came_unannounced():
    """A producer that has samples is there, even if nobody said so."""
    assert refusal(fed(*RIVALS), Feed.NODE, (), ORDER) is None
