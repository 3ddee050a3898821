"""Whether this process has started, and whether it is about to leave.

That it leaves is known in four ways, and any of them is enough:

- the server's own word: gunicorn's worker sets ``alive`` to False and uvicorn's server sets
  ``should_exit`` to True when SIGTERM comes. Both have put a method of theirs in as the
  handler of SIGTERM, so the object is found by asking who handles it; nothing is installed;
- gunicorn's master, where ``health.gunicorn`` is in its configuration: it says so to all of
  its workers some seconds before it ends them;
- a file, which a ``preStop`` hook makes, whatever the server is;
- ``drain()``, which a project's own hook calls.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable
from typing import Final

from zerostate_monitoring.health.states import Outcome, healthy, unhealthy

_lock = threading.Lock()
_held: Final[dict[str, int]] = {}
_leaving: Final[set[int]] = set()
"""Ids of processes that were told: a forked child is not told with its parent."""

leaving_together: Final[list[Callable[[], bool]]] = []
"""Who is asked whether the whole server leaves; ``health.gunicorn`` puts itself in."""


def _forked() -> None:
    """A child must not wait for a lock that only a thread of its parent could release."""
    global _lock  # noqa: PLW0603
    _lock = threading.Lock()


os.register_at_fork(after_in_child=_forked)


def hold(reason: str) -> None:
    """Say that the start is not finished, for ``reason``; until ``release`` the process is
    neither started nor ready.
    """
    with _lock:
        _held[reason] = _held.get(reason, 0) + 1


def release(reason: str) -> None:
    """Say that what ``hold`` was called for is done."""
    with _lock:
        count = _held.pop(reason, 0)
        if count > 1:
            _held[reason] = count - 1


def drain() -> None:
    """Say that this process leaves: from now on it is not ready, and serves as before."""
    _leaving.add(os.getpid())


def undrain() -> None:
    """Take ``drain`` back."""
    _leaving.discard(os.getpid())


def started() -> Outcome:
    """Whether the start is finished."""
    with _lock:
        reasons = ", ".join(sorted(_held))
    return unhealthy(f"starting: {reasons}") if reasons else healthy("started")


def present(drain_file: str = "") -> Outcome:
    """Whether this process is to be sent requests."""
    begun = started()
    if begun.message != "started":
        return begun
    reason = leaving(drain_file)
    return unhealthy(f"draining: {reason}") if reason else begun


def leaving(drain_file: str = "") -> str:
    """Why this process is about to leave; empty if it stays."""
    if os.getpid() in _leaving:
        return "it was told so"
    if any(asked() for asked in leaving_together):
        return "the server got SIGTERM"
    if server_leaves():
        return "the server ends this process"
    # A file that cannot be looked at is none.
    return "the drain file is there" if drain_file and os.path.exists(drain_file) else ""  # noqa: PTH110


def server_leaves() -> bool:
    """What the object says that handles SIGTERM here: gunicorn's worker, uvicorn's server."""
    server = getattr(signal.getsignal(signal.SIGTERM), "__self__", None)
    return getattr(server, "alive", None) is False or getattr(server, "should_exit", None) is True
