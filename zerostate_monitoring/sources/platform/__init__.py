"""The platform's database: the only door to it, read-only, one consistent snapshot per run."""

from __future__ import annotations

from zerostate_monitoring.sources.platform.reading import Answer, read, read_platform
from zerostate_monitoring.sources.platform.statements import ECONOMIC, EXECUTION

__all__ = ["ECONOMIC", "EXECUTION", "Answer", "read", "read_platform"]
