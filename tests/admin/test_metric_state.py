"""States of metrics in the admin: planned, of the app itself, always on, refused."""

from __future__ import annotations

import re

import pytest
from django.contrib.admin.models import LogEntry
from django.utils import timezone

from tests.admin.pages import METRICS, page_of, row_text, write
from zerostate_monitoring.admin import live
from zerostate_monitoring.admin.metric_state import PLANNED, STATES, state_of
from zerostate_monitoring.models import Collector, Metric
from zerostate_monitoring.models.metric import OF_A_SCRAPE

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _planned(monkeypatch):
    """One family that nothing feeds yet, whether or not the catalogue has such."""
    monkeypatch.setitem(PLANNED, "zerostate_log_events_dropped_total", "a later part")


def named_in(response):
    """Names of the families on the list."""
    return {row.name for row in response.context["cl"].result_list}


def test_list__what_nothing_feeds_yet_is_planned(browser, store):
    """Declared families that nothing feeds are neither fed nor missed, and say what will."""
    name, by = next(iter(PLANNED.items()))

    text = row_text(browser.get(METRICS, {"q": name}), name)

    assert " planned<" in text
    assert f"fed by {by}" in text


@pytest.mark.parametrize("state", STATES)
def test_list__column_and_filter_agree(browser, store, state):
    """Of every family, in every state that there is."""
    write(store, "zerostate_escrows", {"funded": 3})
    own = "zerostate_monitoring_store_up"
    Metric.objects.filter(name__in=[own, *OF_A_SCRAPE]).update(enabled=False)
    Metric.objects.filter(name="zerostate_disputes").update(enabled=False)
    Metric.objects.filter(feeds=["node"]).update(last_seen_at=timezone.now())
    Metric.objects.filter(name="zerostate_auctions").update(withdrawn_at=timezone.now())

    shown = named_in(browser.get(METRICS, {"state": state, "all": ""}))

    now = live.look()
    assert shown == {row.name for row in Metric.objects.all() if state_of(row, now) == state}
    assert shown


def test_list__own_families_show_value_and_age(browser, store):
    """What the app says of itself is not in the store, and is shown all the same."""
    text = row_text(
        browser.get(METRICS, {"q": "zerostate_monitoring_store_up"}),
        "zerostate_monitoring_store_up",
    )

    assert " fed<" in text
    assert re.search(r'class="field-value"[^>]*>1<', text)
    assert re.search(r'class="field-age"[^>]*>0 s<', text)
    assert "this app" in text


def test_page__own_families_show_their_series(browser, store):
    """One series for each collector, from the last run's note."""
    store.note("collector", {"execution": {"last_success": 1_700_000_000.0, "interval": 7.0}})
    row = Metric.objects.get(name="zerostate_monitoring_collector_interval_seconds")

    html = browser.get(page_of(row)).content.decode()

    assert "There are none now" not in html
    assert "collector=&quot;monitoring&quot;" in html


@pytest.mark.parametrize("name", sorted(live.ON_THE_PAGE_ALONE))
def test_page__what_the_page_alone_can_tell(browser, store, name):
    """How many series stand on the page is not guessed: the admin says where to look."""
    row = Metric.objects.get(name=name)

    assert "see it on /metrics" in browser.get(page_of(row)).content.decode()
    assert " fed<" in row_text(browser.get(METRICS, {"q": name}), name)


def test_page__what_history_alone_has(browser, store, settings):
    """Its series are not on the page: the admin says where they are, and if there are any."""
    [name] = live.IN_HISTORY_ALONE
    row = Metric.objects.get(name=name)
    assert "in history alone" in browser.get(page_of(row)).content.decode()
    assert " fed<" in row_text(browser.get(METRICS, {"q": name, "state": "fed"}), name)
    settings.ZEROSTATE_MONITORING_HISTORY = 0
    assert " never seen<" in row_text(browser.get(METRICS, {"q": name}), name)


def test_page__of_a_planned_family(browser, store):
    """Why there are no series is said."""
    name, by = next(iter(PLANNED.items()))

    html = browser.get(page_of(Metric.objects.get(name=name))).content.decode()

    assert f"planned to be fed by {by}" in html


# -- what cannot be switched off -------------------------------------------------


@pytest.mark.parametrize("name", ["zerostate_node_up", "zerostate_monitoring_store_up"])
def test_page__offers_no_switch_that_switches_nothing(browser, store, name):
    """What the app says of itself and of its scrapes is always on, and the page says why."""
    row = Metric.objects.get(name=name)

    html = browser.get(page_of(row)).content.decode()
    browser.post(page_of(row), {"note": "mine"})

    row.refresh_from_db()
    assert 'name="enabled"' not in html
    assert "always on the page" in html
    assert (row.enabled, row.note) == (True, "mine")


def test_page__offers_the_switch_of_the_others(browser, store):
    """A family that a producer brings can be disabled."""
    row = Metric.objects.get(name="zerostate_escrows")

    assert 'name="enabled"' in browser.get(page_of(row)).content.decode()


def test_bulk__leaves_alone_what_cannot_be_switched_off(browser, store):
    """The others are disabled; the message names those that are not, and the log has none."""
    names = ["zerostate_escrows", "zerostate_node_up", "zerostate_monitoring_store_up"]
    chosen = list(Metric.objects.filter(name__in=names).values_list("pk", flat=True))

    response = browser.post(METRICS, {"action": "disable", "_selected_action": chosen}, follow=True)

    html = response.content.decode()
    assert "1 row disabled" in html
    assert "Left enabled: zerostate_monitoring_store_up, zerostate_node_up." in html
    disabled = Metric.objects.filter(enabled=False).values_list("name", flat=True)
    assert set(disabled) == {"zerostate_escrows"}
    assert LogEntry.objects.count() == 1


def test_list__an_own_family_that_was_disabled_once_is_fed(browser, store):
    """A switch that means nothing is not believed."""
    Metric.objects.filter(name="zerostate_monitoring_store_up").update(enabled=False)

    response = browser.get(METRICS, {"q": "zerostate_monitoring_store_up", "state": "fed"})

    assert " fed<" in row_text(response, "zerostate_monitoring_store_up")


# -- who else offers a family ----------------------------------------------------


def test_page__says_who_is_refused_and_why(browser, store):
    """Refusals by collectors' rows and nodes' notes, under the node's own name, too."""
    Collector.objects.filter(name="economic").update(
        refused={"zerostate_tasks_total": "is fed by <node>"}
    )
    store.note("node", {"n1": {"up": True, "refused": {"zerostate_tasks": "fed by platform"}}})
    store.note("node", {"n2": {"up": True, "refused": {"zerostate_escrows": "no"}}})
    row = Metric.objects.get(name="zerostate_tasks_total")

    html = browser.get(page_of(row)).content.decode()

    assert "refused from <code>collector:economic</code>: is fed by &lt;node&gt;" in html
    assert "refused from <code>node:n1</code>: fed by platform" in html
    assert "node:n2" not in html


def test_page__lists_refusals_with_a_bound(browser, store):
    """A thousand nodes do not make a page without end."""
    refused = {"zerostate_tasks_total": "fed by platform"}
    store.note("node", {f"n{i:03}": {"refused": refused} for i in range(30)})
    row = Metric.objects.get(name="zerostate_tasks_total")

    html = browser.get(page_of(row)).content.decode()

    assert html.count("refused from") == 20
    assert "and from 10 more" in html


def test_list__of_one_request_is_not_that_of_another(browser, store):
    """What one request has seen is not kept for the next one, which may see less."""
    write(store, "zerostate_escrows", {"funded": 3}, "collector:economic")
    first = row_text(browser.get(METRICS, {"q": "zerostate_escrows"}), "zerostate_escrows")
    store.remove(["collector:economic"])

    second = row_text(browser.get(METRICS, {"q": "zerostate_escrows"}), "zerostate_escrows")

    assert " fed<" in first
    assert " never seen<" in second
