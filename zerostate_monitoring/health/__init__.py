"""Health: checks, their verdict, and the probes that tell it.

A project's own check is a function in the ``monitoring_health.py`` of any installed app::

    from zerostate_monitoring.health import Outcome, check, healthy, unhealthy

    from shop.stock import warehouse


    @check("warehouse", timeout=2)
    def warehouse_answers() -> Outcome:
        if warehouse.ping():
            return healthy("answers")
        return unhealthy("does not answer; see that the VPN is up")

It runs in a thread, once at a time, when somebody asks for ``/health``, and at most once a
second. An exception is ``unhealthy``. ``ZEROSTATE_MONITORING_HEALTH_CRITICAL`` says which
checks take a process out of service. This package itself imports little: a container's probe
starts it every few seconds.
"""

from __future__ import annotations

from zerostate_monitoring.health.process import drain, hold, release, undrain
from zerostate_monitoring.health.registry import CHECKS, Check, CheckRegistry, check
from zerostate_monitoring.health.states import (
    Outcome,
    Status,
    degraded,
    healthy,
    unhealthy,
    unknown,
)

__all__ = [
    "CHECKS",
    "Check",
    "CheckRegistry",
    "Outcome",
    "Status",
    "check",
    "degraded",
    "drain",
    "healthy",
    "hold",
    "release",
    "undrain",
    "unhealthy",
    "unknown",
]
