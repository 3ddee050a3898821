"""A TCP relay that a test can cut: ``python -m tests.real.relay FLAG PORT TARGET …``.

Connections go to the targets in turn, as a load balancer's do. While the file FLAG is
there, new connections are closed at once and old ones with their next byte.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import cycle
from pathlib import Path

from tests.processes import Processes
from tests.servers import free_port, wait_until

CHUNK = 65536


class Relay:
    """A running relay."""

    def __init__(self, processes: Processes, name: str, *targets: int) -> None:
        self.port = free_port()
        self._flag = processes.directory / f"{name}.cut"
        ports = [str(port) for port in (self.port, *targets)]
        module = "tests.real.relay"
        process = processes.start(name, sys.executable, "-m", module, self._flag, *ports)
        wait_until(lambda: "ready" in process.output, what=f"{name} is ready\n{process.tail}")

    @contextmanager
    def cut(self) -> Iterator[None]:
        """Let nothing through inside the block."""
        self._flag.touch()
        try:
            yield
        finally:
            self._flag.unlink()


async def serve(flag: Path, port: int, targets: list[int]) -> None:
    """Relay until the process ends."""
    turns = cycle(targets)
    is_cut = flag.exists  # quick enough to ask for in the loop

    async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while (chunk := await reader.read(CHUNK)) and not is_cut():
                writer.write(chunk)
                await writer.drain()
        except ConnectionError:
            pass
        finally:
            writer.close()

    async def relay(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if is_cut():
            writer.transport.abort()
            return
        try:
            there, back = await asyncio.open_connection("127.0.0.1", next(turns))
        except OSError:
            writer.transport.abort()
            return
        await asyncio.gather(pump(reader, back), pump(there, writer))

    async with await asyncio.start_server(relay, "127.0.0.1", port) as server:
        print("ready", flush=True)  # noqa: T201 - said to the test that started it
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(Path(sys.argv[1]), int(sys.argv[2]), [int(port) for port in sys.argv[3:]]))
