"""The orchestrator's JSON becomes families, and a broken one costs nothing else."""

from __future__ import annotations

import json
import time

import pytest

from zerostate_monitoring.exceptions import SourceError
from zerostate_monitoring.sources.nodes.client import NodeClient
from zerostate_monitoring.sources.nodes.orchestrator import (
    METRICS_PATH,
    REGISTRY_PATH,
    Report,
    read_metrics,
    read_registry,
)
from zerostate_monitoring.sources.nodes.orchestrator import report as ask

METRICS = {
    "tasks_succeeded": 7,
    "tasks_failed": 2,
    "tasks_timed_out": 1,
    "active_workers": 3,
    "avg_execution_ms": 250,
}


@pytest.fixture
def client():
    """A client that is closed at the end."""
    asking = NodeClient()
    yield asking
    asking.close()


def report(node, client, known=None, now=0.0, **changes):
    target = node.target(**{"role": "api", "token": "t", **changes})
    return ask(client, target, known, now=now, deadline=time.monotonic() + 5)


def samples(found):
    return {(n, labels): v for n, labels, v in found.frame(lambda d: "", 1.0).samples()}


def test_report__gives_families_once_a_minute(node, client):
    """Both paths are asked once a minute, with the token; the answer outlives the process."""
    registry = {"status": "ok", "stats": {"total": 3, "status_counts": {"online": 2, "busy": 1}}}
    node.answers[METRICS_PATH] = lambda h: h.reply(
        json.dumps(METRICS).encode(), kind="application/json"
    )
    node.answers[REGISTRY_PATH] = lambda h: h.reply(json.dumps(registry).encode())
    known = None
    for now in (0.0, 59.0):
        known = report(node, client, known, now)
        known = Report.of_note(json.loads(json.dumps(known.as_note())))
    assert dict(known.errors) == {}
    values = samples(known)
    assert values["zerostate_orchestrator_tasks_total", (("outcome", "timed_out"),)] == 1
    assert values["zerostate_orchestrator_task_duration_mean_seconds", ()] == 0.25
    assert values["zerostate_runtime_agents", (("status", "busy"),)] == 1
    assert node.asked(METRICS_PATH) == 1
    report(node, client, known, 61.0)
    assert node.asked(METRICS_PATH) == 2
    assert node.requests[0][1]["Authorization"] == "Bearer t"


def test_report__leaves_refused_families_out(node, client):
    """A family that something else feeds is in the note, and not in the frame."""
    node.answers[METRICS_PATH] = lambda h: h.reply(b'{"active_workers": 3}')
    found = report(node, client)
    assert found.frame(lambda d: "fed by platform", 1.0).schema.size == 0
    unknown = {"asked_at": 0.0, "figures": [["gone", {}, 1.0]], "errors": {}}
    assert Report.of_note(unknown).figures == []


def test_report__is_for_api_nodes_alone(node, client):
    """Other roles are not asked."""
    assert report(node, client, role="edge") is None
    assert node.requests == []


def test_wrong_token__is_told(node, client):
    """A 401 is shown as what it is, and the public path is read nevertheless."""
    node.answers[METRICS_PATH] = lambda h: h.reply(b"", status=401)
    node.answers[REGISTRY_PATH] = lambda h: h.reply(b'{"stats": {"status_counts": {"online": 2}}}')
    found = report(node, client)
    assert found.errors[METRICS_PATH].startswith("unauthorized")
    assert len(samples(found)) == 1


def test_idle_orchestrator__leaves_its_nan_out():
    """NaN, negative and wrongly typed numbers are no figures; the others are."""
    figures = read_metrics(b'{"tasks_succeeded": 0, "tasks_failed": -1, "avg_execution_ms": NaN}')
    assert [(d.name, value) for d, _, value in figures] == [
        ("zerostate_orchestrator_tasks_total", 0.0)
    ]


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"<html>", b"[" * 100_000])
def test_broken_json__is_invalid(body):
    """What is no JSON object is said to be that."""
    for read in (read_metrics, read_registry):
        with pytest.raises(SourceError) as caught:
            read(body)
        assert caught.value.kind == "invalid"


def test_many_statuses__overflow_into_other():
    """Agents choose their status; no more than so many make series."""
    counts = {f"s{i:03}": 1 for i in range(100)}
    figures = read_registry(json.dumps({"stats": {"status_counts": counts}}).encode())
    assert len(figures) == 20
    assert sum(value for _, _, value in figures) == 100


def test_statuses_that_no_encoding_carries__are_one():
    """Lone surrogates become one character, and what they count is added up."""
    found = read_registry(b'{"stats": {"status_counts": {"\\ud800": 1, "\\ud801": 2, "idle": 4}}}')
    assert [(labels["status"], value) for _, labels, value in found] == [
        ("idle", 4.0),
        ("\ufffd", 3.0),
    ]
    made = Report(0.0, found, {}).frame(lambda definition: "", 1.0)
    assert made.schema.size == 2
    long = read_registry(b'{"stats": {"status_counts": {"%b": 1}}}' % (b"x" * 10_000))
    assert len(long[0][1]["status"]) == 200
