"""What ``zerostate_monitoring.promql`` gives, and what it does not load."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.packages import ROOT
from zerostate_monitoring import promql

LIGHT = ("", ".lexer", ".matchers", ".nodes", ".parser", ".printer")


@pytest.mark.parametrize("name", promql.__all__)
def test_package__gives_each_of_its_names(name):
    """Each name is that of a module of this room, and is listed."""
    found = getattr(promql, name)
    assert (found.__name__, found.__module__.rpartition(".")[0]) == (name, promql.__name__)
    assert name in dir(promql)


def test_package__has_no_other_names():
    """A misspelt one is an AttributeError, as of any module."""
    with pytest.raises(AttributeError, match="prase"):
        _ = promql.prase  # type: ignore[attr-defined]


def test_parse__is_there_by_the_room():
    """``promql.parse(text)`` gives a query."""
    assert promql.parse("sum(up)").text == "sum(up)"


@pytest.mark.parametrize("module", LIGHT)
def test_import__loads_no_numpy(module):
    """Neither the room nor a module that works on text alone."""
    code = f"import sys, {promql.__name__}{module}; sys.exit('numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0
