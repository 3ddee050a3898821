"""The doctor: what is wrong with this installation, and what to do next.

``examination.examine`` asks everybody, and loads all rooms for it.
"""

from __future__ import annotations

from zerostate_monitoring.doctor.finding import Finding, Level

__all__ = ["Finding", "Level"]
