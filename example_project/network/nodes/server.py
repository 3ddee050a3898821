"""All nodes of the network in one process: one loop, one port for each node."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
from collections.abc import Callable, Coroutine
from http import HTTPStatus
from typing import Final

from example_project.network.nodes.answers import Answer

logger = logging.getLogger(__name__)

LONGEST_HEAD: Final = 16 * 1024
IDLE_SECONDS: Final = 30.0
LOOPBACK: Final = "127.0.0.1"
EVERYWHERE: Final = "0.0.0.0"
Respond = Callable[[str, str, dict[str, str]], Answer]
"""Node name, path and headers (lower case) to the answer."""


class NodeServer:
    """Serve nodes on loopback; each can be taken off its port and put back.

    ``respond`` is called in the server's thread. ``known_as`` is the name under which other
    hosts find this one; with it the nodes listen on every interface.
    """

    def __init__(self, respond: Respond, known_as: str = "") -> None:
        self._respond = respond
        self._known_as = known_as or LOOPBACK
        self._host = EVERYWHERE if known_as else LOOPBACK
        self._ports: dict[str, int] = {}
        self._listening: dict[str, asyncio.Server] = {}
        self._connections: dict[str, dict[asyncio.Task[None], asyncio.StreamWriter]] = {}
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True, name="nodes")
        self._thread.start()

    def url(self, name: str) -> str:
        """Base URL of the node, the same as long as this server lives."""
        return f"http://{self._known_as}:{self._ports[name]}"

    def set_up(self, name: str, port: int = 0) -> None:
        """Let the node answer, at first on ``port`` or one that the system picks."""
        self._call(self._open(name, self._ports.get(name, port)))

    def set_down(self, name: str) -> None:
        """Let the node refuse connections, and cut those it has."""
        self._call(self._close(name))

    def is_up(self, name: str) -> bool:
        """Whether the node answers."""
        return name in self._listening

    def stop(self) -> None:
        """Close every port and end the thread."""
        for name in list(self._listening):
            self.set_down(name)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(timeout=5)
        self._loop.close()

    def _call(self, coroutine: Coroutine[None, None, None]) -> None:
        asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(timeout=10)

    async def _open(self, name: str, port: int) -> None:
        if name in self._listening:
            return

        async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await self._serve(name, reader, writer)

        server = await asyncio.start_server(handle, self._host, port, limit=LONGEST_HEAD)
        self._ports[name] = server.sockets[0].getsockname()[1]
        self._listening[name] = server

    async def _close(self, name: str) -> None:
        if (server := self._listening.pop(name, None)) is None:
            return
        server.close()
        cut = self._connections.pop(name, {})
        for writer in cut.values():
            writer.transport.abort()
        if cut:
            await asyncio.wait(cut, timeout=1)

    async def _serve(
        self, name: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        task = asyncio.current_task()
        if task is not None:
            self._connections.setdefault(name, {})[task] = writer
        gone = (ConnectionError, TimeoutError, asyncio.IncompleteReadError, ValueError)
        try:
            while await self._answer(name, reader, writer):
                pass
        except gone as error:
            logger.debug("node_connection_ended", extra={"node": name, "reason": repr(error)})
        finally:
            if task is not None:
                self._connections.get(name, {}).pop(task, None)
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()

    async def _answer(
        self, name: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> bool:
        try:
            head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), IDLE_SECONDS)
        except asyncio.LimitOverrunError:
            return False
        line, *fields = head.decode("latin-1").split("\r\n")
        method, target, _ = line.split(" ", 2)
        pairs = (field.partition(":") for field in fields if field)
        headers = {key.strip().lower(): value.strip() for key, _, value in pairs}
        answer = self._respond(name, target.partition("?")[0], headers)
        close = headers.get("connection", "").lower() == "close"
        await asyncio.sleep(answer.delay)
        writer.write(_head(answer, close=close) + (b"" if method == "HEAD" else answer.body))
        await writer.drain()
        return not close


def _head(answer: Answer, *, close: bool) -> bytes:
    status = HTTPStatus(answer.status)
    lines = [
        f"HTTP/1.1 {status.value} {status.phrase}",
        f"Content-Type: {answer.content_type}",
        f"Content-Length: {len(answer.body)}",
        f"Connection: {'close' if close else 'keep-alive'}",
        "",
        "",
    ]
    return "\r\n".join(lines).encode("latin-1")
