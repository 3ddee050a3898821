"""The test site's own check, found by its module's name."""

from __future__ import annotations

from zerostate_monitoring.health import Outcome, check, healthy


@check("testsite")
def testsite() -> Outcome:
    """It is there, whatever is not."""
    return healthy("found by its module")
