"""What the numbers were around a transition, kept with the alert: no living history is needed.

``keep(now)`` finds transitions without evidence, and evidence whose second part is due;
``unpack`` makes values of a row.
"""

from __future__ import annotations

from zerostate_monitoring.alerting.evidence.keeping import keep
from zerostate_monitoring.alerting.evidence.packing import Line, Pack, Part, unpack
from zerostate_monitoring.alerting.evidence.pictures import Drawn, draw

__all__ = ["Drawn", "Line", "Pack", "Part", "draw", "keep", "unpack"]
