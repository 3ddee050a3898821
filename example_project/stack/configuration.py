"""The servers' configuration: what is exported, with the addresses of this loopback.

``python -m example_project.stack.configuration`` writes it anew and has the running servers
read it: for whoever has changed rules or receivers.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

import django
import urllib3

from example_project.stack import lapse
from example_project.stack.composed import composed
from example_project.stack.options import SCRAPE_SECONDS, Options, read
from example_project.stack.ports import FILE, remembered
from zerostate_monitoring.generators import directories, parts
from zerostate_monitoring.generators.options import ExportOptions, Files

RULES: Final = "rules/"
TESTS: Final = "rules/tests/"
"""Not for a server."""

ALERTMANAGER: Final = "alertmanager/alertmanager.yml"
EXPORTERS: Final = (
    ("alertmanager", "alertmanager"),
    ("grafana", "grafana"),
    ("jaeger", "jaeger-metrics"),
    ("loki", "loki"),
    ("node", "node-exporter"),
    ("prometheus", "prometheus"),
)
"""Jobs as in the compose stack, and the names of their ports."""

OWNED: Final = ("prometheus", "alertmanager", "dashboards", "grafana", "loki", "jaeger")


def export_options(options: Options, ports: Mapping[str, int]) -> ExportOptions:
    """What the export is told: where things are, and the names of files with secrets."""
    return ExportOptions(
        address=_at(ports, "web"),
        base_url=f"http://{_at(ports, 'web')}",
        token_file="secrets/metrics-token",
        scrape_interval_seconds=SCRAPE_SECONDS / options.lapse,
        file_sd=True,
        exporters=tuple((job, _at(ports, name)) for job, name in EXPORTERS if name in ports),
        alertmanagers=(_at(ports, "alertmanager"),),
    )


def _at(ports: Mapping[str, int], name: str) -> str:
    return f"127.0.0.1:{ports[name]}"


def wanted(ports: Mapping[str, int]) -> tuple[str, ...]:
    """The parts of the export that somebody here reads."""
    return ("rules", "scrape", "alertmanager", *(["dashboards"] if "grafana" in ports else []))


def laid_out(files: Files, factor: float) -> dict[str, str]:
    """Exported files as the servers here want them: rules stand beside prometheus.yml."""
    placed = {_place(name): text for name, text in files.items() if not name.startswith(TESTS)}
    if factor == 1:
        return placed
    return {name: _faster(name)(text, factor) for name, text in placed.items()}


def _place(name: str) -> str:
    return f"prometheus/{name}" if name.startswith(RULES) else name


def _faster(name: str) -> Callable[[str, float], str]:
    if name.startswith(f"prometheus/{RULES}"):
        return lapse.rules
    return lapse.alertmanager if name == ALERTMANAGER else lambda text, _: text


def write(options: Options, ports: Mapping[str, int]) -> None:
    """Write all files; needs Django and a database with tables.

    Raises:
        MonitoringError: the definitions cannot be said in these files, or not written there.
    """
    exported = parts.exported(export_options(options, ports), wanted(ports))
    files = {**laid_out(exported, options.lapse), **composed(options, ports)}
    directories.write(options.config, files, OWNED, force=True)
    for server in ("prometheus", "alertmanager"):
        _link(options.config / server / "secrets", options.secrets)


def _link(path: Path, target: Path) -> None:
    path.unlink(missing_ok=True)
    path.symlink_to(os.path.relpath(target, path.parent))


def main() -> None:
    """Write the files anew, and have both servers read them."""
    options = read()
    ports = remembered(options.data / FILE)
    django.setup()
    write(options, ports)
    for server in ("prometheus", "alertmanager"):
        reload(server, ports[server])


def reload(server: str, port: int) -> None:
    """Have a server read its configuration; what is wrong with it, it says.

    Raises:
        SystemExit: it does not answer, or refuses what it read and goes on with what it had.
    """
    try:
        url = f"http://127.0.0.1:{port}/-/reload"
        answer = urllib3.request("POST", url, timeout=30, retries=False)
    except urllib3.exceptions.HTTPError as error:
        text = f"{server} does not answer on port {port}: is the stack running?"
        raise SystemExit(text) from error
    if answer.status != 200:
        raise SystemExit(f"{server} goes on with what it had: {answer.data.decode().strip()}")
    sys.stdout.write(f"{server} has read its configuration.\n")


if __name__ == "__main__":
    main()
