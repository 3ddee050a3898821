"""The plug-in that lets no run pass that no Jaeger has seen."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.packages import ROOT

LEFT_OUT = """from tests.promql import report
report.add(report.NO_JAEGER, "no program")
def test_a(): pass
"""
PASSING = "def test_a(): pass\n"


@pytest.mark.parametrize(
    ("source", "plugin", "expected"),
    [(LEFT_OUT, True, 1), (LEFT_OUT, False, 0), (PASSING, True, 0)],
)
def test_run__fails_if_there_was_no_jaeger(tmp_path, source, plugin, expected):
    """With the plug-in alone; by hand it is a note."""
    (tmp_path / "test_it.py").write_text(source)
    options = ["-p", "no:randomly", "-p", "no:django", "-c", "/dev/null"]
    options += ["-p", "tests.jaeger_seen"] if plugin else []
    command = [sys.executable, "-m", "pytest", *options, "--rootdir", tmp_path, tmp_path]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == expected, done.stdout + done.stderr
    assert ("CI_ALLOW_NO_JAEGER" in done.stdout) is bool(expected)
