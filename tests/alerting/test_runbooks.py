"""Runbooks as the app shows them."""

from __future__ import annotations

import re
from html import unescape
from unittest.mock import Mock

import pytest
from django.urls import NoReverseMatch, reverse
from django.utils.html import escape

from zerostate_monitoring.alerting import runbooks
from zerostate_monitoring.alerting.runbooks import index, page_of
from zerostate_monitoring.generators.addresses import runbook_url
from zerostate_monitoring.rules.shipped import RULES

EXPLORE = reverse("admin:zerostate_monitoring_explore")
HREF = re.compile(r'href="([^"]*)"')


@pytest.mark.parametrize("name", RULES)
def test_page__is_shown_with_links_that_lead_on(client, name):
    """The address of each rule's runbook answers, without a login, and so do its links."""
    answer = client.get(runbook_url(name))

    assert answer.status_code == 200
    shown = answer.content.decode()
    assert f"<h1>{name}</h1>" in shown
    assert "<h2>What to do</h2>" in shown
    known = {runbook_url(other) for other in RULES}
    links = set(HREF.findall(str(page_of(name))))
    asked = {link for link in links if link.startswith(EXPLORE)}
    assert asked
    assert links - asked <= known


@pytest.mark.django_db
def test_page__queries_lead_to_their_answers(admin_client):
    """At 3 a.m. nobody copies a query: one click asks it."""
    links = HREF.findall(str(page_of("PaymentsFailing")))
    first = unescape(next(link for link in links if link.startswith(EXPLORE)))

    shown = admin_client.get(first).content.decode()

    assert escape('sum(increase(zerostate_economic_payments_total{status="failed"}[5m]))') in shown


def test_page__without_an_admin_queries_are_text(monkeypatch):
    """A project may do without the admin, and its runbooks are shown all the same."""
    monkeypatch.setattr(runbooks, "reverse", Mock(side_effect=NoReverseMatch))
    assert EXPLORE not in str(page_of("PaymentsFailing"))


@pytest.mark.django_db
def test_index__leads_to_each(client):
    """All rules, in their groups."""
    answer = client.get(runbook_url("NodeDown").replace("NodeDown/", ""))
    assert answer.status_code == 200
    assert set(HREF.findall(index())) == {runbook_url(name) for name in RULES}


def test_page__there_is_none_of_other_names(client):
    """Neither of what is not shipped, nor outside of where runbooks stand."""
    for name in ("Nothing", "README", "__init__"):
        assert client.get(runbook_url(name)).status_code == 404


def test_url__is_the_projects_own_where_it_has_pages(settings):
    """A wiki's, a whole address, or a path."""
    assert runbook_url("NodeDown") == "/monitoring/runbooks/NodeDown/"
    settings.ZEROSTATE_MONITORING_BASE_URL = "https://ops.example"
    assert runbook_url("NodeDown") == "https://ops.example/monitoring/runbooks/NodeDown/"
    settings.ZEROSTATE_MONITORING_RUNBOOK_URL = "https://wiki.example/{name}#top"
    assert runbook_url("NodeDown") == "https://wiki.example/NodeDown#top"


def test_url__is_empty_where_no_page_is_served(settings):
    """A project that has not mounted our addresses sends no link that leads nowhere."""
    settings.ROOT_URLCONF = ""
    assert runbook_url("NodeDown") == ""
