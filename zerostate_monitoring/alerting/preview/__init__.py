"""What a rule would have done over the past: the same evaluation as live, without writing.

``preview`` asks once for all slots and walks them with ``states.advance``; nothing is stored
and nobody is told.
"""

from __future__ import annotations

from zerostate_monitoring.alerting.preview.asking import HOUR, preview
from zerostate_monitoring.alerting.preview.pictures import bars, rows_of
from zerostate_monitoring.alerting.preview.values import Bounds, Incident, Preview, Told

__all__ = ["HOUR", "Bounds", "Incident", "Preview", "Told", "bars", "preview", "rows_of"]
