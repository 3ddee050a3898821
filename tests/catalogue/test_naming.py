from __future__ import annotations

import shutil
import subprocess

import pytest
from prometheus_client import generate_latest

from tests.catalogue.test_catalogue import registered
from zerostate_monitoring.catalogue import CATALOGUE, Definition, Feed, Kind, Layer
from zerostate_monitoring.catalogue.naming import EXCEPTIONS, violations


def named(name, kind=Kind.GAUGE, **changes):
    """A definition of this name."""
    valid = {"help": "A.", "layer": Layer.P2P, "feeds": (Feed.NODE,)}
    return Definition(**{**valid, "name": name, "kind": kind, **changes})


@pytest.mark.parametrize(
    ("definition", "fault"),
    [
        (named("guilds"), "does not start with zerostate_"),
        (named("zerostate_guild_total"), "a gauge ends in _total"),
        (named("zerostate_guild_count"), "ends like a sample"),
        (named("zerostate_latency_ms"), "ms is not a base unit"),
        (named("zerostate_age_hours"), "hours is not a base unit"),
        (named("zerostate_latency", unit="seconds"), "does not say seconds"),
        (named("zerostate_guilds_gauge"), "gauge is a type"),
        (named("zerostate_tasks_by_status"), "belongs in a label"),
        (named("zerostate_guilds", labels=("instance",)), "whoever scrapes"),
        (named("zerostate_guilds", labels=("__name__",)), "Prometheus' own"),
    ],
)
def test_violations__name_the_rule_that_is_broken(definition, fault):
    """Each rule finds the name that breaks it, and says so."""
    (only,) = violations(definition)
    assert fault in only
    assert only.startswith(definition.name)


@pytest.mark.parametrize(
    "definition",
    [
        named("zerostate_guilds", labels=("state",)),
        named("zerostate_sent_bytes_total", Kind.COUNTER, unit="bytes"),
        named("zerostate_manifests_created_total", Kind.COUNTER),
        named("go_gc_gogc_percent"),
        named("process_open_fds"),
    ],
    ids=lambda definition: definition.name,
)
def test_violations__leave_good_names_alone(definition):
    """A name that follows the rules has no violation."""
    assert violations(definition) == ()


@pytest.mark.parametrize("name", EXCEPTIONS)
def test_exceptions__are_families_that_break_a_rule(name):
    """An exception that is no longer needed does not stay listed."""
    assert violations(CATALOGUE[name])


@pytest.mark.real
def test_promtool__finds_the_exceptions_and_nothing_else():
    """Prometheus' own linter objects to the listed names only."""
    promtool = shutil.which("promtool")
    assert promtool
    linted = subprocess.run(
        [promtool, "check", "metrics"],
        input=generate_latest(registered()),
        capture_output=True,
        timeout=30,
        check=False,
    )
    complaints = {line.split(" ", 1)[0] for line in linted.stderr.decode().splitlines()}
    # prometheus_client adds _created to its own page; it never leaves this app.
    assert {name for name in complaints if not name.endswith("_created")} == set(EXCEPTIONS)
