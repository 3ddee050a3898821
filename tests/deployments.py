"""Stores as they are run: alone, behind Sentinels, as a cluster; all of real servers."""

from __future__ import annotations

import contextlib
import signal
import socket
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.servers import StoreServer, free_port, running, store_server, wait_until

SERVICE = "zs"
_SLOTS = 16384


@dataclass(frozen=True)
class Deployment:
    """A store's address, its servers, and who tells where they are."""

    url: str
    servers: Sequence[StoreServer]
    sentinels: Sequence[StoreServer] = ()


class SentinelServer(StoreServer):
    """A Sentinel that watches one master; ``lines`` are further ones of its configuration."""

    def __init__(self, master_port: int, *lines: str, binary: str | None = None) -> None:
        super().__init__(binary=binary)
        self.database = 0
        self.lines = [
            f"port {self.port}",
            "bind 127.0.0.1",
            f"dir {self.directory.name}",
            f"sentinel monitor {SERVICE} 127.0.0.1 {master_port} 1",
            f"sentinel down-after-milliseconds {SERVICE} 2000",
            f"sentinel failover-timeout {SERVICE} 3000",
            *lines,
        ]

    def start(self) -> None:
        """Start; it answers when it listens."""
        config = Path(self.directory.name) / "sentinel.conf"
        config.write_text("\n".join(self.lines) + "\n")
        self.run([self.binary, str(config), "--sentinel"])

    def _answers(self) -> bool:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
            return True
        return False


@contextlib.contextmanager
def standalone() -> Iterator[Deployment]:
    """One server."""
    with store_server() as server:
        yield Deployment(server.url, [server])


@contextlib.contextmanager
def behind_sentinels(count: int = 3, *, replicas: int = 0) -> Iterator[Deployment]:
    """A master that some Sentinels know, and then its replicas."""
    with contextlib.ExitStack() as stack:
        master = stack.enter_context(store_server())
        copies = [stack.enter_context(_replica_of(master)) for _ in range(replicas)]
        made = [SentinelServer(master.port) for _ in range(count)]
        sentinels = [stack.enter_context(running(sentinel)) for sentinel in made]
        places = ",".join(f"127.0.0.1:{sentinel.port}" for sentinel in sentinels)
        yield Deployment(f"redis+sentinel://{places}/{SERVICE}/1", [master, *copies], sentinels)


@contextlib.contextmanager
def _replica_of(master: StoreServer) -> Iterator[StoreServer]:
    with store_server("--replicaof", "127.0.0.1", str(master.port)) as replica:
        link = "master_link_status"
        wait_until(lambda: tell(replica, "INFO").get(link) == "up", 30, "it copies")
        yield replica


@contextlib.contextmanager
def cluster(count: int = 3) -> Iterator[Deployment]:
    """Some servers that share the slots."""
    with contextlib.ExitStack() as stack:
        servers = [stack.enter_context(running(_clustered())) for _ in range(count)]
        bounds = [number * _SLOTS // count for number in range(count + 1)]
        for number, server in enumerate(servers):
            first, last = bounds[number], bounds[number + 1] - 1
            tell(server, "CLUSTER", "ADDSLOTSRANGE", str(first), str(last))
            tell(servers[0], "CLUSTER", "MEET", "127.0.0.1", str(server.port), server.options[-1])
        wait_until(lambda: all(_is_whole(s, count) for s in servers), 30, "the cluster is whole")
        places = ",".join(f"127.0.0.1:{server.port}" for server in servers)
        yield Deployment(f"redis+cluster://{places}", servers)


def _clustered() -> StoreServer:
    server = StoreServer("--cluster-enabled", "yes", "--cluster-port", str(free_port()))
    server.database = 0
    return server


def tell(server: StoreServer, *command: str) -> Any:
    """What a server answers to a command."""
    client = server.client
    try:
        return client.execute_command(*command)
    finally:
        client.close()


def _is_whole(server: StoreServer, count: int) -> bool:
    about = tell(server, "CLUSTER", "INFO")
    return b"cluster_state:ok" in about and f"cluster_known_nodes:{count}".encode() in about


DEPLOYMENTS = {"standalone": standalone, "sentinel": behind_sentinels, "cluster": cluster}


@contextlib.contextmanager
def hanging(servers: Sequence[StoreServer]) -> Iterator[None]:
    """Let servers take connections and say nothing inside the block."""
    for server in servers:
        server.process.send_signal(signal.SIGSTOP)
    try:
        yield
    finally:
        for server in servers:
            server.process.send_signal(signal.SIGCONT)


@contextlib.contextmanager
def slow(port: int, seconds: float) -> Iterator[int]:
    """A port behind which the server on ``port`` takes ``seconds`` for each answer."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=_relay, args=(listener, port, seconds), daemon=True).start()
        yield int(listener.getsockname()[1])


def _relay(listener: socket.socket, port: int, seconds: float) -> None:
    with contextlib.suppress(OSError):  # closed at the end of the block
        while True:
            near, _ = listener.accept()
            far = socket.create_connection(("127.0.0.1", port))
            for source, target, delay in ((near, far, seconds), (far, near, 0.0)):
                threading.Thread(target=_pump, args=(source, target, delay), daemon=True).start()


def _pump(source: socket.socket, target: socket.socket, delay: float) -> None:
    with contextlib.suppress(OSError), source, target:
        while chunk := source.recv(1 << 20):
            time.sleep(delay)  # this is what the relay is for
            target.sendall(chunk)
