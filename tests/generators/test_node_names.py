"""Relabelling does to names what this app does to a node's page."""

from __future__ import annotations

import re

import pytest
import re2
from hypothesis import given
from hypothesis import strategies as st

from zerostate_monitoring.catalogue import CATALOGUE
from zerostate_monitoring.generators.node_names import regex_of, relabelings
from zerostate_monitoring.sources.nodes.rules import rules_of


def renamed(name, steps):
    """What becomes of a series of this name, by the meaning of relabelling; None: it is dropped."""
    for step in steps:
        if step.get("source_labels") != ["__name__"]:
            continue
        found = re.fullmatch(step["regex"], name)
        if step.get("action") == "keep" and not found:
            return None
        if step.get("action") == "drop" and found:
            return None
        if "replacement" in step and found:
            name = found.expand(re.sub(r"\$\{(\d)\}", r"\\g<\1>", step["replacement"]))
    return name


STEPS = relabelings(rules_of(CATALOGUE, lambda _: ""))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("zerostate_tasks_total", "zerostate_tasks_total"),
        ("zerostate_tasks", "zerostate_tasks_total"),
        ("zerostate_guild_total", "zerostate_guilds"),
        ("zerostate_p2p_bandwidth_bytes_sent", "zerostate_p2p_bandwidth_sent_bytes_total"),
        ("zerostate_p2p_bandwidth_bytes_sent_total", "zerostate_p2p_bandwidth_sent_bytes_total"),
        ("guild_lifetime_seconds_bucket", "zerostate_guild_lifetime_seconds_bucket"),
        ("guild_lifetime_seconds_sum", "zerostate_guild_lifetime_seconds_sum"),
        ("go_gc_duration_seconds", "go_gc_duration_seconds"),
        ("go_gc_duration_seconds_count", "go_gc_duration_seconds_count"),
        ("zerostate_node_up", None),
        ("zerostate_tasks_created", None),
        ("somebody_elses", None),
    ],
)
def test_names__become_those_of_the_catalogue(name, expected):
    """Aliases, counters of either spelling, parts of histograms; nothing else is kept."""
    assert renamed(name, STEPS) == expected


def test_names__of_every_definition_and_spelling_are_kept():
    """Whatever a page may call a family that nodes feed, its series are there."""
    rules = rules_of(CATALOGUE, lambda _: "")
    suffixes = {"histogram": "_bucket", "summary": "_sum"}
    for spelled, definition in rules.names.items():
        suffix = suffixes.get(definition.kind.value, "")
        kept = renamed(spelled + suffix, STEPS)
        made_here = renamed(definition.name + suffix, STEPS) is None
        assert made_here or kept == definition.name + suffix, spelled


def test_names__that_another_producer_feeds_are_left_out():
    """Else sums would count them twice; a pattern for others does not bring them back."""

    def refusal(definition):
        return "fed by the platform" if definition.name == "zerostate_tasks_total" else ""

    steps = relabelings(rules_of(CATALOGUE, refusal, ("zerostate_*", "my_?[ab]")))
    assert renamed("zerostate_tasks_total", steps) is None
    assert renamed("zerostate_tasks", steps) is None
    assert renamed("zerostate_agents", steps) == "zerostate_agents"
    assert renamed("zerostate_of_somebody_bucket", steps) == "zerostate_of_somebody_bucket"
    assert renamed("my_xa", steps) == "my_xa"
    assert renamed("my_xc", steps) is None
    assert renamed("zerostate_a:b", steps) is None


def test_labels__of_the_target_go_and_the_series_own_come_back():
    """job and instance of a node's own are as on its page."""
    drop, give_back, forget = STEPS[-3:]
    assert drop == {"action": "labeldrop", "regex": "job|instance|zerostate_ephemeral"}
    assert (give_back["action"], give_back["regex"]) == ("labelmap", "exported_(job|instance)")
    assert (forget["action"], forget["regex"]) == ("labeldrop", "exported_(job|instance)")


@given(st.text(st.sampled_from("ab*?[]!^-\\_."), max_size=8))
def test_patterns__are_regular_expressions_for_re2(pattern):
    """Any pattern of shells gives one that Prometheus can read."""
    re2.compile(regex_of(pattern))
