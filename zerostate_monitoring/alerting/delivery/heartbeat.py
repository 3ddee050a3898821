"""The dead man's switch: an address outside is called only while the canary arrives.

This goes another way than messages do: no route, no receiver, no outbox. Whoever answers at
``ZEROSTATE_MONITORING_HEARTBEAT_URL`` raises the alarm when the calls cease.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import Final

from django.db.models import Q

from zerostate_monitoring.conf import conf
from zerostate_monitoring.models import Heartbeat
from zerostate_monitoring.notifiers.base import DeliveryError
from zerostate_monitoring.notifiers.canary import NAME
from zerostate_monitoring.notifiers.heartbeat import call

logger = logging.getLogger(__name__)

EVERY: Final = timedelta(seconds=60)


def beat(now: datetime) -> bool:
    """Call the address if it is time and the canary has arrived; whether it was called.

    One worker of all calls it, once a minute, however often workers begin anew.
    """
    url = conf.HEARTBEAT_URL
    row = Heartbeat.objects.filter(name=NAME).first() if url else None
    if row is None or not row.is_alive(now):
        return False
    rows = Heartbeat.objects.filter(name=NAME)
    is_time = Q(tried_at=None) | Q(tried_at__lte=now - EVERY)
    if not rows.filter(is_time).update(tried_at=now):
        return False
    try:
        call(url, timeout=conf.DELIVERY_TIMEOUT_SECONDS)
    except DeliveryError as error:
        logger.warning("heartbeat_failed", extra={"error": str(error)})
        rows.update(error=str(error))
        return False
    rows.update(called_at=now, error="")
    return True
