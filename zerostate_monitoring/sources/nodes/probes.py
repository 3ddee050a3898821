"""Health and peers of a node: asked for less often than its metrics.

Which paths a node may have says its role: the API server has names of its own for
health, a relay tells who it is under another. All change slowly, so they are asked for
at every fourth interval or so (three to five, by the node's name, so that a fleet is not
asked all at once), within the deadline of the scrape. Who the node is, and paths that it
does not have, are left alone for an hour. What is known is a value that the caller keeps
between scrapes.
"""

from __future__ import annotations

import logging
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

import orjson

from zerostate_monitoring.exceptions import SourceError
from zerostate_monitoring.sources.nodes.client import ACCEPT_JSON, NodeClient
from zerostate_monitoring.sources.nodes.target import Target

logger = logging.getLogger(__name__)

_PEERS: Final = "/api/peers"
_ABSENT_SECONDS: Final = 3600.0
_IDENTITY_SECONDS: Final = 3600.0
_ABSENT_STATUSES: Final = frozenset({404, 405, 501})
_MAX_PEERS: Final = 10_000
_MAX_ID: Final = 200
_NOTHING: Final[dict[str, Any]] = {}


@dataclass(frozen=True, slots=True)
class Paths:
    """Where a node may answer, of each kind the likeliest first; the others on a 404 only."""

    live: tuple[str, ...] = ("/healthz", "/health/live")
    ready: tuple[str, ...] = ("/readyz", "/health/ready")
    identity: tuple[str, ...] = ("/api/info", "/peer-id")


_NODE: Final = Paths()
_OF_ROLE: Final[Mapping[str, Paths]] = {
    "api": replace(_NODE, live=("/health", *_NODE.live), ready=("/ready", *_NODE.ready)),
    "relay": replace(_NODE, identity=("/relay-info", *_NODE.identity)),
}


@dataclass(frozen=True, slots=True)
class Probes:
    """What is known of a node beside its metrics; times are unix seconds, 0 for never.

    ``healthy`` maps ``live`` and ``ready`` to the last answer; ``peer_count`` is
    ``None`` where the node gives no list; ``absent`` maps a path to when it may be asked
    for again. ``peers`` is the list itself, with the scrape that asked for it alone.
    """

    asked_at: float = 0.0
    identity_at: float = 0.0
    healthy: Mapping[str, bool] = field(default_factory=lambda: _NOTHING)
    peer_count: int | None = None
    peer_id: str = ""
    version: str = ""
    absent: Mapping[str, float] = field(default_factory=lambda: _NOTHING)
    peers: tuple[str, ...] | None = None

    def as_note(self) -> dict[str, Any]:
        """All but the peer list, as JSON can hold it."""
        return {
            "probed_at": self.asked_at,
            "identity_at": self.identity_at,
            "healthy": self.healthy,
            "peers": self.peer_count,
            "peer_id": self.peer_id,
            "version": self.version,
            "absent": self.absent,
        }

    @classmethod
    def of_note(cls, note: Mapping[str, Any]) -> Probes:
        """Read what ``as_note`` gave."""
        return cls(
            asked_at=note.get("probed_at", 0.0),
            identity_at=note.get("identity_at", 0.0),
            healthy=note.get("healthy", _NOTHING),
            peer_count=note.get("peers"),
            peer_id=note.get("peer_id", ""),
            version=note.get("version", ""),
            absent=note.get("absent", _NOTHING),
        )

    def after_failure(self) -> Probes:
        """What is still known of a node that did not answer: it may be another one now."""
        return Probes(absent=self.absent)


def probe(
    client: NodeClient,
    target: Target,
    known: Probes,
    *,
    now: float,
    interval: float,
    deadline: float,
) -> Probes:
    """``known`` as it is, or asked for anew where it is old; never raises."""
    if 0 <= now - known.asked_at < interval * _period(target.name):
        return known
    return _Asking(client, target, known, now, deadline).answers()


class _Asking:
    def __init__(
        self, client: NodeClient, target: Target, known: Probes, now: float, deadline: float
    ) -> None:
        self._client = client
        self._target = target
        self._paths = _OF_ROLE.get(target.role, _NODE)
        self._known = known
        self._now = now
        self._deadline = deadline
        # What lies further ahead was written down before the clock was set back.
        latest = now + _ABSENT_SECONDS
        self._absent = {p: until for p, until in known.absent.items() if now < until <= latest}

    def answers(self) -> Probes:
        """Ask for all that is due."""
        healthy = self._health()
        known = self._identity()
        peers = self._peers()
        return replace(
            known,
            asked_at=self._now,
            healthy=healthy,
            peer_count=None if peers is None else len(peers),
            peers=peers,
            absent=self._absent,
        )

    def _health(self) -> dict[str, bool]:
        checks = {"live": self._paths.live, "ready": self._paths.ready}
        statuses = {
            check: next((s for path in paths if (s := self._get(path)[0]) is not None), None)
            for check, paths in checks.items()
        }
        return {c: 200 <= status < 300 for c, status in statuses.items() if status is not None}

    def _peers(self) -> tuple[str, ...] | None:
        status, body = self._get(_PEERS)
        return parse_peers(body) if status == 200 else None

    def _identity(self) -> Probes:
        known = self._known
        if known.peer_id and 0 <= self._now - known.identity_at < _IDENTITY_SECONDS:
            return known
        peer_id = version = ""
        for path in self._paths.identity:
            status, body = self._get(path)
            found = parse_identity(body) if status == 200 else ("", "")
            peer_id, version = found[0], version or found[1]
            if peer_id:
                break
        return replace(known, identity_at=self._now, peer_id=peer_id, version=version)

    def _get(self, path: str) -> tuple[int | None, bytes]:
        """Status and body; ``None`` where the node does not have the path or gives nothing."""
        if path in self._absent:
            return None, b""
        try:
            answer = self._client.get(
                self._target, path, accept=f"{ACCEPT_JSON},text/plain", deadline=self._deadline
            )
        except SourceError:
            return (0, b"") if path.startswith(("/health", "/ready")) else (None, b"")
        if answer.status in _ABSENT_STATUSES:
            self._absent[path] = self._now + _ABSENT_SECONDS
            return None, b""
        return answer.status, answer.body


def _period(name: str) -> float:
    """Between three and five intervals, the same for a node in every process."""
    return 3.0 + zlib.crc32(name.encode()) % 1000 / 500


def parse_peers(body: bytes) -> tuple[str, ...] | None:
    """The peer ids of ``{"count": 2, "peers": ["a", {"id": "b"}]}``.

    ``None`` if it is no such list, or one longer than any node can be connected to: a part
    of it would show links that are not those of the network.
    """
    document = _document(body)
    items = document.get("peers") if isinstance(document, dict) else None
    if items is None and isinstance(document, dict) and document.get("count") == 0:
        items = []  # Go writes an empty list as null
    if not isinstance(items, list):
        return None
    if len(items) > _MAX_PEERS:
        logger.warning("node_peers_refused", extra={"peers": len(items), "allowed": _MAX_PEERS})
        return None
    ids = (_peer_id(item) for item in items)
    return tuple(sorted({peer for peer in ids if peer}))


def parse_identity(body: bytes) -> tuple[str, str]:
    """Peer id and version of a node, from JSON or from the bare text of /peer-id."""
    document = _document(body)
    if isinstance(document, dict):
        return _peer_id(document), str(document.get("version") or "")[:_MAX_ID]
    text = body.decode("utf-8", "replace").strip().strip('"')
    return (text if text.isalnum() and len(text) <= _MAX_ID else ""), ""


def _peer_id(item: Any) -> str:
    if isinstance(item, dict):
        keys = ("peer_id", "peerId", "peerID", "id", "ID")
        item = next((item[key] for key in keys if item.get(key)), "")
    return item[:_MAX_ID] if isinstance(item, str) else ""


def _document(body: bytes) -> Any:
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        return None
