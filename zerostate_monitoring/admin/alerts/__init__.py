"""Alerts in the admin: what fires, why, and who was told."""

from __future__ import annotations

from zerostate_monitoring.admin.alerts.alerts import AlertAdmin
from zerostate_monitoring.admin.alerts.evaluations import EvaluationAdmin

__all__ = ["AlertAdmin", "EvaluationAdmin"]
