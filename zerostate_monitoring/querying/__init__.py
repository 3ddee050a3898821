"""Asking: who answers, and how times are said and answers shown on a terminal."""

from __future__ import annotations

from zerostate_monitoring.querying.engines import (
    embedded_querier,
    forecast,
    querier,
    readiness,
    storage,
)

__all__ = ["embedded_querier", "forecast", "querier", "readiness", "storage"]
