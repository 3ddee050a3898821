"""Debian's amtool: what it says of a configuration, and where an alert goes by it."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from pathlib import Path

from zerostate_monitoring.generators.alertmanager.matchers import matcher_texts
from zerostate_monitoring.rules.matchers import Matcher, format_matchers


def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """amtool with these arguments; it may fail."""
    command = ["amtool", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def complaint(text: str, directory: Path) -> str:
    """What is wrong with a configuration; empty if nothing is."""
    path = directory / "alertmanager.yml"
    path.write_text(text, encoding="utf-8", newline="")
    done = run("check-config", path)
    return "" if done.returncode == 0 else done.stdout + done.stderr


def receivers(path: Path, labels: Mapping[str, str]) -> list[str]:
    """To whom the configuration at ``path`` sends an alert with ``labels``."""
    given = matcher_texts(format_matchers(Matcher(k, "=", v) for k, v in labels.items()))
    done = run("config", "routes", "test", "--config.file", path, *given)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.strip().split(",")
