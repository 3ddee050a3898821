"""The lived network's admin, served while a block runs."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from tests.processes import processes
from tests.servers import free_port, store_server, wait_until

LIVED_SECONDS: Final = 1800


@contextmanager
def lived_site(directory: Path) -> Iterator[dict[str, str]]:
    """Where each page is, by name."""
    port = free_port()
    with store_server() as store:
        environment = {
            **os.environ,
            "DATA": str(directory / "data"),
            "REDIS_URL": f"redis://127.0.0.1:{store.port}",
        }
        with processes(directory, environment) as started:
            program = [sys.executable, "-m", "tests.real.screens.lived"]
            lived = started.start("lived", *program, str(directory), str(port))
            told = directory / "addresses.json"
            wait_until(
                lambda: told.exists() or lived.ended() is not None, LIVED_SECONDS, "it has lived"
            )
            assert told.exists(), lived.tail
            found = json.loads(told.read_text())
            yield {name: f"http://127.0.0.1:{port}{path}" for name, path in found.items()}
