"""A Grafana for tests that is none: what its HTTP API says of folders and dashboards.

Statuses and documents are those of Grafana's own documents and sources; no Grafana has run.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from tests.sources.nodes.server import FakeNode, Handler, fake_node

TOKEN = "glsa_of-a-test"


@dataclass
class FakeGrafana:
    """Folders and dashboards by uid; ``failures`` are answers that a test wants in their place."""

    node: FakeNode
    folders: dict[str, str] = field(default_factory=dict)
    dashboards: dict[str, dict[str, Any]] = field(default_factory=dict)
    places: dict[str, str] = field(default_factory=dict)
    posted: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    failures: dict[tuple[str, str], tuple[int, Any]] = field(default_factory=dict)
    prefix: str = ""

    @property
    def url(self) -> str:
        return self.node.url + self.prefix

    def fail(self, method: str, path: str, status: int, document: Any) -> None:
        """Answer so to requests whose path begins with ``path``."""
        self.failures[(method, path)] = (status, document)

    def answer(self, handler: Handler, method: str) -> None:
        """One request."""
        path = handler.path.removeprefix(self.prefix)
        body = b""
        if method == "POST":
            body = handler.rfile.read(int(handler.headers["Content-Length"]))
            assert handler.headers["Content-Type"] == "application/json"
        status, document = self._answer(method, path, body, handler.headers["Authorization"])
        raw = document if isinstance(document, bytes) else json.dumps(document).encode()
        handler.reply(raw, status=status, kind="application/json")

    def _answer(self, method, path, body, authorization):
        if not is_known(authorization):
            return 401, {"message": "Invalid API key", "messageId": "api-key.invalid"}
        for (failing, beginning), failure in self.failures.items():
            if failing == method and path.startswith(beginning):
                return failure
        if method == "POST":
            document = json.loads(body)
            self.posted.append((path, document))
            return self._save(document) if path == "/api/dashboards/db" else self._make(document)
        kind, _, uid = path.removeprefix("/api/").rpartition("/")
        return self._folder(uid) if kind == "folders" else self._dashboard(uid)

    def _folder(self, uid):
        if uid not in self.folders:
            return 404, {"message": "folder not found", "status": "not-found"}
        return 200, {"id": 1, "uid": uid, "title": self.folders[uid]}

    def _make(self, document):
        if document["uid"] in self.folders:
            return 409, {"message": "a folder with that name already exists"}
        self.folders[document["uid"]] = document["title"]
        return 200, {"id": 1, **document}

    def _dashboard(self, uid):
        if uid not in self.dashboards:
            return 404, {"message": "Dashboard not found"}
        meta = {"folderUid": self.places[uid], "provisioned": False, "slug": uid}
        return 200, {"dashboard": self.dashboards[uid], "meta": meta}

    def _save(self, document):
        assert document["overwrite"] is True
        dashboard = document["dashboard"]
        assert dashboard["id"] is None
        uid = dashboard["uid"]
        if document["folderUid"] and document["folderUid"] not in self.folders:
            return 400, {"message": "folder not found"}
        version = self.dashboards.get(uid, {}).get("version", 0) + 1
        self.dashboards[uid] = {**dashboard, "id": len(self.dashboards) + 1, "version": version}
        self.places[uid] = document["folderUid"]
        url = f"{self.prefix}/d/{uid}/{uid}"
        return 200, {"id": 1, "uid": uid, "url": url, "status": "success", "version": version}


def is_known(authorization: str | None) -> bool:
    return authorization == f"Bearer {TOKEN}"


@contextmanager
def fake_grafana(monkeypatch: Any, prefix: str = "") -> Iterator[FakeGrafana]:
    """Run one on a free port."""
    with fake_node() as node:
        grafana = FakeGrafana(node, prefix=prefix)

        def answered(method: str) -> Callable[[Handler], None]:
            return lambda handler: grafana.answer(handler, method)

        monkeypatch.setattr(Handler, "do_POST", answered("POST"), raising=False)
        monkeypatch.setattr(Handler, "do_GET", answered("GET"))
        yield grafana
