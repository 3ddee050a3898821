"""What the project's own code hears of alerts, and how delivery is woken."""

from __future__ import annotations

from typing import Final

from django.dispatch import Signal

alert_fired: Final = Signal()
"""An alert fires. Arguments: ``alert``, ``event``, ``key``.

These three are sent by the delivery, after the transaction of the event, and at least once:
``key`` is the same each time. A receiver that raises is logged, and all are tried again.
"""

alert_resolved: Final = Signal()
"""An alert has ended after it had fired. Arguments as of ``alert_fired``."""

alert_acknowledged: Final = Signal()
"""Somebody has acknowledged an alert. Arguments as of ``alert_fired``."""

messages_due: Final = Signal()
"""There is something to be sent now: whoever delivers need not wait for its next tick."""
