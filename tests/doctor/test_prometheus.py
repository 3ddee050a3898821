"""The server that answers in place of this app."""

from __future__ import annotations

import pytest

from zerostate_monitoring.doctor import prometheus
from zerostate_monitoring.doctor.finding import Level
from zerostate_monitoring.exceptions import QueryTimeoutError
from zerostate_monitoring.models import Collector, Node
from zerostate_monitoring.schedule import NODES

URL = "http://prometheus.example"


def finding(monkeypatch, answer):
    """What is found where the server answers so."""

    def has_page(at_ms):
        if isinstance(answer, Exception):
            raise answer
        return answer

    monkeypatch.setattr(prometheus, "has_page", has_page)
    return prometheus.judge_server(URL, 1)


@pytest.mark.parametrize(
    ("answer", "level", "said"),
    [
        (True, Level.OK, "scrapes the page"),
        (False, Level.ERROR, "does not scrape the page"),
        (QueryTimeoutError("no answer"), Level.ERROR, "does not answer: no answer"),
    ],
)
def test_server__answers_and_scrapes(monkeypatch, answer, level, said):
    """What is wrong, with what to do."""
    found = finding(monkeypatch, answer)
    assert (found.level, said in found.message, URL in found.message) == (level, True, True)
    assert bool(found.advice) is (level is not Level.OK)


def test_server__that_nobody_named_is_not_asked(settings, monkeypatch):
    """And there is nothing to say."""
    settings.ZEROSTATE_MONITORING_PROMETHEUS_URL = ""
    monkeypatch.setattr(prometheus, "judge_server", None)
    assert list(prometheus.examine_prometheus()) == []


def test_server__that_is_away_is_found(settings):
    """By the real client, at a port on which nobody listens."""
    settings.ZEROSTATE_MONITORING_PROMETHEUS_URL = "http://127.0.0.1:1"
    (found,) = prometheus.examine_prometheus()
    assert found.level is Level.ERROR


@pytest.mark.parametrize(
    ("here", "there", "said"),
    [
        (True, True, "by this app and by Prometheus"),
        (False, False, "by nobody"),
        (True, False, ""),
        (False, True, ""),
    ],
)
@pytest.mark.django_db
def test_nodes__are_scraped_by_one_of_the_two(settings, monkeypatch, here, there, said):
    """Both and neither are found; a network without nodes has nothing to be scraped."""
    settings.ZEROSTATE_MONITORING_PROMETHEUS_URL = URL
    monkeypatch.setattr(prometheus, "has_nodes", lambda at_ms: there)
    assert list(prometheus.examine_node_scrapers()) == []
    Node.objects.create(name="a", base_url="http://a.example")
    Collector.objects.filter(name=NODES).update(enabled=here)
    found = list(prometheus.examine_node_scrapers())
    assert [one.level for one in found] == ([Level.ERROR] if said else [])
    assert all(said in one.message and one.advice for one in found)


@pytest.mark.django_db
def test_nodes__of_a_server_that_is_away_are_not_judged(settings):
    """That it is away is another finding."""
    Node.objects.create(name="a", base_url="http://a.example")
    settings.ZEROSTATE_MONITORING_PROMETHEUS_URL = "http://127.0.0.1:1"
    assert list(prometheus.examine_node_scrapers()) == []
