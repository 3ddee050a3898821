"""Alerts that a Prometheus evaluates and an Alertmanager tells of: kept in step here.

``read`` makes values of the webhook's JSON, ``apply`` brings rows and events into step.
"""

from __future__ import annotations

from zerostate_monitoring.alerting.incoming.applying import Outcome, apply
from zerostate_monitoring.alerting.incoming.payload import Notification, PayloadError, Told, read

__all__ = ["Notification", "Outcome", "PayloadError", "Told", "apply", "read"]
