"""Files that stand beside the compose file, for servers that are started here without containers.

They are the same but for where things are: other hosts, other ports, other directories.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from example_project.demo.options import DemoError
from example_project.environment import BASE_DIR
from example_project.stack.options import Options

COMPOSE: Final = BASE_DIR / "example_project" / "deploy" / "compose"
GRAFANA: Final = "grafana/provisioning"
Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class File:
    """A file of the compose stack, and what stands in it for what: each must be there."""

    name: str
    pairs: Pairs

    def read(self, directory: Path = COMPOSE) -> str:
        """Its text with the other places.

        Raises:
            DemoError: it is not there, or no longer says what is to be replaced.
        """
        try:
            text = (directory / self.name).read_text("utf-8")
        except OSError as error:
            raise DemoError(f"{directory / self.name} cannot be read: {error.strerror}") from error
        for old, new in self.pairs:
            if old not in text:
                raise DemoError(f"{directory / self.name} does not say {old!r} any more.")
            text = text.replace(old, new)
        return text


def composed(options: Options, ports: Mapping[str, int]) -> dict[str, str]:
    """The files of those servers that have a port, by their place."""
    makers = {"jaeger": _jaeger, "loki": _loki, "grafana": _grafana}
    files = (
        file for name, make in makers.items() if name in ports for file in make(options, ports)
    )
    return {file.name: file.read() for file in files}


def _jaeger(options: Options, ports: Mapping[str, int]) -> Iterable[File]:
    endpoints = {
        "0.0.0.0:16686": "jaeger",
        "0.0.0.0:4317": "otlp-grpc",
        "0.0.0.0:4318": "otlp",
        "0.0.0.0:13133": "jaeger-health",
        "127.0.0.1:16685": "jaeger-query",
    }
    yield File(
        "jaeger/config.yaml",
        (
            *((old, f"127.0.0.1:{ports[name]}") for old, name in endpoints.items()),
            ("port: 8888", f"port: {ports['jaeger-metrics']}"),
            ("0.0.0.0", "127.0.0.1"),
            ("/tmp/jaeger", str(options.data / "jaeger")),  # noqa: S108 - what stands there
        ),
    )


def _loki(options: Options, ports: Mapping[str, int]) -> Iterable[File]:
    yield File(
        "loki/config.yaml",
        (
            ("http_listen_port: 3100", _lines(2, "http_listen_address: 127.0.0.1", ports["loki"])),
            ("grpc_listen_port: 9096", f"grpc_listen_port: {ports['loki-grpc']}"),
            (" /loki", f" {options.data / 'loki'}"),
            ("alertmanager:9093", f"127.0.0.1:{ports['alertmanager']}"),
        ),
    )


def _lines(indent: int, first: str, port: int) -> str:
    return f"{first}\n{' ' * indent}http_listen_port: {port}"


def _grafana(options: Options, ports: Mapping[str, int]) -> Iterable[File]:
    def at(name: str) -> str:
        # One that does not run has no port: its data source stands there and does not answer.
        return f"http://127.0.0.1:{ports.get(name, 1)}"

    alertmanager = ("http://alertmanager:9093", at("alertmanager"))
    yield File(f"{GRAFANA}/alerting/zerostate.yaml", (alertmanager,))
    yield File(
        f"{GRAFANA}/dashboards/zerostate.yaml",
        (("/etc/grafana/dashboards", str(options.config / "dashboards")),),
    )
    yield File(
        f"{GRAFANA}/datasources/zerostate.yaml",
        (
            alertmanager,
            ("http://prometheus:9090", at("prometheus")),
            ("http://loki:3100", at("loki")),
            ("http://jaeger:16686", at("jaeger")),
        ),
    )
