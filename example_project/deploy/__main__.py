"""``python -m example_project.deploy [--check]``: what is generated among these files.

It is what ``manage.py monitoring_export`` writes for an installation that has just begun: the
built-in rules, no receivers. ``--check`` only compares, and ends with 1 where a file differs.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import django
from django.core.management import CommandError, call_command

HERE: Final = Path(__file__).resolve().parent

COMPOSE: Final = (
    *("dashboards", "rules", "scrape", "alertmanager"),
    "--address=web:8000",
    "--base-url=http://localhost:8000",
    "--token-file=secrets/metrics-token",
    "--alertmanagers=alertmanager:9093",
    "--exporters=alertmanager=alertmanager:9093",
    "--exporters=alloy=alloy:12345",
    "--exporters=grafana=grafana:3000",
    "--exporters=jaeger=jaeger:8888",
    "--exporters=loki=loki:3100",
    "--exporters=node=node-exporter:9100",
    "--exporters=prometheus=prometheus:9090",
    "--file-sd",
)
KUBERNETES: Final = (
    "kubernetes",
    "--address=web.zerostate.svc:8000",
    "--base-url=https://monitoring.example",
    "--token-file=metrics-token",
)
EXPORTS: Final[Mapping[str, tuple[str, ...]]] = {
    "compose/generated": COMPOSE,
    "kubernetes/generated": KUBERNETES,
}
"""Directory to the arguments of the command."""


def export(root: Path, *more: str) -> bool:
    """Write or compare both exports beneath ``root``; False where something differs.

    Needs Django, and a database with tables and the built-in rules.
    """
    are_same = True
    for directory, arguments in EXPORTS.items():
        try:
            call_command("monitoring_export", *arguments, "--to", str(root / directory), *more)
        except CommandError as error:
            sys.stderr.write(f"{directory}: {error}\n")
            are_same = False
    return are_same


def main(arguments: list[str]) -> int:
    """Give 0, or 1 where ``--check`` finds a difference or something could not be written."""
    with tempfile.TemporaryDirectory() as directory:
        os.environ["DATABASE"] = str(Path(directory) / "fresh.sqlite3")
        os.environ["DJANGO_SETTINGS_MODULE"] = "example_project.deploy.settings"
        django.setup()
        call_command("migrate", verbosity=0)
        return 0 if export(HERE, *arguments) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
