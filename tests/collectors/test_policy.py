"""Which producer may give which family."""

from __future__ import annotations

from dataclasses import replace

import pytest

from zerostate_monitoring.catalogue import CATALOGUE
from zerostate_monitoring.catalogue.definition import Definition, Feed, Kind, Layer
from zerostate_monitoring.collectors import COLLECTORS, collector
from zerostate_monitoring.collectors.feeders import Feeder
from zerostate_monitoring.collectors.policy import (
    Policy,
    available_feeds,
    load_policy,
    unread_families,
)
from zerostate_monitoring.models import Collector, Metric, Node

BOTH = Definition(
    name="zerostate_test_both",
    kind=Kind.GAUGE,
    help="Both.",
    layer=Layer.P2P,
    feeds=(Feed.NODE, Feed.PLATFORM),
)
ORDER = ("platform", "node", "instrument")


def test_refusal__one_producer_feeds_a_family():
    """The first in the order feeds it, the other is refused and told who does."""
    policy = Policy(order=ORDER)

    assert policy.refusal(BOTH, Feed.PLATFORM) == ""
    assert "platform" in policy.refusal(BOTH, Feed.NODE)


def test_refusal__an_operator_may_choose_another():
    """An override turns the order around."""
    policy = Policy(order=ORDER, overrides={BOTH.name: "node"})

    assert policy.refusal(BOTH, Feed.NODE) == ""
    assert policy.refusal(BOTH, Feed.PLATFORM)


def test_refusal__disabled_families_are_nobodys():
    """A disabled family is refused to its own producer."""
    policy = Policy(order=ORDER, disabled=frozenset({BOTH.name}))

    assert "disabled" in policy.refusal(BOTH, Feed.PLATFORM)


def test_refusal__a_project_cannot_take_a_catalogued_name():
    """A collector that feeds nothing of the catalogue must choose names of its own."""
    assert "choose another name" in Policy(order=ORDER).refusal(BOTH, None)


def test_available_feeds__follow_the_installation(settings):
    """The platform counts where an alias is set, nodes where one is enabled."""
    settings.ZEROSTATE_MONITORING_PLATFORM_DATABASE = "platform"

    assert Feed.PLATFORM in available_feeds((), has_nodes=False)
    assert Feed.NODE not in available_feeds((), has_nodes=False)
    assert Feed.NODE in available_feeds((), has_nodes=True)


def test_available_feeds__a_platform_that_nobody_reads_is_not_there(settings):
    """With both collectors disabled the platform gives nothing; with one, the other's families."""
    settings.ZEROSTATE_MONITORING_PLATFORM_DATABASE = "platform"
    names = [frozenset(), {"execution"}, {"economic"}, {"economic", "execution"}]

    found = [Feed.PLATFORM in available_feeds(off, has_nodes=False) for off in names]
    unread = [unread_families(off) for off in names]

    assert found == [True, True, True, False]
    assert "zerostate_tasks_total" in unread[1] & unread[3]
    assert "zerostate_escrow_amount_locked" in unread[2] & unread[3]
    assert unread[0] == unread[1] & unread[2] == frozenset()


def test_unread_families__are_none_where_a_project_reads_the_platform_itself(settings):
    """A collector that does not say what it gives may give any of them."""
    settings.ZEROSTATE_MONITORING_PLATFORM_DATABASE = "platform"
    collector("ledger", interval=30, feed=Feed.PLATFORM)(list)
    try:
        assert unread_families({"economic", "execution"}) == frozenset()
        assert Feed.PLATFORM in available_feeds({"economic", "execution"}, has_nodes=True)
    finally:
        COLLECTORS.discard("ledger")


@pytest.mark.django_db
def test_refusal__nodes_feed_what_a_disabled_collector_does_not(settings):
    """An operator who disables a collector leaves its families to whoever else has them."""
    settings.ZEROSTATE_MONITORING_PLATFORM_DATABASE = "platform"
    Node.objects.create(name="n1", base_url="http://n1.example")
    tasks, locked = (CATALOGUE[f"zerostate_{n}"] for n in ("tasks_total", "escrow_amount_locked"))
    assert load_policy().refusal(tasks, Feed.NODE)

    Collector.objects.filter(name="execution").update(enabled=False)

    assert load_policy().refusal(tasks, Feed.NODE) == ""
    assert "platform" in load_policy().refusal(locked, Feed.NODE)


def test_refusal__of_two_producers_of_a_kind_the_first_goes_on():
    """The later one is refused and told by whom; another kind's word is none of theirs."""
    taken = {BOTH.name: Feeder("collector:shop", Feed.PLATFORM)}
    policy = Policy(order=ORDER, feeders=taken)

    assert policy.refusal(BOTH, Feed.PLATFORM, "collector:shop") == ""
    assert policy.refusal(BOTH, Feed.PLATFORM, "collector:till") == (
        "zerostate_test_both is fed by collector:shop here; "
        "collector:till would count it a second time"
    )
    chosen = replace(policy, overrides={BOTH.name: "node"})
    assert chosen.refusal(BOTH, Feed.NODE) == ""


@pytest.mark.django_db
def test_load_policy__takes_three_queries(django_assert_num_queries):
    """However many rows there are, metrics, nodes and collectors are one query each."""
    Node.objects.create(name="n1", base_url="http://n1.example")
    names = list(Metric.objects.values_list("name", flat=True)[:2])
    Metric.objects.filter(name=names[0]).update(enabled=False)
    Metric.objects.filter(name=names[1]).update(feed="node")

    with django_assert_num_queries(3):
        policy = load_policy()

    assert policy.disabled == {names[0]}
    assert policy.overrides == {names[1]: "node"}
    assert Feed.NODE in policy.available
