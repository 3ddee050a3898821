"""Ids that strangers send: taken only where they are short and plain. Pure."""

from __future__ import annotations

import re
import uuid
from typing import Final

REQUEST_ID: Final = "X-Request-ID"
CORRELATION_ID: Final = "X-Correlation-ID"

_SANE: Final = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._:@+=/-]{0,126}[A-Za-z0-9=])?\Z")


def sane(given: object) -> str:
    """``given`` where it can be an id: 1 to 128 plain characters; else an empty text."""
    return given if isinstance(given, str) and _SANE.match(given) else ""


def new_id() -> str:
    """An id of our own."""
    return str(uuid.uuid4())
