"""What holds alerts back, and why.

``load(now)`` reads silences, maintenance windows, inhibitions and what is observed;
``Suppressions.reason_for`` decides from values alone. All of it fails open: what is broken
holds nothing back, is logged once, and told by ``Suppressions.faults`` and in admin.
"""

from __future__ import annotations

from zerostate_monitoring.alerting.suppression.deciding import Suppressions
from zerostate_monitoring.alerting.suppression.loading import load
from zerostate_monitoring.alerting.suppression.reasons import Fault, Reason

__all__ = ["Fault", "Reason", "Suppressions", "load"]
