"""The list of nodes that a Prometheus asks for: who may, and what is in it."""

from __future__ import annotations

import pytest
from django.test import Client

from tests.api.conftest import TOKEN
from zerostate_monitoring.generators.node_targets import node_lists
from zerostate_monitoring.models import Collector, Node
from zerostate_monitoring.schedule import NODES

pytestmark = pytest.mark.django_db

PATH = "/monitoring/api/v1/http_sd/nodes"


@pytest.fixture
def ask(settings):
    settings.ZEROSTATE_MONITORING_API_TOKEN = TOKEN
    client = Client(headers={"authorization": f"Bearer {TOKEN}"})
    return lambda **asked: client.get(PATH, asked)


@pytest.fixture
def left_to_prometheus():
    Collector.objects.filter(name=NODES).update(enabled=False)


def test_nodes__in_the_json_of_prometheus(ask, left_to_prometheus, django_assert_num_queries):
    """Two queries; enabled nodes alone, with the labels that this app would give them."""
    Node.objects.create(
        name="b", base_url="https://b.example/x/", role="relay", labels={"site": "s", "rack": "1"}
    )
    Node.objects.create(name="a", base_url="http://[::1]:81", metrics_path="/m?n=1&e=")
    Node.objects.create(name="c", base_url="http://c.example", ephemeral=True)
    Node.objects.create(name="off", base_url="http://off.example", enabled=False)
    with django_assert_num_queries(2):
        answer = ask()
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/json")
    assert answer.json() == [
        {
            "targets": ["[::1]:81"],
            "labels": {
                "node": "a",
                "node_role": "edge",
                "__scheme__": "http",
                "__metrics_path__": "/m",
                "__param_n": "1",
                "__param_e": "",
            },
        },
        {
            "targets": ["b.example:443"],
            "labels": {
                "node": "b",
                "node_role": "relay",
                "site": "s",
                "__scheme__": "https",
                "__metrics_path__": "/x/metrics",
            },
        },
        {
            "targets": ["c.example:80"],
            "labels": {
                "node": "c",
                "node_role": "edge",
                "__scheme__": "http",
                "__metrics_path__": "/metrics",
                "zerostate_ephemeral": "true",
            },
        },
    ]


def test_nodes__that_this_app_scrapes_are_none(ask):
    """An empty list, for after an error a Prometheus would go on with those that it had."""
    Node.objects.create(name="a", base_url="http://a.example")
    assert ask().json() == []
    Collector.objects.filter(name=NODES).delete()
    assert ask().json() == []


def test_nodes__are_parted_by_their_credentials(ask, left_to_prometheus):
    """Nobody's token is sent to a node that has another one; none of them is told."""
    for name, token in (("a", ""), ("b", "s3cret-1"), ("c", "s3cret-2"), ("d", "s3cret-1")):
        Node.objects.create(name=name, base_url=f"http://{name}.example", token=token)
    lists = node_lists(Node.objects.all())
    assert [[node.name for node in one.nodes] for one in lists if not one.key] == [["a"]]
    for one in lists:
        answer = ask(**({"credentials": one.key} if one.key else {}))
        named = [group["labels"]["node"] for group in answer.json()]
        assert named == [node.name for node in one.nodes]
        assert b"s3cret" not in answer.content
    assert ask(credentials="unknown").json() == []


def test_nodes__need_the_token_or_staff(left_to_prometheus, settings, staff):
    """As queries do; without either nothing is told."""
    settings.ZEROSTATE_MONITORING_API_TOKEN = TOKEN
    assert Client().get(PATH).status_code == 401
    wrong = Client(headers={"authorization": "Bearer other"}).get(PATH)
    assert (wrong.status_code, wrong["WWW-Authenticate"][:6]) == (401, "Bearer")
    assert staff.get(PATH).status_code == 200
    assert Client().post(PATH).status_code == 405


def test_nodes__bad_questions(ask, settings):
    """Another parameter is refused by name; an app that is switched off tells of no node."""
    answer = ask(role="edge")
    assert answer.status_code == 400
    assert "there is no parameter role" in answer.json()["error"]
    settings.ZEROSTATE_MONITORING_ENABLED = False
    assert ask().status_code == 503
