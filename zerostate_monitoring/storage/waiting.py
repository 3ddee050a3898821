"""One bound on all that a call waits for the store, over every connection that it takes.

redis-py bounds each wait by itself. A call may wait for a free connection, ask Sentinels or
the nodes of a cluster where the server is, connect, and fetch in several parts: here these
waits are added up. Only waiting counts, so a busy processor takes nothing away from a
server that answers.
"""

from __future__ import annotations

import contextlib
import socket
import time
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from queue import LifoQueue
from typing import Any, ClassVar, Final

_NEARLY: Final = 1.1
"""How far a socket's timeout may be off: to set it is a system call for each read."""


class _Call:
    """What one call has waited so far, in seconds."""

    def __init__(self) -> None:
        self._waited = 0.0
        self._since: float | None = None

    @property
    def waited(self) -> float:
        """With the wait that is under way."""
        running = 0.0 if self._since is None else time.monotonic() - self._since
        return self._waited + running

    @contextlib.contextmanager
    def waiting(self) -> Iterator[None]:
        """Count what the block takes."""
        self._since = time.monotonic()
        try:
            yield
        finally:
            self._waited, self._since = self.waited, None


_call: ContextVar[_Call | None] = ContextVar("zerostate_monitoring_store_call", default=None)


@contextlib.contextmanager
def one_call() -> Iterator[None]:
    """Add up the waits of the block; one within another is a part of it."""
    if _call.get() is not None:
        yield
        return
    token = _call.set(_Call())
    try:
        yield
    finally:
        _call.reset(token)


def left(limit: float) -> float:
    """How many of ``limit`` seconds the present call may still wait; all of them without one."""
    call = _call.get()
    return limit if call is None else limit - call.waited


def _waiting() -> contextlib.AbstractContextManager[None]:
    call = _call.get()
    return contextlib.nullcontext() if call is None else call.waiting()


def _shorter(timeout: float | None, limit: float) -> float:
    """``timeout``, or what is left where that is less.

    Raises:
        TimeoutError: nothing is left; redis-py takes it for a socket's own.
    """
    rest = left(limit)
    if rest <= 0:
        raise TimeoutError("the call has waited long enough")
    return rest if timeout is None else min(timeout, rest)


class _Socket:
    """A connected socket whose waits count."""

    def __init__(self, connected: Any, timeout: float | None, limit: float) -> None:
        self._socket: Final = connected
        self._limit: Final = limit
        self.settimeout(timeout)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._socket, name)

    def settimeout(self, timeout: float | None) -> None:
        """Bound each wait of its own, as ever."""
        self._timeout = self._set = timeout
        self._socket.settimeout(timeout)

    def recv(self, *arguments: Any) -> Any:
        """Read within what is left."""
        return self._bounded(self._socket.recv, *arguments)

    def recv_into(self, *arguments: Any) -> Any:
        """Read within what is left."""
        return self._bounded(self._socket.recv_into, *arguments)

    def sendall(self, *arguments: Any) -> Any:
        """Write within what is left."""
        return self._bounded(self._socket.sendall, *arguments)

    def _bounded(self, act: Callable[..., Any], *arguments: Any) -> Any:
        if self._timeout == 0:  # does not wait
            return act(*arguments)
        timeout = _shorter(self._timeout, self._limit)
        if self._set is None or not timeout <= self._set <= timeout * _NEARLY:
            self._set = timeout
            self._socket.settimeout(timeout)
        with _waiting():
            return act(*arguments)


class Patient:
    """Mixed into a connection of redis-py, so that its waits count; see ``patient``."""

    limit: ClassVar[float]
    socket_timeout: float | None
    socket_connect_timeout: float | None

    def _connect(self) -> Any:
        own = self.socket_connect_timeout, self.socket_timeout
        connect, answer = (_shorter(timeout, self.limit) for timeout in own)
        # A TLS handshake is bounded by the second.
        self.socket_connect_timeout, self.socket_timeout = connect, answer
        try:
            with _waiting():
                connected: socket.socket = super()._connect()  # type: ignore[misc]
        finally:
            self.socket_connect_timeout, self.socket_timeout = own
        return _Socket(connected, own[1], self.limit)


def patient(kind: type[Any], limit: float) -> type[Any]:
    """A class of connections like ``kind``, of which one call waits ``limit`` seconds at most."""
    return type(kind.__name__, (Patient, kind), {"limit": limit})


class PatientQueue(LifoQueue[Any]):
    """The free connections of a pool; to wait for one counts, too."""

    def get(self, block: bool = True, timeout: float | None = None) -> Any:  # noqa: FBT001, FBT002
        """Give the connection that was used last; ``queue.Empty`` after ``timeout`` seconds."""
        rest = None if timeout is None else max(0.0, left(timeout))
        with _waiting():
            return super().get(block, rest)
