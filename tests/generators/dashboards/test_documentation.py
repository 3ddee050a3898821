"""The pages about dashboards say what is declared."""

from __future__ import annotations

from example_project.network.nodes.head import HEAD
from example_project.network.nodes.runtime import RUNTIME
from tests.example_project.helpers import COMPUTED
from tests.packages import ROOT
from tests.real.chronicle import FAULTS
from zerostate_monitoring.catalogue import CATALOGUE
from zerostate_monitoring.generators.dashboards.documentation import page, summary, sums
from zerostate_monitoring.generators.dashboards.original import ORIGINAL
from zerostate_monitoring.generators.dashboards.panels import judged, placed
from zerostate_monitoring.generators.dashboards.today import TODAY, waiting

OURS = {f"{one.dashboard.uid.removeprefix('zerostate-')}/{one.panel.title}" for one in placed()}


def test_summary__stands_in_the_document():
    """The table that operators read is the one that is counted."""
    assert summary() in (ROOT / "docs" / "dashboards.md").read_text()


def test_page__has_every_panel():
    """Each with its title, in the row of its dashboard."""
    text = page()
    assert all(f"| {one.panel.title} |" in text for one in placed())


def test_sums__leave_nothing_out():
    """What must have data, lines and scrapes among it, and what is planned are all."""
    of = sums(placed())
    scraped = sum(one.panel.outside for one in placed())
    assert of.with_data == len(list(judged())) + scraped + of.logs
    assert of.panels == of.with_data + of.planned


def test_original__each_is_answered_or_says_why_not():
    """All 87 of the first dashboards; what we have no panel for has a reason."""
    assert len(ORIGINAL) == 87
    for one in ORIGINAL:
        assert set(one.ours) <= OURS, one
        assert one.ours or one.why, one


def test_today__is_what_the_examples_nodes_of_today_expose():
    """Families that there are: those of the network's pages, and what is computed."""
    families = [*RUNTIME, *(one for group in HEAD.values() for one in group)]
    exposed = {d.name for one in families if (d := CATALOGUE.find(one.name))}
    assert exposed | COMPUTED == TODAY


def test_waiting__names_only_families_that_nodes_give():
    """What waits for later nodes is in the catalogue, and on no page of today's."""
    for _, families in waiting():
        assert families
        assert not TODAY & set(families)


def test_faults__that_fill_panels_are_switched_on():
    """The chronicle breaks what panels that are empty while all is well name."""
    named = {one.panel.fault for one in placed() if one.panel.empty_when_well}
    assert named <= {*FAULTS, "a task that fails"}
