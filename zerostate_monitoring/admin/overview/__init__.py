"""The overview: is the network well, and if not, what is to be done."""

from __future__ import annotations

from zerostate_monitoring.admin.overview.overview import OverviewAdmin

__all__ = ["OverviewAdmin"]
