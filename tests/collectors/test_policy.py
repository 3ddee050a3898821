"""Which producer may give which family."""

from __future__ import annotations

import pytest

from zerostate_monitoring.catalogue.definition import Definition, Feed, Kind, Layer
from zerostate_monitoring.collectors.policy import Policy, available_feeds, load_policy
from zerostate_monitoring.models import Metric, Node

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

    assert Feed.PLATFORM in available_feeds(has_nodes=False)
    assert Feed.NODE not in available_feeds(has_nodes=False)
    assert Feed.NODE in available_feeds(has_nodes=True)


@pytest.mark.django_db
def test_load_policy__takes_two_queries(django_assert_num_queries):
    """However many rows there are, rows and nodes are one query each."""
    Node.objects.create(name="n1", base_url="http://n1.example")
    names = list(Metric.objects.values_list("name", flat=True)[:2])
    Metric.objects.filter(name=names[0]).update(enabled=False)
    Metric.objects.filter(name=names[1]).update(feed="node")

    with django_assert_num_queries(2):
        policy = load_policy()

    assert policy.disabled == {names[0]}
    assert policy.overrides == {names[1]: "node"}
    assert Feed.NODE in policy.available
