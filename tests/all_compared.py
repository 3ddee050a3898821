"""Fail a run that compared nothing with the Prometheus that this project follows.

Loaded with ``-p tests.all_compared``, as ``.ci/run`` does. By hand, on a machine where that
Prometheus can be neither found nor built, it stays a note at the end of the run.
"""

from __future__ import annotations

import pytest

from tests.promql import report


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Turn a passed run into a failed one if something was not compared."""
    if report.of(report.NOT_COMPARED) and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say why, and what lets it pass."""
    if report.of(report.NOT_COMPARED):
        message = "not everything was compared, which CI_ALLOW_NO_PROMETHEUS3=yes would let pass"
        terminalreporter.write_line(message, red=True)
