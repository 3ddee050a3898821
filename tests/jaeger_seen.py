"""Fail a run in which no Jaeger has seen the traces.

Loaded with ``-p tests.jaeger_seen``, as ``.ci/run`` does. By hand, on a machine where a Jaeger
can be neither found nor built, it stays a note at the end of the run.
"""

from __future__ import annotations

import pytest

from tests.promql import report


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Turn a passed run into a failed one if there was no Jaeger."""
    if report.of(report.NO_JAEGER) and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say why, and what lets it pass."""
    if report.of(report.NO_JAEGER):
        message = "no Jaeger has seen the traces, which CI_ALLOW_NO_JAEGER=yes would let pass"
        terminalreporter.write_line(message, red=True)
