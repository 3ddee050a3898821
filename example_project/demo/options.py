"""What the environment says about a demo."""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from example_project.environment import BASE_DIR, data_directory

PROFILES: Final = ("head", "full")


class DemoError(Exception):
    """The demo or the stack cannot start or go on; the message says what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """``seconds`` is None where the demo runs until it is stopped."""

    port: int = 8000
    seconds: float | None = None
    profile: str = "full"
    nodes: int = 10
    redis_url: str = ""
    data: Path = BASE_DIR / ".demo"

    @property
    def address(self) -> str:
        """Where the web process answers."""
        return f"http://127.0.0.1:{self.port}"


def read(environment: Mapping[str, str] = os.environ) -> Options:
    """Options from the variables ``DEMO_*``, ``REDIS_URL`` and ``DATA``.

    Raises:
        DemoError: one of them cannot be read.
    """
    seconds = environment.get("DEMO_SECONDS", "")
    profile = environment.get("DEMO_PROFILE", "full")
    if profile not in PROFILES:
        raise DemoError(f"DEMO_PROFILE is head or full, not {profile!r}.")
    return Options(
        port=int(number("DEMO_PORT", environment.get("DEMO_PORT", "8000"), 1, 65535)),
        seconds=number("DEMO_SECONDS", seconds, 1, 1e9) if seconds else None,
        profile=profile,
        nodes=int(number("DEMO_NODES", environment.get("DEMO_NODES", "10"), 1, 2000)),
        redis_url=environment.get("REDIS_URL", ""),
        data=data_directory(),
    )


def number(name: str, text: str, low: float, high: float) -> float:
    """``text`` as a number that a variable may have.

    Raises:
        DemoError: it is none, or out of range.
    """
    try:
        value = float(text)
    except ValueError as error:
        raise DemoError(f"{name} is a number, not {text!r}.") from error
    if not low <= value <= high:
        raise DemoError(f"{name} lies between {low:g} and {high:g}.")
    return value


def free_port() -> int:
    """A TCP port on loopback that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def check_port(port: int) -> None:
    """Make sure that the web process can have ``port``.

    Raises:
        DemoError: somebody listens there, or the port is not for this user.
    """
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            text = f"Port {port} on 127.0.0.1 cannot be used ({error.strerror})."
            raise DemoError(f"{text} Choose another one: make demo DEMO_PORT=8001") from error
