"""The example's own web server and worker, whose lines go two ways to stand-ins for Loki.

What they write to standard error is shipped as the stack's file for Alloy says; the same lines
go over OTLP, as docs/logs.md shows it. Here is also what sets that up within each process.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.loki.alloy import shipping
from tests.loki.server import OTLP_PATH, Loki, loki
from tests.otlp import Receiver, receiver
from tests.packages import ROOT
from tests.processes import Process, processes
from tests.real.site import Web
from tests.servers import free_port, store_server, wait_until

SECONDS = 60
USER = (
    "import django; django.setup(); from django.contrib.auth.models import User;"
    "User.objects.create_superuser('root', '', 'pw-of-root')"
)


def ship(*arguments: Any, **options: Any) -> None:
    """Export the lines of this process, after it was forked."""
    from opentelemetry._logs import set_logger_provider
    from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter
    from opentelemetry.sdk._logs import LoggerProvider

    from zerostate_monitoring.logs.exporting import Batches, CountedExporter

    provider = LoggerProvider()
    provider.add_log_record_processor(Batches(CountedExporter(OTLPLogExporter())))
    set_logger_provider(provider)


@dataclass(frozen=True)
class Lines:
    """What runs, and where the lines are."""

    web: Web
    worker: Process
    pushed: Loki
    exported: Loki
    traces: Receiver

    def both(self) -> tuple[Loki, Loki]:
        """By either way."""
        return self.pushed, self.exported


@contextmanager
def lines_site(directory: Path) -> Iterator[Lines]:
    """Web and a worker of the example project, until the block ends."""
    port = free_port()
    with store_server() as store, loki() as pushed, loki() as exported, receiver() as traces:
        environment = {
            **{key: value for key, value in os.environ.items() if key != "PYTHONWARNINGS"},
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "PYTHONPATH": str(ROOT),
            "DJANGO_SETTINGS_MODULE": "tests.real.settings_lines",
            "DATA": str(directory),
            "REDIS_URL": f"redis://127.0.0.1:{store.port}",
            "WEB_BIND": f"127.0.0.1:{port}",
            "WEB_WORKERS": "1",
            "TRACING": "yes",
            "OTEL_SERVICE_NAME": "zerostate",
            "OTEL_TRACES_SAMPLER": "always_on",
            "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": f"{traces.url}/v1/traces",
            "OTEL_EXPORTER_OTLP_LOGS_ENDPOINT": exported.url + OTLP_PATH,
            "OTEL_EXPORTER_OTLP_LOGS_COMPRESSION": "gzip",
            "OTEL_EXPORTER_OTLP_LOGS_TIMEOUT": "5",
        }
        entrypoint = ROOT / "example_project" / "entrypoint"
        with processes(directory, environment) as started:
            assert started.start("migrate", "sh", entrypoint, "migrate", "-v0").wait(SECONDS) == 0
            user = (sys.executable, "-c", USER)
            assert started.start("user", "env", "SERVICE=user", *user).wait(SECONDS) == 0
            logs = {f"zerostate-{name}-1": directory / f"{name}.log" for name in ("web", "worker")}
            with shipping(pushed.url, logs):
                hooks = "python:tests.real.gunicorn_lines"
                process = started.start("web", "sh", entrypoint, "web", "--config", hooks)
                worker = started.start("worker", "sh", entrypoint, "worker")
                web = Web(process, port)
                wait_until(web.answers, SECONDS, f"web answers\n{process.tail}")
                wait_until(lambda: "ready." in worker.output, SECONDS, "the worker is ready")
                yield Lines(web, worker, pushed, exported, traces)
                started.kill_all()
