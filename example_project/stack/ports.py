"""Which port each server listens on: as told, else the one it had, else its usual one, else any."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from example_project.demo.options import DemoError, free_port, number

FILE: Final = "ports.json"
"""Where they are remembered, beneath the state's directory."""

USUAL: Final[Mapping[str, int | None]] = {
    "web": 8000,
    "postgresql": None,
    "valkey": None,
    "prometheus": 9090,
    "alertmanager": 9093,
    "node-exporter": None,
    "grafana": 3000,
    "loki": 3100,
    "loki-grpc": None,
    "jaeger": 16686,
    "otlp": 4318,
    "otlp-grpc": 4317,
    "jaeger-health": None,
    "jaeger-query": None,
    "jaeger-metrics": None,
}
"""The port that people know, for servers that have one."""

ALWAYS: Final = ("web", "valkey")
MORE: Final[Mapping[str, tuple[str, ...]]] = {
    "jaeger": ("otlp", "otlp-grpc", "jaeger-health", "jaeger-query", "jaeger-metrics"),
    "loki": ("loki-grpc",),
}
"""Further ports of a server."""


def names(programs: Iterable[str]) -> list[str]:
    """Names of all ports that servers with these programs want."""
    found = {*ALWAYS, *programs}
    more = {name for program in found for name in MORE.get(program, ())}
    return [name for name in USUAL if name in found | more]


def variable(name: str) -> str:
    """The variable of the environment that chooses the port of ``name``."""
    return f"STACK_{name.upper().replace('-', '_')}_PORT"


def choose(
    wanted: Iterable[str],
    remembered: Mapping[str, int],
    environment: Mapping[str, str] = os.environ,
) -> dict[str, int]:
    """A port for each of these servers, all of them different.

    Raises:
        DemoError: one that was told is no port, or is taken.
    """
    wanted = list(wanted)
    chosen = {name: _told(name, environment) for name in wanted if variable(name) in environment}
    for name in wanted:
        if name not in chosen:
            places = [remembered.get(name), USUAL[name]]
            chosen[name] = _first_free(places, set(chosen.values()))
    return chosen


def _told(name: str, environment: Mapping[str, str]) -> int:
    text = environment[variable(name)]
    port = int(number(variable(name), text, 1, 65535))
    if not is_free(port):
        raise DemoError(f"Port {port} on 127.0.0.1 cannot be used: choose another {variable(name)}")
    return port


def _first_free(wanted: list[int | None], taken: set[int]) -> int:
    for port in wanted:
        if port is not None and port not in taken and is_free(port):
            return port
    port = free_port()
    return _first_free([], taken) if port in taken else port


def is_free(port: int) -> bool:
    """Whether this user could listen on ``port`` of loopback now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def remembered(path: Path) -> dict[str, int]:
    """The ports of the last time; none where there was no last time."""
    try:
        found = json.loads(path.read_text())
    except (FileNotFoundError, ValueError):
        return {}
    return {str(name): int(port) for name, port in found.items()}


def remember(path: Path, chosen: Mapping[str, int]) -> None:
    """Keep the ports for the next time: bookmarks and the label ``instance`` stay true."""
    path.write_text(json.dumps(dict(chosen), indent=1, sort_keys=True) + "\n")
