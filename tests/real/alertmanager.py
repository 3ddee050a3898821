"""Debian's Alertmanager, which tells this app of its alerts."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml
from prometheus_client.parser import text_string_to_metric_families

from tests.packages import ROOT, blocks
from tests.processes import processes
from tests.servers import free_port, wait_until

PAGE: Final = ROOT / "docs" / "prometheus.md"


@dataclass(frozen=True)
class Alertmanager:
    """A server that tells of an alert each second, for as long as it fires."""

    port: int

    def count(self, name: str) -> int:
        """A counter of its webhook messages: ``alertmanager_`` and ``_total`` are left out."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/metrics", timeout=10) as answer:
            page = answer.read().decode()
        family = f"alertmanager_{name}"
        found = (f for f in text_string_to_metric_families(page) if f.name == family)
        return int(
            sum(
                s.value
                for f in found
                for s in f.samples
                if s.name == f"{family}_total" and s.labels.get("integration") == "webhook"
            )
        )

    def tell(self, *alerts: Mapping[str, str]) -> None:
        """Tell it, as a Prometheus does, that alerts with these labels fire."""
        body = json.dumps([{"labels": dict(labels)} for labels in alerts]).encode()
        url = f"http://127.0.0.1:{self.port}/api/v2/alerts"
        request = urllib.request.Request(url, body, {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=10) as answer:
            assert answer.status == 200

    def ready(self) -> bool:
        """Whether it answers."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/-/ready", timeout=5):
                return True
        except OSError:
            return False


def documented(key: str) -> dict[str, Any]:
    """The piece of YAML in docs/prometheus.md that has this key."""
    pieces = [yaml.safe_load(one.text) for one in blocks(PAGE) if one.language == "yaml"]
    (found,) = (piece for piece in pieces if key in piece)
    return dict(found)


def config(webhook: str, token: Path) -> dict[str, Any]:
    """What the document tells to paste, with our address and file, and times that are short."""
    found = documented("receivers")
    (hook,) = found["receivers"][1]["webhook_configs"]
    hook["url"] = webhook
    hook["http_config"]["authorization"]["credentials_file"] = str(token)
    found["route"]["routes"][0] |= {"group_interval": "1s", "repeat_interval": "1s"}
    return found


@contextmanager
def alertmanager(directory: Path, webhook: str, token: str) -> Iterator[Alertmanager]:
    """An Alertmanager whose only receiver is ``webhook``."""
    secret = directory / "alertmanager-token"
    secret.write_text(token)
    # JSON is YAML, too.
    text = json.dumps(config(webhook, secret))
    with configured(directory, {"alertmanager.yml": text}) as server:
        yield server


@contextmanager
def configured(directory: Path, files: Mapping[str, str]) -> Iterator[Alertmanager]:
    """An Alertmanager with these files, of which one is ``alertmanager.yml``."""
    port = free_port()
    home = directory / f"alertmanager-{port}"
    for name, text in files.items():
        path = home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    with processes(home, {"PATH": "/usr/bin:/bin", "LC_ALL": "C"}) as started:
        process = started.start(
            "alertmanager",
            "prometheus-alertmanager",
            f"--config.file={home / 'alertmanager.yml'}",
            f"--storage.path={home / 'data'}",
            f"--web.listen-address=127.0.0.1:{port}",
            "--cluster.listen-address=",
        )
        server = Alertmanager(port)
        wait_until(server.ready, 60, f"Alertmanager answers\n{process.tail}")
        yield server
