"""A round of the example's executor: every layer's spans, as the page has them."""

from __future__ import annotations

import runpy

import pytest
from django.utils import timezone
from opentelemetry.trace import StatusCode

from example_project.network import tasks
from example_project.network.nodes.answers import Answer
from example_project.network.switches import switches
from tests.example_project.test_orders import node
from tests.packages import ROOT
from tests.rounds import ROUND, own
from tests.servers import free_port
from tests.tracing.conftest import provider_into
from zerostate_monitoring.models import Node

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def surroundings(tmp_path, monkeypatch):
    """Switches of one's own."""
    monkeypatch.setenv("DATA", str(tmp_path))


@pytest.fixture
def kept(monkeypatch):
    """Every span that has ended."""
    return provider_into(monkeypatch)


def well(path, headers):
    return Answer(200 if path == "/healthz" else 404, "text/plain", b"ok")


def test_round__has_the_spans_and_attributes_of_the_page(kept):
    """Nothing missing, nothing more, nothing failed."""
    with node(well):
        tasks.make_round.run()
    ended = kept.get_finished_spans()
    assert {span.name: own(span.attributes) for span in ended} == ROUND
    assert not any(span.status.status_code is StatusCode.ERROR for span in ended)
    assert [s.attributes["zerostate.dispute.action"] for s in ended if "dispute" in s.name] == [
        *("open", "evidence", "review", "resolve"),
    ]


def test_round__ends_where_nobody_is_found(kept):
    """The fault ``dht`` is the look-up's own."""
    switches().set("dht", timezone.now())
    tasks.make_round.run()
    ended = {span.name: span for span in kept.get_finished_spans()}
    assert set(ended) == {"p2p.search", "p2p.dht.resolve"}
    assert ended["p2p.dht.resolve"].attributes["error.type"] == "timeout"


def test_round__goes_on_though_the_node_is_away(kept):
    """The check says so; without any node nobody is asked."""
    tasks.make_round.run()
    assert "p2p.health_check" not in {span.name for span in kept.get_finished_spans()}
    Node.objects.create(name="edge-1", role="edge", base_url=f"http://127.0.0.1:{free_port()}")
    tasks.make_round.run()
    ended = {span.name: span for span in kept.get_finished_spans()}
    assert ended["p2p.health_check"].attributes["error.type"] == "unreachable"
    assert "reputation.blacklist" in ended


@pytest.mark.parametrize(("tracing", "task"), [("yes", tasks.make_round.name), ("no", None)])
def test_schedule__has_a_round_where_it_can_be_followed(monkeypatch, tracing, task):
    """As there are orders only there; by the name of the task that there is."""
    monkeypatch.setenv("TRACING", tracing)
    made = runpy.run_path(str(ROOT / "example_project" / "settings.py"))
    assert made["CELERY_BEAT_SCHEDULE"].get("example-round", {}).get("task") == task
