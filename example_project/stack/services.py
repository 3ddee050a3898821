"""What runs: each server with its command line, where it answers, and what it is for."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from example_project.demo.valkey import find_server, server_command
from example_project.environment import BASE_DIR
from example_project.stack import postgresql
from example_project.stack.options import Options
from zerostate_monitoring.conf import conf

CELERY: Final = (sys.executable, "-m", "celery", "-A", "example_project.celery:app")
# Each worker of one machine knows the others without being told.
QUIET: Final = ("--without-mingle", "--without-gossip", "-l", "INFO")


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """One server. It works once ``health``, a path, answers 200, and ``probe`` ends with 0."""

    name: str
    command: tuple[str, ...]
    purpose: str
    port: int | None = None
    health: str = ""
    probe: tuple[str, ...] = ()
    user: str = ""
    environment: Mapping[str, str] = field(default_factory=dict, hash=False)
    stop: signal.Signals = signal.SIGTERM

    @property
    def place(self) -> str:
        """Where people find it: an address, a port, or nothing."""
        if self.port is None:
            return ""
        return f"http://127.0.0.1:{self.port}" if self.health else f"127.0.0.1:{self.port}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """All that command lines depend on."""

    options: Options
    ports: Mapping[str, int]
    programs: Mapping[str, str]
    owner: str
    binaries: Path
    cluster: Path

    def at(self, name: str) -> str:
        """Host and port of a server."""
        return f"127.0.0.1:{self.ports[name]}"

    def home(self, name: str) -> str:
        """The directory in which a server keeps its data; made if it is not there."""
        path = self.options.data / name
        path.mkdir(parents=True, exist_ok=True)
        return str(path)


def stores(setting: Setting) -> Iterator[Service]:
    """What must run before tables can be made."""
    yield Service(
        name="valkey",
        purpose="store and broker",
        port=setting.ports["valkey"],
        command=tuple(
            server_command(
                find_server(), setting.ports["valkey"], Path(setting.home("valkey")), is_kept=True
            )
        ),
    )
    yield Service(
        name="postgresql",
        purpose="the project's and the platform's database",
        port=setting.ports["postgresql"],
        # It listens before it has recovered from a crash.
        probe=postgresql.probe(setting.binaries, setting.ports["postgresql"]),
        user=setting.owner,
        # Fast: it would wait for whoever is connected.
        stop=signal.SIGINT,
        command=tuple(
            postgresql.command(setting.binaries, setting.cluster, setting.ports["postgresql"])
        ),
    )


def project(setting: Setting) -> Iterator[Service]:
    """The Django project: web, workers for all queues, beat; and the network that it watches."""
    yield Service(
        name="web",
        purpose="admin, /metrics, query API, webhook",
        port=setting.ports["web"],
        health="/health/ready",
        command=(
            *(sys.executable, "-m", "gunicorn", "--bind", setting.at("web")),
            *("--config", "python:example_project.stack.gunicorn"),
            *("--workers", "2", "--threads", "4", "--worker-tmp-dir", setting.home("web")),
            "example_project.wsgi:application",
        ),
    )
    for name, queues, count, purpose in (
        ("worker", f"celery,{conf.QUEUE}", 2, "collects"),
        ("alerts", f"{conf.EVALUATE_QUEUE},{conf.DELIVER_QUEUE}", 1, "evaluates, delivers"),
    ):
        yield Service(
            name=name,
            purpose=f"Celery worker: {purpose}",
            command=(*CELERY, "worker", "-n", name, "-c", str(count), "-Q", queues, *QUIET),
        )
    yield Service(
        name="beat", purpose="Celery beat", command=(*CELERY, "beat", "-l", "INFO", "--pidfile=")
    )
    options = setting.options
    yield Service(
        name="network",
        purpose=f"the example network of {options.nodes} nodes",
        # It writes what the app may only read.
        environment={
            "PLATFORM_DATABASE": postgresql.address(
                setting.ports["postgresql"], "platform", "platform"
            ),
            "PLATFORM_DATABASE_PASSWORD_FILE": str(options.secrets / "platform-password"),
            # In a trace one sees who did what.
            "OTEL_SERVICE_NAME": "zerostate-network",
        },
        command=(
            *(sys.executable, str(BASE_DIR / "manage.py"), "network", "run", "--collect"),
            *("--profile", options.profile, "--nodes", str(options.nodes)),
            *("--speed", f"{options.speed:g}"),
            *("--visit", f"http://{setting.at('web')}/api/agents"),
            *("--order", f"http://{setting.at('web')}/api/orders"),
        ),
    )


def monitoring(setting: Setting) -> Iterator[Service]:
    """Prometheus and Alertmanager, and a node exporter where there is one."""
    config, data = setting.options.config, setting.home
    yield Service(
        name="alertmanager",
        purpose="tells the app of alerts",
        port=setting.ports["alertmanager"],
        health="/-/ready",
        command=(
            setting.programs["alertmanager"],
            f"--config.file={config}/alertmanager/alertmanager.yml",
            f"--storage.path={data('alertmanager')}",
            "--data.retention=120h",
            f"--web.listen-address={setting.at('alertmanager')}",
            f"--web.external-url=http://{setting.at('alertmanager')}",
            # Alone: otherwise it gossips on all addresses.
            "--cluster.listen-address=",
        ),
    )
    yield Service(
        name="prometheus",
        purpose="scrapes, evaluates the rules",
        port=setting.ports["prometheus"],
        health="/-/ready",
        command=(
            setting.programs["prometheus"],
            f"--config.file={config}/prometheus/prometheus.yml",
            f"--storage.tsdb.path={data('prometheus')}",
            *("--storage.tsdb.retention.time=30d", "--storage.tsdb.retention.size=10GB"),
            "--enable-feature=exemplar-storage",
            f"--web.listen-address={setting.at('prometheus')}",
            f"--web.external-url=http://{setting.at('prometheus')}",
            "--web.enable-lifecycle",
        ),
    )
    if "node-exporter" in setting.programs:
        yield Service(
            name="node-exporter",
            purpose="figures of this machine",
            port=setting.ports["node-exporter"],
            health="/metrics",
            command=(
                setting.programs["node-exporter"],
                f"--web.listen-address={setting.at('node-exporter')}",
            ),
        )
