"""Is the page's past being kept?"""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext

from zerostate_monitoring.conf import conf
from zerostate_monitoring.doctor.finding import Finding, error, ok, unknown, warning
from zerostate_monitoring.exceptions import StoreError
from zerostate_monitoring.storage.head import Head
from zerostate_monitoring.storage.store import current_store

STALE_INTERVALS: Final = 4
_SHORT: Final = 0.9

_BEGIN: Final = gettext_noop(
    "Wait one interval. If nothing comes: beat must send zerostate_monitoring.record_history; "
    "take beat_schedule() into CELERY_BEAT_SCHEDULE, and see the findings on beat and worker."
)
_STOPPED: Final = gettext_noop(
    "Look at the findings on beat, worker and store, and in the workers' log for history_gap "
    "and history_not_recorded."
)
_CUT: Final = gettext_noop(
    "Raise ZEROSTATE_MONITORING_HISTORY_MAX_BYTES, or give up some of the window."
)


def examine_history() -> Iterator[Finding]:
    """Whether columns are being made, and how far back they reach."""
    if conf.HISTORY <= 0:
        yield ok("history", _("switched off: ZEROSTATE_MONITORING_HISTORY is 0"))
        return
    try:
        head = current_store().timeline().head()
    except StoreError:
        yield unknown("history", _("the store does not answer"))
        return
    yield judge_history(head, time.time(), conf.HISTORY, conf.HISTORY_INTERVAL_SECONDS)


def judge_history(head: Head, now: float, wanted: float, interval: float) -> Finding:
    """How a timeline stands at ``now`` (unix seconds); ``wanted`` and ``interval`` in seconds."""
    if not head.epoch:
        return warning("history", _("no column has been made yet"), _(_BEGIN))
    age = max(0.0, now - head.last / 1000)
    reach = (head.last - head.first) / 1000
    message = _kept(head, reach)
    if age > STALE_INTERVALS * interval:
        said = _("the newest column is %(age).0f s old; %(kept)s")
        return error("history", said % {"age": age, "kept": message}, _(_STOPPED))
    if head.cut and reach < _SHORT * wanted:
        said = _("cut short of %(wanted).0f min: %(kept)s")
        return warning("history", said % {"wanted": wanted / 60, "kept": message}, _(_CUT))
    return ok("history", message)


def _kept(head: Head, reach: float) -> str:
    said = ngettext(
        "%(n)d column over %(reach).0f min, %(size).1f MiB",
        "%(n)d columns over %(reach).0f min, %(size).1f MiB",
        head.columns,
    )
    kept = said % {"n": head.columns, "reach": reach / 60, "size": head.size / 2**20}
    if not head.missed:
        return kept
    missed = ngettext(", %(n)d slot missed", ", %(n)d slots missed", head.missed)
    return kept + missed % {"n": head.missed}
