"""Messages, the outbox and notification groups in the admin: what left, what waits, what failed."""

from __future__ import annotations

from zerostate_monitoring.admin.delivery.groups import NotificationGroupAdmin
from zerostate_monitoring.admin.delivery.messages import MessageAdmin
from zerostate_monitoring.admin.delivery.outbox import OutboxAdmin

__all__ = ["MessageAdmin", "NotificationGroupAdmin", "OutboxAdmin"]
