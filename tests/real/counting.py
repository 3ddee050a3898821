"""What counted processes do: count, and write down that they did."""

from __future__ import annotations

import os
import struct
import time
from collections.abc import Iterator
from pathlib import Path

from django.http import HttpRequest, HttpResponse

from zerostate_monitoring.instrumentation import p2p

EVENT = struct.Struct("<d")


def happened(kind: str) -> None:
    """Write an event down, and count it; so what is counted is never more than what is written."""
    path = Path(os.environ["TEST_DIRECTORY"]) / "events" / f"{kind}.{os.getpid()}"
    file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    try:
        os.write(file, EVENT.pack(time.time()))
    finally:
        os.close(file)
    p2p.message_sent(kind, "gossip")


def events(directory: Path, kind: str = "*") -> Iterator[tuple[int, float]]:
    """All events that were written down: process id and time."""
    for path in directory.glob(f"events/{kind}.*"):
        pid = int(path.suffix[1:])
        data = path.read_bytes()
        for (at,) in EVENT.iter_unpack(data[: len(data) // EVENT.size * EVENT.size]):
            yield pid, at


def hit(request: HttpRequest) -> HttpResponse:
    """Count one request."""
    happened("web")
    return HttpResponse(str(os.getpid()), content_type="text/plain")
