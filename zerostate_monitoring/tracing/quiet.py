"""Calls that no trace follows: their addresses hold secrets, and the others are strangers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from zerostate_monitoring.tracing.optional import suppressing


@contextmanager
def unfollowed() -> Iterator[None]:
    """In the block no library's outgoing request is a span, and none is told of the trace."""
    utils = suppressing()
    if utils is None:
        yield
        return
    with utils.suppress_http_instrumentation():
        yield
