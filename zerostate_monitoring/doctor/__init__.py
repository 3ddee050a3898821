"""The doctor: what is wrong with this installation, and what to do next."""

from __future__ import annotations

from zerostate_monitoring.doctor.examination import examine
from zerostate_monitoring.doctor.finding import Finding, Level
from zerostate_monitoring.doctor.project import SWITCHED_OFF

__all__ = ["SWITCHED_OFF", "Finding", "Level", "examine"]
