"""Fail a run in which anything was skipped or expected to fail.

Loaded with ``-p tests.no_skips``, as ``.ci/run`` does: there, a test that does not run is
a promise that nobody checked.
"""

from __future__ import annotations

import pytest

_SILENT = ("skipped", "xfailed", "xpassed")


def _count(reporter: pytest.TerminalReporter) -> int:
    return sum(len(reporter.stats.get(kind, ())) for kind in _SILENT)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Turn a passed run into a failed one if it left something out."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter is not None and _count(reporter) and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say why."""
    if count := _count(terminalreporter):
        message = f"{count} skipped or expected to fail, which this run forbids"
        terminalreporter.write_line(message, red=True)
