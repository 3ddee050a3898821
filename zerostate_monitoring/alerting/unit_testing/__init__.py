"""Tests of rules in promtool's form, run by our own engine and state machine."""

from __future__ import annotations

from zerostate_monitoring.alerting.unit_testing.running import Failure, Run, run_tests

__all__ = ["Failure", "Run", "run_tests"]
