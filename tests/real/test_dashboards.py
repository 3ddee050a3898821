"""Every panel shows data: by this app's own query API, and by a real Prometheus.

Two networks are lived, one whose nodes tell all and one whose nodes are today's; each is well
for some minutes and broken for some more. See ``chronicle`` and ``panel_counts``. Panels of Loki
are put to a stand-in for it, over the lines of these lives.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from tests.promql import report
from tests.real.panel_counts import (
    LINES,
    PROFILES,
    SCRAPES,
    SIDES,
    asked,
    counts,
    has_data,
    table,
)
from zerostate_monitoring.generators.dashboards.documentation import is_of_logs, sums
from zerostate_monitoring.generators.dashboards.panels import judged, placed
from zerostate_monitoring.generators.dashboards.today import awaited

pytestmark = pytest.mark.real

TESTED = list(judged())
LOGS = [one for one in placed() if is_of_logs(one.panel)]


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    """All counts; their table is printed at the end, and kept where ``PANELS_TABLE`` says."""
    made = counts(tmp_path_factory.mktemp("panels"))
    text = table(made)
    for line in text.splitlines():
        report.add("Panels", line)
    if path := os.environ.get("PANELS_TABLE"):
        Path(path).write_text(text)
    return made


def _series(found, **wanted):
    """Series by query, of the counts that are as wanted."""
    return {
        count.key: count.series
        for count in found
        if all(getattr(count, name) == value for name, value in wanted.items())
    }


def _queries(one):
    return zip(asked(one), one.panel.queries, strict=True)


def test_queries__are_answered(found):
    """Neither side calls any of them wrong."""
    assert {(count.key, count.side, count.error) for count in found if count.error} == set()


@pytest.mark.parametrize("side", SIDES)
def test_panels__show_data_while_all_is_well(found, side):
    """Each query of each panel, but those that are rightly empty."""
    series = _series(found, profile="full", phase="well", side=side)
    empty = [
        key
        for one in TESTED
        for key, query in _queries(one)
        if not (series[key] or one.panel.empty_when_well or query.quiet)
    ]
    assert empty == []


@pytest.mark.parametrize("side", SIDES)
def test_panels__show_data_while_the_network_is_broken(found, side):
    """Each query of each panel, those that are empty while all is well among them."""
    series = _series(found, profile="full", phase="broken", side=side)
    assert [key for one in TESTED for key, _ in _queries(one) if not series[key]] == []


def test_panels__say_numbers(found):
    """No query gives nothing but NaN in both halves: 0 by 0 is no picture."""
    said = {count.key for count in found if count.profile == "full" and count.numbers}
    assert [key for one in TESTED for key in asked(one) if key not in said] == []


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("phase", ["well", "broken"])
def test_panels__with_todays_nodes_lack_only_what_these_do_not_tell(found, phase, side):
    """An empty query names a family that they do not expose."""
    series = _series(found, profile="head", phase=phase, side=side)
    empty = [
        key
        for one in TESTED
        for key, query in _queries(one)
        if not series[key]
        and not awaited(query, one.dashboard)
        and not (phase == "well" and (one.panel.empty_when_well or query.quiet))
    ]
    assert empty == []


def test_sides__agree(found):
    """Our own engine and Prometheus give as many series to the same question."""
    for profile in PROFILES:
        for phase in ("well", "broken"):
            ours, theirs = (
                _series(found, profile=profile, phase=phase, side=side) for side in SIDES
            )
            differing = {key: (ours[key], theirs[key]) for key in ours if ours[key] != theirs[key]}
            assert differing == {}, (profile, phase)


def test_panels__are_as_many_as_the_documents_say(found):
    """What docs/dashboards.md sums up is what was counted."""
    shown = [one for one in placed() if has_data(one, found)]
    assert len(shown) == sums(placed()).with_data == sums(placed()).panels


@pytest.mark.parametrize("profile", PROFILES)
def test_lines__show_while_all_is_well(found, profile):
    """Each query of Loki, but those of what is broken."""
    series = _series(found, profile=profile, phase="well", side=LINES)
    empty = [key for one in LOGS for key in asked(one) if not series[key]]
    assert empty == [key for one in LOGS if one.panel.empty_when_well for key in asked(one)]


@pytest.mark.parametrize("profile", PROFILES)
def test_lines__show_while_the_network_is_broken(found, profile):
    """Every query of Loki."""
    series = _series(found, profile=profile, phase="broken", side=LINES)
    assert [key for one in LOGS for key in asked(one) if not series[key]] == []


def test_scrapes__are_seen_where_a_prometheus_scrapes(found):
    """What only a Prometheus has that scrapes: asked of one that does."""
    series = _series(found, side=SCRAPES)
    assert series
    assert [key for one in placed() if one.panel.outside for key in asked(one)] == list(series)


def test_table__has_a_line_for_each_query(found):
    """Nothing that can be asked was left out."""
    lines = table(found).splitlines()
    assert len(lines) - 1 == sum(len(asked(one)) for one in placed())
    assert json.dumps(lines[0].split("\t")) == json.dumps(
        [
            "panel",
            *(
                f"{profile}-{phase}-{side}"
                for profile in PROFILES
                for phase in ("well", "broken")
                for side in (*SIDES, LINES)
            ),
            f"full-well-{SCRAPES}",
        ]
    )
