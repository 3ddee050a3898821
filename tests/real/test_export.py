"""The command as an operator runs it: processes of their own, with the example's settings."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.packages import ROOT
from zerostate_monitoring.generators.parts import PARTS

pytestmark = pytest.mark.real


@pytest.fixture
def manage(tmp_path):
    """``manage.py`` over a new database, as a process with a seed for the order of its sets."""

    def run(*arguments, seed="0"):
        environment = {**os.environ, "DATA": str(tmp_path / "data"), "PYTHONHASHSEED": seed}
        environment.pop("DJANGO_SETTINGS_MODULE", None)
        command = [sys.executable, "manage.py", *map(str, arguments)]
        return subprocess.run(
            command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
        )

    (tmp_path / "data").mkdir()
    assert run("migrate", "-v0").returncode == 0
    return run


def test_export__is_the_same_from_any_process(manage, tmp_path):
    """No order of a set, no time and no name of a process is in any file; the exit says so."""
    root = tmp_path / "export"
    done = manage("monitoring_export", "--to", root, seed="1")
    assert done.returncode == 0, done.stderr
    assert {path.name for path in root.iterdir() if path.is_dir()} == {
        part.directory for part in PARTS.values()
    }
    same = manage("monitoring_export", "--to", root, "--check", seed="2")
    assert (same.returncode, same.stdout) == (0, "Nothing differs.\n"), same.stdout
    (root / "rules" / "zerostate.yml").write_text("by hand\n")
    refused = manage("monitoring_export", "--to", root, "rules")
    assert refused.returncode == 2
    assert "Traceback" not in refused.stderr
    assert "  rules/zerostate.yml\n" in refused.stderr
