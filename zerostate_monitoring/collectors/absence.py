"""Say in the log which families a collector cannot give: when that changes, not at each run."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Final

logger: Final = logging.getLogger(__name__)


def log_absences(collector: str, before: Mapping[str, str], after: Mapping[str, str]) -> None:
    """Log which families became absent, and which came back, between two runs.

    Args:
        collector: its name.
        before: families that the last run could not give, and why.
        after: those of this run.
    """
    lost = {family: reason for family, reason in sorted(after.items()) if family not in before}
    back = sorted(before.keys() - after.keys())
    if lost:
        reasons = sorted(set(lost.values()))
        extra = {"collector": collector, "families": list(lost), "reasons": reasons}
        logger.warning("families_absent", extra=extra)
    if back:
        logger.info("families_returned", extra={"collector": collector, "families": back})
