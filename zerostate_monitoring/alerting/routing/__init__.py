"""Which receivers an alert goes to, and in which order.

``load()`` reads the routes; ``Routing.of`` decides from values alone.
"""

from __future__ import annotations

from zerostate_monitoring.alerting.routing.deciding import Look, Routing
from zerostate_monitoring.alerting.routing.loading import load
from zerostate_monitoring.alerting.routing.values import Entry, Routed, Step, Taken

__all__ = ["Entry", "Look", "Routed", "Routing", "Step", "Taken", "load"]
