"""The page of health: each component now, and all of them over time."""

from __future__ import annotations

from zerostate_monitoring.admin.health.pages import HealthPages

__all__ = ["HealthPages"]
