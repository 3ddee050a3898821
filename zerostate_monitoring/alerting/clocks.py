"""Clocks that ran ahead and came back: who notices, and what is known of it afterwards.

What was written meanwhile lies in the future, and would hold everything back until then. One
worker whose own clock is slow sees the same, and must not move what the others do: so the
database's clock is asked, too, and the later of both decides.
"""

from __future__ import annotations

import json
import logging
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models.functions import Now

from zerostate_monitoring.models import Tally
from zerostate_monitoring.models.tally import CLOCK

logger = logging.getLogger(__name__)

AHEAD: Final = timedelta(seconds=60)
"""So far clocks of several hosts may be apart without anybody being wrong."""


def latest(now: datetime) -> datetime:
    """The later one of this host's clock and the database's."""
    return max(now, database_now())


def database_now() -> datetime:
    """What time it is where the rows are."""
    Tally.objects.bulk_create([Tally(name=CLOCK)], ignore_conflicts=True)
    found: datetime = Tally.objects.annotate(at=Now()).values_list("at", flat=True).get(name=CLOCK)
    return found


def note(what: str, now: datetime, rows: int) -> None:
    """Keep that ``rows`` lay in the future and were brought back; ``what`` says of whom."""
    logger.warning("clock_came_back", extra={"what": what, "rows": rows})
    with transaction.atomic():
        Tally.objects.bulk_create([Tally(name=CLOCK)], ignore_conflicts=True)
        row = Tally.objects.select_for_update().get(name=CLOCK)
        key = json.dumps([what])
        row.totals[key] = row.totals.get(key, 0) + rows
        row.counted_until = now
        row.save()
