"""One request to a WSGI handler, without a server."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any


def environ() -> dict[str, Any]:
    """GET of the page that the benchmarks' URLs have."""
    return {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": "/items/5",
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "REMOTE_ADDR": "127.0.0.1",
        "wsgi.input": io.BytesIO(),
        "wsgi.url_scheme": "http",
    }


def start_response(status: str, *_: object) -> Callable[[bytes], object]:
    """Take the head of the answer; another than 200 is an error."""
    if status != "200 OK":
        raise RuntimeError(status)
    return len
