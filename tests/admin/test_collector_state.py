"""Since when a collector is stale, why, and what to do."""

from __future__ import annotations

from datetime import timedelta
from html import unescape

import pytest
from django.urls import reverse
from django.utils import timezone

from tests.admin.pages import write
from zerostate_monitoring.admin.collector_state import since, stale_since, what_to_do, why
from zerostate_monitoring.models import Collector, Metric

pytestmark = pytest.mark.django_db

LIST = reverse("admin:zerostate_monitoring_collector_changelist")
NOW = timezone.now()


def row(minutes=10, **fields):
    known = {"name": "mine", "interval_seconds": 60, "enabled": True, **fields}
    return Collector(last_success_at=NOW - timedelta(minutes=minutes), **known)


def test_stale__since_three_intervals_after_its_last_success():
    """That is when its numbers left the page."""
    assert stale_since(row(10), NOW) == NOW - timedelta(minutes=7)
    assert "7 min ago" in since(row(10), NOW)
    assert stale_since(row(2), NOW) is None
    assert since(row(2), NOW) == ""


@pytest.mark.parametrize("fields", [{"enabled": False}, {"minutes": 1}])
def test_well__says_nothing(fields):
    """Neither of one that is switched off, nor of one that is fresh."""
    assert (since(row(**fields), NOW), why(row(**fields), NOW)) == ("", "")
    assert what_to_do(row(**fields), NOW) == ""


def test_why__of_one_that_failed_is_its_error():
    """With the advice for that kind of error."""
    one = row(failures_in_a_row=2, last_error_kind="refused", last_error="no\u202eroute")
    assert why(one, NOW) == "refused: no\\u202eroute"
    assert what_to_do(one, NOW).startswith("Nothing listens there")


def test_why__of_one_that_was_not_run_is_not_an_error():
    """Nothing failed: a run is missing, which beat and worker are asked for."""
    assert why(row(10), NOW).startswith("A run is due every 60 s, and none was made")
    assert "beat" in what_to_do(row(10), NOW)


def test_list__says_since_when_why_and_what_to_do(browser, store, django_assert_max_num_queries):
    """All of it in its row, with the way to error and metrics."""
    long_ago = timezone.now() - timedelta(hours=1)
    Collector.objects.filter(name="monitoring").update(
        enabled=True, last_success_at=long_ago, interval_seconds=30
    )
    with django_assert_max_num_queries(9):
        response = browser.get(LIST)
    text = unescape(response.content.decode())
    assert "stale" in text
    assert "58 min ago" in text
    assert "none was made" in text
    assert "See that beat runs" in text
    one = Collector.objects.get(name="monitoring")
    page = reverse("admin:zerostate_monitoring_collector_change", args=(one.pk,))
    assert f'href="{page}"' in text


def test_page__leads_to_its_metrics(browser, store):
    """Each family that stands on the page now, with its metric; a counter by its whole name."""
    write(store, "zerostate_peer_connections", {"a": 1.0}, producer="collector:execution")
    one = Collector.objects.get(name="execution")
    page = reverse("admin:zerostate_monitoring_collector_change", args=(one.pk,))
    metric = Metric.objects.get(name="zerostate_peer_connections")
    metric_page = reverse("admin:zerostate_monitoring_metric_change", args=(metric.pk,))
    text = browser.get(page).content.decode()
    assert "1 family" in text
    assert f'<a href="{metric_page}">zerostate_peer_connections</a>' in text


def test_page__of_one_that_gives_nothing_says_so(browser, store):
    """No frame of it is there."""
    one = Collector.objects.get(name="execution")
    page = reverse("admin:zerostate_monitoring_collector_change", args=(one.pk,))
    assert "None now: no frame of it is in the store." in browser.get(page).content.decode()


def test_store_away__the_page_opens(browser):
    """What stands in the row is shown as ever."""
    one = Collector.objects.get(name="execution")
    page = reverse("admin:zerostate_monitoring_collector_change", args=(one.pk,))
    assert browser.get(page).status_code == 200
    assert "The store does not answer." in browser.get(LIST).content.decode()
