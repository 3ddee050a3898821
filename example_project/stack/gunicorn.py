"""gunicorn's configuration in the stack: what its environment and command line do not say."""

from __future__ import annotations

from typing import Any

from example_project.demo.leash import die_with_parent

control_socket_disable = True


def post_fork(server: Any, worker: Any) -> None:
    """Let a worker end with its master, however that ends."""
    die_with_parent(worker.ppid)
