"""Debian's Alertmanager, to which a test posts alerts, and which posts them on."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from tests.processes import processes
from tests.servers import free_port, wait_until

_ENVIRONMENT: Final = {"PATH": "/usr/bin:/bin", "LC_ALL": "C"}


class Alertmanager:
    """A server that tells one webhook of all alerts, at once."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"

    def post(self, alerts: Sequence[Mapping[str, Any]]) -> None:
        """Tell it of alerts, as Prometheus does."""
        request = urllib.request.Request(
            f"{self.url}/api/v2/alerts",
            json.dumps(list(alerts)).encode(),
            {"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=10) as answer:
            assert answer.status == 200

    def ready(self) -> bool:
        """Whether it answers."""
        try:
            with urllib.request.urlopen(f"{self.url}/-/ready", timeout=5) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False


@contextmanager
def alertmanager(directory: Path, webhook: str) -> Iterator[Alertmanager]:
    """An Alertmanager that posts to ``webhook`` whatever it is told."""
    port = free_port()
    config = {
        "route": {
            "receiver": "on-call",
            "group_by": ["alertname"],
            "group_wait": "100ms",
            "group_interval": "1s",
        },
        "receivers": [{"name": "on-call", "webhook_configs": [{"url": webhook}]}],
    }
    # JSON is YAML, too.
    (directory / "alertmanager.yml").write_text(json.dumps(config))
    with processes(directory, _ENVIRONMENT) as started:
        started.start(
            "alertmanager",
            "prometheus-alertmanager",
            f"--config.file={directory / 'alertmanager.yml'}",
            f"--storage.path={directory / 'alertmanager'}",
            f"--web.listen-address=127.0.0.1:{port}",
            "--cluster.listen-address=",
        )
        server = Alertmanager(port)
        wait_until(server.ready, 60, "Alertmanager answers")
        yield server
