"""Is the page's past being kept?"""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Final

from zerostate_monitoring.conf import conf
from zerostate_monitoring.doctor.finding import Finding, error, ok, unknown, warning
from zerostate_monitoring.exceptions import StoreError
from zerostate_monitoring.storage.head import Head
from zerostate_monitoring.storage.store import current_store

STALE_INTERVALS: Final = 4
_SHORT: Final = 0.9

_BEGIN: Final = (
    "Wait one interval. If nothing comes: beat must send zerostate_monitoring.record_history; "
    "take beat_schedule() into CELERY_BEAT_SCHEDULE, and see the findings on beat and worker."
)
_STOPPED: Final = (
    "Look at the findings on beat, worker and store, and in the workers' log for history_gap "
    "and history_not_recorded."
)
_CUT: Final = "Raise ZEROSTATE_MONITORING_HISTORY_MAX_BYTES, or give up some of the window."


def examine_history() -> Iterator[Finding]:
    """Whether columns are being made, and how far back they reach."""
    if conf.HISTORY <= 0:
        yield ok("history", "switched off: ZEROSTATE_MONITORING_HISTORY is 0")
        return
    try:
        head = current_store().timeline().head()
    except StoreError:
        yield unknown("history", "the store does not answer")
        return
    yield judge_history(head, time.time(), conf.HISTORY, conf.HISTORY_INTERVAL_SECONDS)


def judge_history(head: Head, now: float, wanted: float, interval: float) -> Finding:
    """How a timeline stands at ``now`` (unix seconds); ``wanted`` and ``interval`` in seconds."""
    if not head.epoch:
        return warning("history", "no column has been made yet", _BEGIN)
    age = max(0.0, now - head.last / 1000)
    reach = (head.last - head.first) / 1000
    message = f"{head.columns} columns over {reach / 60:.0f} min, {head.size / 2**20:.1f} MiB"
    message += f", {head.missed} slots missed" if head.missed else ""
    if age > STALE_INTERVALS * interval:
        return error("history", f"the newest column is {age:.0f} s old; {message}", _STOPPED)
    if head.cut and reach < _SHORT * wanted:
        return warning("history", f"cut short of {wanted / 60:.0f} min: {message}", _CUT)
    return ok("history", message)
