"""The chart of a metric on its page."""

from __future__ import annotations

import re

import pytest
from django.contrib.auth.models import User
from django.utils.html import escape

from tests.admin.pages import page_of, write
from tests.admin.scene import COLUMNS, make_scene
from tests.models.rules import make_rule
from tests.storage.timelines import INTERVAL, fill, now_slot, series
from zerostate_monitoring.admin.exploring.readings import EVERY, reading, ways_of
from zerostate_monitoring.models import Metric
from zerostate_monitoring.promql.query import parse
from zerostate_monitoring.storage.recording import Recorder

pytestmark = pytest.mark.django_db

PEERS = "zerostate_peer_connections"
HOSTILE = "<script>alert(1)</script>\u202e" + "x" * 10_000


def row(name=PEERS):
    return Metric.objects.get(name=name)


def html_of(browser, name=PEERS, **asked):
    return browser.get(page_of(row(name)), asked).content.decode()


def figure_in(html):
    return html.split('<figure class="zsm-chart"')[1].split("</figure>")[0]


def test_page__draws_what_history_has(browser, history):
    """A line for each series, named by its node, with the unit's values beside them."""
    figure = figure_in(html_of(browser, window="1h", by="*"))
    assert figure.count("<g data-line=") == 5
    assert ">edge-1</bdi>" in figure


def test_page__splits_by_a_label_or_puts_together(browser, history):
    """As the address says; a label that is none is not put into a query."""
    split = html_of(browser, by="node_role")
    assert escape(f"sum by (node_role) ({PEERS})") in split
    assert f"sum({PEERS})" in html_of(browser, by="")
    injected = html_of(browser, by="node) (up) or sum by (x")
    assert "or sum by (x" not in injected


def test_page__shows_thresholds_and_when_rules_fired(browser, history):
    """The limit of a rule that reads it so, and a band for its alerts."""
    make_scene()
    figure = figure_in(html_of(browser, window="1h", by="node"))
    assert 'data-limit="25.0"' in figure
    assert "<title>firing</title>" in figure
    assert 'threshold <bdi dir="ltr">25</bdi>' in figure


def test_page__of_many_that_are_up_or_down_shows_each(browser, store, settings):
    """Ten nodes of which four are down: those have lines, and the limit is that of each."""
    settings.ZEROSTATE_MONITORING_REDIS_TIMEOUT_SECONDS = 60
    up = "zerostate_node_up"
    page = {series(up, node=f"n{k}"): float(k < 6) for k in range(10)}
    fill(Recorder(store.timeline()), [page] * 9, now_slot() - 9 * INTERVAL)
    write(store, up, {f"n{k}": float(k < 6) for k in range(10)}, label="node")
    make_rule(name="Down", expr=f"{up} == 0")
    html = html_of(browser, up, window="15m")
    figure = figure_in(html)
    assert 'data-limit="0.0"' in figure
    assert "and 2 more" in figure
    assert all(f">n{k}</bdi>" in figure for k in range(6, 10))
    together = html_of(browser, up, window="15m", by="")
    assert "data-limit" not in figure_in(together)
    assert "it compares each series" in together


def test_page__has_the_promql_to_take_along(browser, history):
    """As text that can be selected, with a button that shows itself with a script only."""
    html = html_of(browser, by="")
    assert f'<code id="expr-1">sum({PEERS})</code>' in html
    assert re.search(r'<button[^>]*data-copy="expr-1"[^>]* hidden>', html)
    assert "metric/explore/?query=sum%28zerostate_peer_connections%29" in html


def test_page__where_it_is_used(browser, history):
    """Rules with their expressions, and panels of dashboards."""
    make_rule(name="FewPeers", expr=f"sum({PEERS}) < 3")
    html = html_of(browser)
    assert "FewPeers" in html
    assert "panels of the dashboards" in html


def test_page__history_is_empty(browser, store):
    """It says so and what to do, in place of a picture."""
    html = html_of(browser)
    assert "There is no history yet" in html
    assert "The doctor says" in html
    assert "<figure" not in html


def test_page__the_store_is_away(browser):
    """The page opens; the chart's place says why there is none."""
    html = html_of(browser)
    assert html.count("The store does not answer") >= 1
    assert "Once it is back" in html


def test_page__takes_few_queries(browser, history, django_assert_max_num_queries):
    """However many alerts and rules there are."""
    make_scene()
    with django_assert_max_num_queries(9):
        html_of(browser)


def test_page__hostile_label_values(browser, store, settings):
    """They are text, cut, and neither end an element nor turn the line round."""
    settings.ZEROSTATE_MONITORING_REDIS_TIMEOUT_SECONDS = 60
    pages = [{series(PEERS, node=HOSTILE): 1.0 + k, series(PEERS, node="b"): 2.0} for k in range(9)]
    fill(Recorder(store.timeline()), pages, now_slot() - 9 * INTERVAL)
    write(store, PEERS, {HOSTILE: 3}, label="node")
    html = html_of(browser, window="15m", by="*")
    assert "<figure" in html
    assert "<script>alert" not in html
    assert "\u202e" not in html
    assert len(html) < 120_000


@pytest.mark.parametrize("by", [EVERY, "", "node"])
def test_readings__each_way_to_read_each_family_is_promql(by):
    """Whatever is chosen on the page, the expression can be asked, at any step."""
    for metric in Metric.objects.all():
        for way, _title in ways_of(metric):
            for step in (15_000, 2_520_000):
                assert all(parse(expr) for _name, expr in reading(metric, way, by, step).exprs)


def test_viewer__sees_the_chart(viewer, history):
    """Who may look at the metric sees its picture."""
    assert User.objects.get().username == "viewer"
    assert "<figure" in html_of(viewer, window="1h")
    assert COLUMNS == 240
