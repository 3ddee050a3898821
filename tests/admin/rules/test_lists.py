"""The list of rules: what it says, its filters, and how many queries it takes."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.admin.rules.posting import GROUPS, RULES, change_url, text
from tests.admin.scene import make_scene
from tests.alerting.alerts import make_alert
from tests.models.rules import make_group, make_rule
from zerostate_monitoring.models import Alert, GroupState, RuleState

pytestmark = pytest.mark.django_db


def names(browser, **query):
    return sorted(rule.name for rule in browser.get(RULES, query).context["cl"].result_list)


def row_of(browser, name):
    page = text(browser.get(RULES, {"q": name}))
    return next(part for part in page.split("<tr") if f">{name}<" in part)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("EdgeNodeDown", ["critical", "1 firing", "zsm-bad", " ago</time>", "nodes · network"]),
        ("FewPeers", ["2 firing", "21 … 22", "▲ 1"]),
        ("NewRule", ["observing"]),
        ("BrokenRule", ["error", "Many series match"]),
        ("SwitchedOff", ["disabled"]),
        ("site:up:sum", ["records"]),
    ],
)
def test_row__says_state_value_and_health(browser, name, said):
    """In words: the most that its alerts say, since when, their values, and its health."""
    make_scene()
    row = row_of(browser, name)
    assert [one for one in said if one not in row] == []


def test_row__says_values_in_their_unit(browser):
    """The lowest and the highest of its alerts."""
    rule = make_rule(name="Slow", expr="zerostate_node_scrape_duration_seconds > 1")
    for node, value in (("n1", 1.5), ("n2", 7200.0)):
        alert = make_alert(rule, node)
        Alert.objects.filter(pk=alert.pk).update(value=value)
    assert "1.5 s … 2 h" in row_of(browser, "Slow")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"state": "firing"}, ["EdgeNodeDown", "FewPeers"]),
        ({"state": "pending"}, []),
        ({"state": "observing"}, ["NewRule"]),
        ({"state": "disabled"}, ["SwitchedOff"]),
        ({"state": "inactive"}, ["BrokenRule", "site:up:sum"]),
        ({"health": "error"}, ["BrokenRule"]),
        ({"health": "unknown"}, ["NewRule", "site:up:sum"]),
        ({"severity": "critical"}, ["EdgeNodeDown"]),
        ({"layer": "p2p"}, ["EdgeNodeDown", "FewPeers"]),
        ({"kind": "recording"}, ["site:up:sum"]),
        ({"owner": "network"}, ["EdgeNodeDown"]),
        ({"enabled__exact": "0"}, ["SwitchedOff"]),
        ({"findings": "yes"}, ["FewPeers"]),
        ({"q": "peer_connections"}, ["FewPeers"]),
        ({"q": "does not answer"}, ["EdgeNodeDown"]),
        ({"q": "' OR 1=1 --"}, []),
    ],
)
def test_filters__find(browser, query, found):
    """By state, health, severity, layer, kind, owner, switch and findings; and by words."""
    make_scene()
    assert names(browser, **query) == found


@pytest.mark.parametrize("query", [{"state": "x"}, {"health": "x"}, {"owner": "x\x00"}, {"p": "9"}])
def test_filters__of_what_is_not_there(browser, query):
    """An address by hand is no error."""
    make_scene()
    assert browser.get(RULES, query, follow=True).status_code == 200


def many(count):
    for number in range(count):
        group = make_group(f"group-{number % 7}")
        GroupState.objects.get_or_create(group=group)
        rule = make_rule(name=f"Rule{number}", group=group, labels={"n": str(number)})
        RuleState.objects.get_or_create(rule=rule, defaults={"health": "ok"})
        make_alert(rule, "a", acknowledged_at=timezone.now() - timedelta(hours=1))
        make_alert(rule, "b", state="pending")


def queries(browser, address):
    with CaptureQueriesContext(connection) as found:
        assert browser.get(address).status_code == 200
    return len(found)


@pytest.mark.parametrize("address", [RULES, GROUPS], ids=["rules", "groups"])
def test_list__takes_as_many_queries_for_one_as_for_many(browser, address):
    """What belongs to the rows is fetched for all at once."""
    many(1)
    queries(browser, address)  # What Django keeps of content types is there afterwards.
    few = queries(browser, address)
    many(100)
    assert queries(browser, address) == few
    assert few <= 12


def test_pages__take_as_many_queries_for_one_as_for_many(browser, store):
    """The page of a rule with many alerts, and of a group with many rules."""
    many(1)
    rule = make_rule(name="Mine")
    make_alert(rule, "first")
    address = change_url(rule)
    queries(browser, address)
    few = queries(browser, address)
    many(60)
    for number in range(60):
        make_alert(rule, f"n{number}")
    assert queries(browser, address) == few


def test_list__opens_while_the_store_is_away(browser):
    """Rows are the database's; nothing is asked of the store."""
    make_scene()
    assert "EdgeNodeDown" in text(browser.get(RULES))
