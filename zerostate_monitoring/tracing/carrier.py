"""A trace's way over messages: traceparent, tracestate and baggage, as map, text or bytes.

The network's messages carry it under ``zs-trace-context``. What comes in is anybody's: what
is too large, or not as the W3C writes it, is left out, and nothing is raised.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

from zerostate_monitoring.tracing.optional import propagation

HEADER: Final = "zs-trace-context"
TRACEPARENT: Final = "traceparent"
TRACESTATE: Final = "tracestate"
BAGGAGE: Final = "baggage"

MOST_BYTES: Final = 10_240
"""Of a carrier as text or bytes."""
_MOST: Final = {TRACEPARENT: 55, TRACESTATE: 512, BAGGAGE: 8192}
_MOST_BAGGAGE: Final = 64
_PARENT: Final = re.compile(
    r"(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}"
)
_PRINTABLE: Final = re.compile(r"[ -~]+")

Carrier = Mapping[str, str] | str | bytes | None
"""None is what a message without the header gives."""


def to_map() -> dict[str, str]:
    """What belongs to the current trace; empty where there is none."""
    w3c = propagation()
    return {} if w3c is None else sane(w3c.written())


def to_text() -> str:
    """The same as one line of ASCII; empty where there is none."""
    fields = to_map()
    return json.dumps(fields, separators=(",", ":")) if fields else ""


def to_bytes() -> bytes:
    """The same as bytes."""
    return to_text().encode()


def fields_of(carrier: Carrier) -> dict[str, str]:
    """What a carrier holds, without what is forged or too large. A bare traceparent is taken."""
    if isinstance(carrier, bytes | bytearray):
        if len(carrier) > MOST_BYTES:
            return {}
        # What is no ASCII is refused by its field.
        carrier = carrier.decode("latin-1")
    if isinstance(carrier, str):
        return sane(_parsed(carrier))
    # A message's header is anybody's: it may be of any type.
    return sane(carrier) if isinstance(carrier, Mapping) else {}


def _parsed(text: str) -> Mapping[str, Any]:
    if len(text) > MOST_BYTES:
        return {}
    if not text.startswith("{"):
        return {TRACEPARENT: text}
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def sane(fields: Mapping[str, Any]) -> dict[str, str]:
    """The fields that can be passed on; a state without a parent says nothing."""
    kept = {
        name: value
        for name, most in _MOST.items()
        if isinstance(value := fields.get(name), str)
        and len(value) <= most
        and _PRINTABLE.fullmatch(value)
    }
    if not _PARENT.fullmatch(kept.get(TRACEPARENT, "")):
        kept.pop(TRACEPARENT, None)
        kept.pop(TRACESTATE, None)
    if kept.get(BAGGAGE, "").count(",") >= _MOST_BAGGAGE:
        del kept[BAGGAGE]
    return kept


def context_of(carrier: Carrier) -> Any:
    """OpenTelemetry's context of a carrier; None where it says nothing, or nobody records."""
    w3c = propagation()
    fields = {} if w3c is None else fields_of(carrier)
    return w3c.read(fields) if fields else None


@contextmanager
def continued(carrier: Carrier) -> Iterator[None]:
    """Go on with the trace of a message: spans that begin in the block belong to it."""
    context = context_of(carrier)
    if context is None:
        yield
        return
    with propagation().attached(context):
        yield
