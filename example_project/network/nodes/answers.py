"""What each path of a node answers, as the Go programs do."""

from __future__ import annotations

import hmac
import json
from collections import Counter
from dataclasses import dataclass
from typing import Final

from example_project.network.simulation.entities import NodeState
from example_project.network.simulation.world import World

TEXT: Final = "text/plain; charset=utf-8"
EXPOSITION: Final = "text/plain; version=0.0.4; charset=utf-8"

PLAIN: Final = {"/healthz": b"ok", "/readyz": b"ready"}
VERSION: Final = "v0.1.0"


@dataclass(frozen=True, slots=True)
class Answer:
    """One HTTP answer, given after ``delay`` seconds."""

    status: int
    content_type: str
    body: bytes
    delay: float = 0.0


_NOT_FOUND: Final = Answer(404, TEXT, b"404 page not found\n")


def answer(world: World, node: NodeState, path: str, headers: dict[str, str], token: str) -> Answer:
    """Answer a GET of ``path``; the orchestrator's figures want ``token`` as bearer."""
    if path == "/metrics":
        node.page.inc("promhttp_metric_handler_requests_total", code="200")
        return Answer(200, EXPOSITION, node.page.render().encode())
    if path in PLAIN and node.role != "api":
        return Answer(200, TEXT, PLAIN[path])
    match path:
        case "/peer-id":
            return Answer(200, "text/plain", node.peer_id.encode())
        case "/api/info":
            return _json(_info(node))
        case "/api/peers":
            return _json({"count": len(node.peers), "peers": [p.peer_id for p in node.peers]})
    return _role_answer(world, node, path, headers, token)


def _role_answer(
    world: World, node: NodeState, path: str, headers: dict[str, str], token: str
) -> Answer:
    if node.role == "api":
        return _api_answer(world, path, headers, token)
    if node.role == "relay" and path == "/relay-info":
        return _json(_relay_info(node))
    return _NOT_FOUND


def _api_answer(world: World, path: str, headers: dict[str, str], token: str) -> Answer:
    said = {"timestamp": world.at().isoformat(), "version": VERSION}
    match path:
        case "/health":
            return _json({"status": "healthy", **said})
        case "/ready":
            return _json({"ready": True, **said})
        case "/api/v1/runtime-registry":
            return _json(_registry(world))
        case "/api/v1/orchestrator/metrics":
            given = headers.get("authorization", "")
            if not hmac.compare_digest(given.encode(), f"Bearer {token}".encode()):
                return _json({"error": "unauthorized"}, 401)
            return _json(_orchestrator(world))
    return _NOT_FOUND


def _json(document: object, status: int = 200) -> Answer:
    return Answer(status, "application/json", json.dumps(document).encode())


def _info(node: NodeState) -> dict[str, object]:
    return {
        "peer_id": node.peer_id,
        "addrs": ["/ip4/127.0.0.1/udp/4001/quic-v1"],
        "did": f"did:zerostate:node:{node.peer_id[-16:]}",
    }


def _relay_info(node: NodeState) -> dict[str, object]:
    return {
        "version": VERSION,
        "protocol": "circuit-relay-v2",
        "peer_id": node.peer_id,
        "max_reservations": 128,
        "max_circuits": 64,
    }


def _orchestrator(world: World) -> dict[str, object]:
    totals = world.totals
    return {
        "tasks_processed": totals.processed,
        "tasks_succeeded": totals.succeeded,
        "tasks_failed": totals.failed,
        "tasks_timed_out": totals.timed_out,
        "avg_execution_ms": totals.milliseconds / max(1, totals.processed),
        "active_workers": sum(agent.free for agent in world.agents),
        "success_rate": 100 * totals.succeeded / max(1, totals.processed),
    }


def _registry(world: World) -> dict[str, object]:
    skills = (skill for agent in world.agents for skill in agent.row["capabilities"])
    return {
        "status": "ok",
        "stats": {
            "total": len(world.agents),
            "status_counts": dict(Counter(agent.row["status"] for agent in world.agents)),
            "capability_counts": dict(Counter(skills)),
            "presence_topic": "/zerostate/presence/1.0.0",
            "last_updated": world.at().isoformat(),
        },
    }
