"""Questions to Grafana's HTTP API, and its answers; errors say what to do."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import orjson

from zerostate_monitoring.exceptions import SourceError
from zerostate_monitoring.sources.nodes.client import ACCEPT_JSON, Answer, NodeClient
from zerostate_monitoring.sources.nodes.target import Target

Json = Mapping[str, Any]

_MOST_SHOWN: Final = 300
_AGAIN: Final = "Run this again then; what was sent already stays, and is not sent twice."

_OF_KIND: Final[Mapping[str, str]] = {
    "refused": "Nobody listens there: is Grafana running, and is this its address?",
    "missing": "There is no such name: is this its address?",
    "timeout": f"It took too long; --grafana-timeout gives it longer. {_AGAIN}",
    "tls": "Name the file of its authority with --grafana-ca-file.",
    "redirect": "Name the address to which it leads, or that behind the proxy that logs people in.",
    "too_large": "This is not what Grafana answers: is this its address?",
}
_OF_STATUS: Final[Mapping[int, tuple[str, str]]] = {
    400: ("error", "It does not take what was sent."),
    401: (
        "unauthorized",
        (
            "It does not know the token. Make one: Administration, Service accounts, role Editor; "
            "and see that it has not expired."
        ),
    ),
    403: (
        "unauthorized",
        (
            "The token may not do this. Give its service account the role Editor, or all of "
            "folders:create, folders:read, dashboards:create, dashboards:read and dashboards:write."
        ),
    ),
    404: ("missing", "Is this Grafana's address, with the path under which it is served?"),
    429: ("error", f"It is asked too often. Wait. {_AGAIN}"),
}
_OF_CLASH: Final[Mapping[str, str]] = {
    "name-exists": "Another dashboard of this title is in the folder: rename or delete that one, "
    "or choose another folder with --grafana-folder-uid.",
    "version-mismatch": f"Somebody is saving it at this moment. {_AGAIN}",
    "plugin-dashboard": "It belongs to a plugin there: rename that one, or remove the plugin.",
}
_PROVISIONED: Final = (
    "It is provisioned from a file there, which the API does not change: write that file with "
    "monitoring_export --to DIR dashboards."
)


@dataclass(frozen=True, slots=True)
class Reply:
    """Status and document of an answer."""

    status: int
    document: Json

    def text(self, key: str) -> str:
        """What the document says there, if it is a text."""
        value = self.document.get(key)
        return value if isinstance(value, str) else ""


class Grafana:
    """One Grafana; connections are kept until ``close``."""

    def __init__(self, target: Target, client: NodeClient) -> None:
        self._target: Final = target
        self._client: Final = client

    def get(self, path: str) -> Reply | None:
        """What stands under ``path``; ``None`` where nothing does.

        Raises:
            SourceError: it does not answer, or refuses; says what to do.
        """
        reply = self._asked(path, None)
        if reply.status == 404:
            return None
        return self._accepted(reply, path)

    def post(self, path: str, document: Json) -> Reply:
        """What comes of sending ``document`` to ``path``.

        Raises:
            SourceError: as ``get``; also where it clashes with what is there.
        """
        return self._accepted(self._asked(path, orjson.dumps(document)), path)

    def _asked(self, path: str, body: bytes | None) -> Reply:
        try:
            answer = self._answer(path, body)
        except SourceError as error:
            said = f"{error}. {_OF_KIND.get(error.kind, _AGAIN)}"
            raise self._error(path, said, error.kind) from error
        document = _document(answer)
        if document is None and answer.status < 400:
            said = (
                f"it answers {answer.status} with what is no JSON. Is this Grafana's address, with "
                "the path under which it is served, and nobody before it who wants a login?"
            )
            raise self._error(path, said, "invalid")
        return Reply(answer.status, document or {})

    def _answer(self, path: str, body: bytes | None) -> Answer:
        deadline = time.monotonic() + self._target.timeout
        if body is None:
            return self._client.get(self._target, path, accept=ACCEPT_JSON, deadline=deadline)
        return self._client.post(
            self._target,
            path,
            body,
            accept=ACCEPT_JSON,
            deadline=deadline,
            media_type="application/json",
        )

    def _accepted(self, reply: Reply, path: str) -> Reply:
        if reply.status < 400:
            return reply
        kind, advice = _advice(reply)
        message = _shown(reply.text("message"), self._target.token)
        said = f"it answers {reply.status}{message and f' ({message})'}. {advice}"
        raise self._error(path, said, kind)

    def _error(self, path: str, said: str, kind: str) -> SourceError:
        return SourceError(f"Grafana, {self._target.base_url}{path}: {said}", kind=kind)


def _document(answer: Answer) -> Json | None:
    try:
        document = orjson.loads(answer.body)
    except orjson.JSONDecodeError:
        return None
    return document if isinstance(document, Mapping) else None


def _advice(reply: Reply) -> tuple[str, str]:
    if reply.status in {409, 412}:
        return "error", _OF_CLASH.get(reply.text("status"), _OF_CLASH["version-mismatch"])
    if "provisioned" in reply.text("message").lower():
        return "error", _PROVISIONED
    if reply.status >= 500:
        return "error", f"It has a trouble of its own: look at its log. {_AGAIN}"
    return _OF_STATUS.get(reply.status, ("error", "Look at its log."))


def _shown(message: str, token: str) -> str:
    """The beginning of what it says, on one line, without the token."""
    plain = message.replace(token, "•••") if token else message
    words = " ".join(plain.split())
    return "".join(one for one in words if one.isprintable())[:_MOST_SHOWN].rstrip(".")
