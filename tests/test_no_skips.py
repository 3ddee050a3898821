"""The plug-in that lets nothing be skipped."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.packages import ROOT

SKIPPING = "import pytest\ndef test_a(): pytest.skip('today')\n"
FAILING_AS_EXPECTED = "import pytest\n@pytest.mark.xfail\ndef test_a(): assert False\n"
PASSING = "def test_a(): pass\n"


@pytest.mark.parametrize(
    ("source", "expected"), [(SKIPPING, 1), (FAILING_AS_EXPECTED, 1), (PASSING, 0)]
)
def test_run__fails_if_anything_was_left_out(tmp_path, source, expected):
    """A run that skips ends as a failure; one that runs everything does not."""
    (tmp_path / "test_it.py").write_text(source)
    options = ["-p", "tests.no_skips", "-p", "no:randomly", "-p", "no:django", "-c", "/dev/null"]
    command = [sys.executable, "-m", "pytest", *options, "--rootdir", tmp_path, tmp_path]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == expected, done.stdout + done.stderr
