"""A RabbitMQ of one's own: node, ports, files and name server."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.processes import processes
from tests.servers import free_port, wait_until

SERVER = "/usr/lib/rabbitmq/bin/rabbitmq-server"
"""Not the one on the path, which changes its user and its directory to Debian's."""


@contextmanager
def rabbitmq(directory: Path) -> Iterator[str]:
    """A running broker that ends with the block; its URL."""
    home = directory / "rabbitmq"
    home.mkdir()
    plugins = home / "plugins"
    plugins.write_text("[].\n")
    port, names = free_port(), free_port()
    environment = {
        "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
        "HOME": str(home),
        "LC_ALL": "C.UTF-8",
        "ERL_EPMD_PORT": str(names),
        "ERL_EPMD_ADDRESS": "127.0.0.1",
        "RABBITMQ_NODENAME": f"test{port}@localhost",
        "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
        "RABBITMQ_NODE_PORT": str(port),
        "RABBITMQ_DIST_PORT": str(free_port()),
        "RABBITMQ_MNESIA_BASE": str(home / "mnesia"),
        "RABBITMQ_LOG_BASE": str(home / "log"),
        "RABBITMQ_LOGS": "-",
        "RABBITMQ_CONF_ENV_FILE": str(home / "none"),
        "RABBITMQ_ENABLED_PLUGINS_FILE": str(plugins),
        "RABBITMQ_PID_FILE": str(home / "pid"),
    }
    with processes(home, environment) as started:
        # In the foreground; one that Erlang starts by itself would outlive the test.
        started.start("epmd", "epmd", "-port", str(names), "-address", "127.0.0.1")
        wait_until(lambda: _listens(names), what="Erlang's name server listens")
        server = started.start("server", SERVER)
        wait_until(
            lambda: "Server startup complete" in server.output,
            180,
            f"RabbitMQ is up\n{server.tail}",
        )
        yield f"amqp://guest:guest@127.0.0.1:{port}//"


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
