"""What is asked of a node, or of another server: headers, path, body."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from zerostate_monitoring.sources.nodes.target import Target

FORM: Final = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True)
class Question:
    """GET, or POST of a ``body`` that may be sent twice."""

    accept: str
    body: bytes | None = None
    media_type: str = FORM

    @property
    def method(self) -> str:
        """HTTP's word for it."""
        return "GET" if self.body is None else "POST"

    def headers(self, target: Target) -> dict[str, str]:
        """All headers, with the target's token."""
        headers = {
            "Accept": self.accept,
            "Accept-Encoding": "gzip",
            "User-Agent": "zerostate-monitoring",
        }
        if self.body is not None:
            headers["Content-Type"] = self.media_type
        if target.token:
            headers["Authorization"] = f"Bearer {target.token}"
        return headers

    def described(self, url: str) -> dict[str, str | float | bool]:
        """What a span says of it: where it leads, and not what is asked for there."""
        parts = urlsplit(url)
        return {
            "http.request.method": self.method,
            "server.address": parts.hostname or "",
            "server.port": parts.port or {"https": 443}.get(parts.scheme, 80),
            "url.scheme": parts.scheme,
            "url.path": parts.path,
        }


def path_of(url: str) -> str:
    """What of an address is sent to its host."""
    parts = urlsplit(url)
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
