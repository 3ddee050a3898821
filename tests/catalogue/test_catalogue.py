"""Properties of the whole catalogue."""

from __future__ import annotations

import itertools
import math

import pytest
from prometheus_client import CollectorRegistry
from prometheus_client.openmetrics.exposition import generate_latest as openmetrics
from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse

from tests.catalogue import wanted
from zerostate_monitoring.catalogue import (
    CATALOGUE,
    Combine,
    Definition,
    Feed,
    Kind,
    Layer,
    Measure,
)
from zerostate_monitoring.catalogue import buckets as sets
from zerostate_monitoring.catalogue.instruments import instrument
from zerostate_monitoring.catalogue.naming import EXCEPTIONS, violations

ALL = list(CATALOGUE)
NAMES = [definition.name for definition in ALL]
DECLARED = {
    **wanted.SEED,
    **wanted.P2P,
    **wanted.TODAY,
    **wanted.EXECUTION,
    **wanted.ECONOMIC,
}
PER_OBJECT = {"peer_id", "channel_id", "guild_id", "topic", "code", "path", "logger"}
each = pytest.mark.parametrize("definition", ALL, ids=NAMES)


@pytest.mark.parametrize("name", DECLARED)
def test_original__is_found_by_its_own_name_and_type(name):
    """Every family of the seed and of the sets exists by exact name or as an alias."""
    definition = CATALOGUE.find(name)
    assert definition is not None
    assert name in {definition.name, *definition.aliases}
    assert definition.kind == DECLARED[name]


def test_original__sets_are_complete():
    """The lists of this test hold as many families as the sets do."""
    sizes = map(len, (wanted.SEED, wanted.P2P, wanted.TODAY, wanted.EXECUTION, wanted.ECONOMIC))
    assert tuple(sizes) == (6, 25, 22, 31, 27)


KEPT = {name: found for group in wanted.KEPT.values() for name, found in group.items()}
REPLACED = {name: found for group in wanted.REPLACED.values() for name, found in group.items()}


@pytest.mark.parametrize("name", KEPT)
def test_packages__what_says_something_of_its_own_is_kept(name):
    """Families of guild, channel and reputation packages stand on the page, some as an alias."""
    kind, page_name = KEPT[name]
    definition = CATALOGUE[page_name]
    assert definition.kind == kind
    assert name in {definition.name, *definition.aliases}


@pytest.mark.parametrize("name", REPLACED)
def test_packages__what_is_left_out_is_said_by_another_family(name):
    """Nobody is told twice: the other family has the labels that say it, and is fed today."""
    page_name, labels = REPLACED[name]
    definition = CATALOGUE[page_name]
    assert CATALOGUE.find(name) is None
    assert not definition.planned
    assert all(set(words) <= set(definition.values[label]) for label, words in labels.items())


def test_packages__lists_are_complete():
    """Each family of the four groups is kept or replaced, and none is both."""
    sizes = {
        group: len({*wanted.KEPT[group], *wanted.REPLACED[group]})
        for group in (*wanted.KEPT, *wanted.REPLACED)
    }
    assert sizes == {"guild": 5, "paychan": 11, "p2ppay": 5, "reputation": 4}
    assert not KEPT.keys() & REPLACED.keys()


@pytest.mark.parametrize("name", wanted.NEEDED)
def test_needed__stands_on_the_page_with_its_labels(name):
    """What rules and dashboards name has that very name, that type, those labels."""
    definition = CATALOGUE[name]
    kind, labels = wanted.NEEDED[name]
    assert (definition.kind, set(definition.labels)) == (kind, set(labels))


@each
def test_name__follows_the_rules(definition):
    """A name breaks a rule only if it is listed with a reason."""
    assert bool(violations(definition)) is (definition.name in EXCEPTIONS)


def test_name__is_one_family_in_openmetrics():
    """No two families share an OpenMetrics name."""
    families = [definition.family for definition in ALL]
    assert len(families) == len(set(families))


def test_alias__is_no_page_name():
    """A node's name for one family is never the page's name of another."""
    aliases = [alias for definition in ALL for alias in definition.aliases]
    assert len(aliases) == len(set(aliases))
    assert not set(aliases) & set(NAMES)


@each
def test_help__is_one_or_more_sentences(definition):
    """Help is one line, ends as a sentence does, and is not used twice."""
    assert "\n" not in definition.help + definition.note
    assert definition.help.endswith(".")
    assert [other.name for other in ALL if other.help == definition.help] == [definition.name]


@each
def test_unit__stands_at_the_end_of_the_name_where_openmetrics_asks(definition):
    """``om_unit`` is either empty or the end of the family's name."""
    assert not definition.om_unit or definition.family.endswith("_" + definition.om_unit)
    if definition.family.endswith(("_seconds", "_bytes", "_ratio")):
        assert definition.om_unit


@each
def test_buckets__ascend_and_have_a_name(definition):
    """Boundaries are finite, ascend, and belong to a set that documentation can name."""
    assert all(map(math.isfinite, definition.buckets))
    assert all(low < high for low, high in itertools.pairwise(definition.buckets))
    assert not definition.buckets or sets.name_of(definition.buckets)


@each
def test_labels__of_single_objects_are_bounded(definition):
    """A label that grows with peers, channels, guilds or strangers is marked as such.

    An info family has one series per producer, whatever its labels say.
    """
    if not definition.name.endswith("_info"):
        assert set(definition.labels) & PER_OBJECT <= set(definition.unbounded)


@each
def test_labels__of_nodes_leave_room_for_the_nodes_own(definition):
    """What a node exposes does not use the labels that tell nodes apart."""
    if definition.aliases or {Feed.NODE, Feed.INSTRUMENT} <= set(definition.feeds):
        assert not {"node", "node_role", "site"} & set(definition.labels)


@each
def test_known_series__are_within_the_bound(definition):
    """The series at which a counter starts fit into the family."""
    assert len(definition.known_series) <= definition.max_series


@each
def test_feeds__the_app_has_no_competitor(definition):
    """What the app says of itself is fed by nobody else; nothing is fed twice by one kind."""
    assert definition.feeds
    assert len(set(definition.feeds)) == len(definition.feeds)
    assert Feed.SELF not in definition.feeds or definition.feeds == (Feed.SELF,)


@each
def test_measure__fits_the_type(definition):
    """What can fall is a gauge; a window needs its label."""
    if definition.kind is not Kind.GAUGE:
        assert definition.measure is Measure.COUNTER
    else:
        assert (definition.measure is Measure.WINDOW) is ("window" in definition.labels)


@pytest.mark.parametrize(
    "name",
    [
        "zerostate_economic_blacklisted_peers",
        "zerostate_economic_active_participants",
        "zerostate_guilds",
    ],
)
def test_combine__views_of_one_thing_are_not_added(name):
    """What every node reports for the whole network combines by its maximum."""
    assert CATALOGUE[name].combine is Combine.MAX


@pytest.mark.parametrize("layer", Layer)
def test_layer__holds_families(layer):
    """Every layer has families, and the layers together are the catalogue."""
    assert CATALOGUE.by_layer(layer)
    assert sum(len(CATALOGUE.by_layer(one)) for one in Layer) == len(CATALOGUE)


@pytest.mark.parametrize(
    "name",
    [
        "zerostate_tasks_total",
        "zerostate_task_queue_depth",
        "zerostate_escrow_amount_locked",
        "zerostate_economic_total_value_locked",
        "zerostate_economic_active_participants",
        "zerostate_economic_blacklisted_peers",
    ],
)
def test_feeds__the_platform_can_give_what_it_holds(name):
    """Families of the original sets that the platform's tables also hold may come from it."""
    assert {Feed.PLATFORM, Feed.NODE} <= set(CATALOGUE[name].feeds)


def test_collected__leaves_out_what_is_planned_and_what_only_code_feeds():
    """``collected`` are families that a collector or a node feeds today."""
    assert all({Feed.PLATFORM, Feed.NODE} & set(one.feeds) for one in CATALOGUE.collected)
    assert not any(one.planned for one in CATALOGUE.collected)
    assert {one.name for one in ALL if one.planned}.isdisjoint(
        one.name for feed in Feed for one in CATALOGUE.fed_by(feed)
    )


@pytest.mark.parametrize(
    ("name", "bounds"),
    [
        ("DURATION", [0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10]),
        ("BYTES", [1024, 10240, 102400, 1048576, 10485760, 104857600, 1073741824]),
        ("COST", [0.001, 0.01, 0.1, 1, 10, 100, 1000]),
        ("COUNT", [1, 5, 10, 25, 50, 100, 250, 500, 1000]),
    ],
)
def test_core_buckets__are_those_of_the_network(name, bounds):
    """The four first sets have the network's own values."""
    assert list(sets.SETS[name]) == bounds


@pytest.mark.parametrize("bound", [15, 25, 30, 60, 120, 300])
def test_task_duration__has_the_limits_between_its_bounds(bound):
    """A quantile of task time can read more than the sandbox's 30 s."""
    assert bound in sets.TASK_DURATION
    assert set(sets.DURATION) < set(sets.TASK_DURATION)


@pytest.mark.parametrize("mebibytes", [16, 32, 64, 96, 128, 256, 512])
def test_memory__is_fine_around_the_limit(mebibytes):
    """A quantile of memory can tell 80 % of 128 MiB from 100 %."""
    assert mebibytes * 2**20 in sets.MEMORY
    assert set(sets.BYTES) < set(sets.MEMORY)


def registered() -> CollectorRegistry:
    """A registry in which every family has one instrument and at least one series."""
    registry = CollectorRegistry()
    for definition in CATALOGUE:
        touch(definition, registry)
    return registry


def touch(definition: Definition, registry: CollectorRegistry) -> None:
    """Make the instrument of ``definition``, with a series for some label values."""
    made = instrument(definition, registry)
    if definition.labels:
        made.labels(*(["a"] * len(definition.labels)))


def test_instruments__live_in_one_registry():
    """prometheus_client accepts all families together, and its OpenMetrics reads back."""
    parsed = {family.name for family in parse(openmetrics(registered()).decode())}
    assert parsed == {definition.family for definition in ALL}
