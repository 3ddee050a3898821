"""Dashboards to a Grafana: what is there already is not sent again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final
from urllib.parse import quote, urlsplit

import orjson

from zerostate_monitoring.exceptions import ConfigurationError, SourceError
from zerostate_monitoring.sources.grafana.talking import Grafana, Reply
from zerostate_monitoring.sources.nodes.client import NodeClient
from zerostate_monitoring.sources.nodes.target import Target

_MESSAGE: Final = "manage.py monitoring_export"
_ITS_OWN: Final = ("id", "version")
"""What Grafana numbers itself."""


@dataclass(frozen=True, slots=True)
class Folder:
    """Where dashboards go. An empty uid is Grafana's root; a title is given once, at the start."""

    uid: str = "zerostate"
    title: str = "ZeroState"


class Sending(StrEnum):
    """What became of a dashboard."""

    SENT = "sent"
    UNCHANGED = "unchanged"
    DIFFERENT = "different"
    """It was only compared."""


@dataclass(frozen=True, slots=True)
class Pushed:
    """One dashboard, where it is found, and what became of it."""

    uid: str
    title: str
    outcome: Sending
    url: str = ""


def push(
    target: Target, texts: Iterable[str], folder: Folder = Folder(), *, check: bool = False
) -> Iterator[Pushed]:
    """Send dashboards, JSON each, in the order of their uids; tell of each when it is done.

    With ``check`` they are only compared.

    Raises:
        ConfigurationError: a text is no dashboard.
        SourceError: Grafana does not answer, or refuses; says what to do. What was told of
            before stands.
    """
    dashboards = sorted(map(_dashboard, texts), key=lambda one: str(one["uid"]))
    with closing(NodeClient()) as client:
        grafana = Grafana(target, client)
        if folder.uid and not check:
            _make(grafana, folder)
        for dashboard in dashboards:
            yield _one(grafana, target, dashboard, folder, check=check)


def _one(
    grafana: Grafana, target: Target, dashboard: Mapping[str, Any], folder: Folder, *, check: bool
) -> Pushed:
    uid, title = str(dashboard["uid"]), str(dashboard["title"])
    there = grafana.get(f"/api/dashboards/uid/{quote(uid, safe='')}")
    if there is not None and _is_same(there, dashboard, folder):
        return Pushed(uid, title, Sending.UNCHANGED)
    if check:
        return Pushed(uid, title, Sending.DIFFERENT)
    wanted = {
        "dashboard": {**dashboard, "id": None},
        "folderUid": folder.uid,
        "message": _MESSAGE,
        "overwrite": True,
    }
    answer = grafana.post("/api/dashboards/db", wanted)
    _check_place(answer, dashboard)
    return Pushed(uid, title, Sending.SENT, _url(target, answer.text("url")))


def _check_place(answer: Reply, dashboard: Mapping[str, Any]) -> None:
    """Older Grafanas put a dashboard over another of its title, which keeps its uid."""
    uid = answer.text("uid")
    if uid and uid != dashboard["uid"]:
        raise SourceError(
            f"Grafana wrote {dashboard['title']!r} over another dashboard of this title, whose uid "
            f"is {uid}. Restore that one from its versions, rename it, and run this again; or "
            "choose another folder with --grafana-folder-uid."
        )


def _is_same(there: Reply, dashboard: Mapping[str, Any], folder: Folder) -> bool:
    theirs, about = there.document.get("dashboard"), there.document.get("meta")
    if not isinstance(theirs, Mapping) or not isinstance(about, Mapping):
        return False
    is_there = (about.get("folderUid") or "") == folder.uid
    return is_there and _comparable(theirs) == _comparable(dashboard)


def _comparable(dashboard: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in dashboard.items() if key not in _ITS_OWN}


def _make(grafana: Grafana, folder: Folder) -> None:
    path = f"/api/folders/{quote(folder.uid, safe='')}"
    if grafana.get(path) is not None:
        return
    try:
        grafana.post("/api/folders", {"uid": folder.uid, "title": folder.title})
    except SourceError:
        # Somebody else may have made it at this moment.
        if grafana.get(path) is None:
            raise


def _url(target: Target, path: str) -> str:
    """The address of what Grafana says lies under ``path``, which has its own path in it."""
    parts = urlsplit(target.base_url)
    return f"{parts.scheme}://{parts.netloc}{path}" if path.startswith("/") else ""


def _dashboard(text: str) -> Mapping[str, Any]:
    try:
        found = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise ConfigurationError(f"A dashboard is no JSON: {error}") from error
    if not isinstance(found, Mapping) or not found.get("uid") or not found.get("title"):
        raise ConfigurationError(
            "A dashboard has neither uid nor title: this is a mistake of ours."
        )
    return found
