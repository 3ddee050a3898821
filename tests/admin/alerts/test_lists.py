"""The lists of alerts and evaluations."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from tests.admin.scene import make_scene
from tests.alerting.alerts import make_alert
from tests.models.rules import make_group, make_rule
from zerostate_monitoring.admin.alerts import alerts
from zerostate_monitoring.admin.rows import HistoryPaginator
from zerostate_monitoring.models import (
    Alert,
    Evaluation,
    GroupState,
)
from zerostate_monitoring.models.words import AlertState

pytestmark = pytest.mark.django_db

ALERTS = reverse("admin:zerostate_monitoring_alert_changelist")
EVALUATIONS = reverse("admin:zerostate_monitoring_evaluation_changelist")


def text(response):
    return response.content.decode()


def found(browser, **query):
    rows = browser.get(ALERTS, query).context["cl"].result_list
    return [f"{row.rule_name} {row.labels['node']}" for row in rows]


LIVE = ["EdgeNodeDown relay-2", "FewPeers boot-1", "FewPeers edge-2", "FewPeers relay-1"]


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ({}, LIVE),
        ({"show": "firing"}, LIVE[:3]),
        ({"show": "pending"}, LIVE[3:]),
        ({"show": "open"}, LIVE[:2]),
        ({"show": "acknowledged"}, LIVE[2:3]),
        ({"show": "unrouted"}, LIVE[1:2]),
        ({"show": "ended"}, ["EdgeNodeDown edge-1"]),
        ({"severity": "critical"}, LIVE[:1]),
        ({"layer": "p2p", "show": "firing"}, LIVE[:3]),
        ({"layer": "slo"}, []),
        ({"verdict": "noise", "show": "all"}, []),
        ({"q": "relay-2"}, LIVE[:1]),
        ({"q": "looking into"}, LIVE[2:3]),
    ],
)
def test_filters__the_gravest_and_newest_first(browser, query, shown):
    """Without a choice what lives is shown."""
    make_scene()
    assert found(browser, **query) == shown


@pytest.mark.parametrize(
    "query",
    [
        {"show": "x"},
        {"severity": "a\x00"},
        {"rule": "x"},
        {"rule": "9" * 40},
        {"q": "\x00"},
        {"q": "x" * 10_000},
        {"p": "x"},
        {"o": "9.9"},
        {"bad": "1"},
    ],
)
def test_filters__of_what_is_not_there(browser, query):
    """An address by hand is no error."""
    make_scene()
    assert browser.get(ALERTS, query, follow=True).status_code == 200


def test_row__says_what_matters(browser):
    """State, who has taken it on, labels, since when, value now, and who was told."""
    make_scene()
    page = text(browser.get(ALERTS))
    row = next(part for part in page.split("<tr") if "edge-2" in part)
    for said in ("firing", "taken on by root", "site=fra1", "47 min ago", ">21<", "on-call"):
        assert said in row
    assert "zsm-bad" in row.split("on-call")[1]  # The chat could not be told.
    nobody = next(part for part in page.split("<tr") if "boot-1" in part)
    assert "nobody" in nobody


def many(count):
    for number in range(count):
        rule = make_rule(name=f"Rule{number}", group=make_group(f"group-{number % 7}"))
        GroupState.objects.get_or_create(group=rule.group)
        make_alert(rule, "a", is_unrouted=True)
        make_alert(rule, "b", state=AlertState.PENDING)
        make_alert(rule, "c", state=AlertState.RESOLVED, ended_at=timezone.now())
        Evaluation.objects.create(
            group=rule.group,
            slot_ms=Evaluation.objects.count() * 15_000,
            token=1,
            started_at=timezone.now(),
            duration_seconds=0.1,
            rules=1,
        )


def queries(browser, address):
    with CaptureQueriesContext(connection) as captured:
        assert browser.get(address).status_code == 200
    return len(captured)


@pytest.mark.parametrize(
    "address",
    [ALERTS, f"{ALERTS}?show=all", EVALUATIONS],
    ids=["live", "all", "evaluations"],
)
def test_list__takes_as_many_queries_for_one_as_for_many(browser, address):
    """What belongs to the rows is fetched for all at once."""
    many(1)
    queries(browser, address)  # What Django keeps of content types is there afterwards.
    few = queries(browser, address)
    many(100)
    assert queries(browser, address) <= few
    assert few < 10


@pytest.mark.parametrize("address", [f"{ALERTS}?show=all", EVALUATIONS])
def test_list__of_history_ends_somewhere(browser, address, monkeypatch):
    """However much history there is, it is counted so far and no further; the page says so."""
    many(9)
    assert "There may be more" not in text(browser.get(address))
    monkeypatch.setattr(HistoryPaginator, "MOST", 5)
    with CaptureQueriesContext(connection) as captured:
        response = browser.get(address)
    assert response.context["cl"].result_count == 5
    assert "There may be more" in text(response)
    counts = [one["sql"] for one in captured if "COUNT(" in one["sql"]]
    assert [sql for sql in counts if "LIMIT 5" not in sql] == []


def test_search__looks_at_the_newest(browser, monkeypatch):
    """No index finds a word within labels, so a search does not read all of history."""
    make_scene()
    assert found(browser, q="edge-1", show="all") == ["EdgeNodeDown edge-1"]
    newest = Alert.objects.order_by("-pk").first()
    monkeypatch.setattr(alerts, "_SEARCHED", 1)
    assert found(browser, q="NodeDown", show="all") == [f"EdgeNodeDown {newest.labels['node']}"]


# -- evaluations -------------------------------------------------------------------


def test_evaluations__a_line_for_each_slot(browser):
    """When, how late, how long, what failed, what was missed; nobody adds or changes one."""
    at = timezone.now().replace(microsecond=0)
    row = Evaluation.objects.create(
        group=make_group(),
        slot_ms=int(at.timestamp() * 1000),
        token=1,
        started_at=at + timedelta(seconds=1.5),
        duration_seconds=0.031,
        rules=9,
        failed=2,
        missed_before=3,
    )
    page = text(browser.get(EVALUATIONS))
    for said in (f"{at:%Y-%m-%d %H:%M:%S}", "1.50 s", "31 ms", "✖</span> 2", "▲</span> 3"):
        assert said in page
    assert browser.get(f"{EVALUATIONS}add/").status_code == 403
    assert browser.post(f"{EVALUATIONS}{row.pk}/delete/", {"post": "yes"}).status_code == 403
