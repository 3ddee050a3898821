"""What the project's processes are told, and the same as a file for a person's shell."""

from __future__ import annotations

import os
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from example_project.environment import BASE_DIR
from example_project.stack import postgresql
from example_project.stack.options import Options

SECRETS: Final[Mapping[str, str]] = {
    "SECRET_KEY": "secret-key",
    "MONITORING_SECRET_KEYS": "monitoring-secret-keys",
    "METRICS_TOKEN": "metrics-token",
    "WEBHOOK_TOKEN": "webhook-token",
    "API_TOKEN": "api-token",
    "DATABASE_PASSWORD": "database-password",
    "PLATFORM_DATABASE_PASSWORD": "platform-reader-password",
}
"""Variable to the file that holds its secret."""


def own(options: Options, ports: Mapping[str, int]) -> dict[str, str]:
    """What is set for the project's processes, beside what they inherit."""
    port = ports["postgresql"]
    return {
        **{f"{name}_FILE": str(options.secrets / file) for name, file in SECRETS.items()},
        "DATABASE": postgresql.address(port, "monitoring", "monitoring"),
        "PLATFORM_DATABASE": postgresql.address(port, "platform_reader", "platform"),
        "DJANGO_SETTINGS_MODULE": "example_project.stack.settings",
        "PYTHONPATH": str(BASE_DIR),
        "PYTHONUNBUFFERED": "1",
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "EXAMPLE_DEMO": "1",
        "DATA": str(options.data),
        "STACK_LAPSE": f"{options.lapse:g}",
        "REDIS_URL": f"redis://127.0.0.1:{ports['valkey']}",
        "SITE_SCHEME": "http",
        # Prometheus evaluates, Alertmanager tells: docs/prometheus.md, the third way.
        "EVALUATE": "no",
        "ALLOWED_HOSTS": "127.0.0.1,localhost",
        "BASE_URL": f"http://127.0.0.1:{ports['web']}",
        "STATIC_ROOT": str(options.data / "static"),
        **(_tracing(ports["otlp"]) if "otlp" in ports else {}),
    }


def _tracing(port: int) -> dict[str, str]:
    """Every trace goes to Jaeger, where there is one: here somebody looks for one of them."""
    return {
        "TRACING": "yes",
        "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{port}",
        "OTEL_EXPORTER_OTLP_COMPRESSION": "gzip",
        "OTEL_RESOURCE_ATTRIBUTES": "deployment.environment.name=stack",
        "OTEL_TRACES_SAMPLER": "parentbased_always_on",
    }


def whole(own_variables: Mapping[str, str]) -> dict[str, str]:
    """The environment of every child. Secrets that we inherit are others'."""
    foreign = {*SECRETS, "CELERY_BROKER_URL", "REDIS_PASSWORD"}
    inherited = {key: text for key, text in os.environ.items() if key not in foreign}
    return {**inherited, **own_variables}


def write(path: Path, own_variables: Mapping[str, str]) -> None:
    """Write them as a shell reads them."""
    lines = [f"{name}={shlex.quote(text)}" for name, text in sorted(own_variables.items())]
    path.write_text("\n".join(lines) + "\n")
