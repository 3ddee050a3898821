"""Does the page stay within what a scrape of it may bring?"""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from zerostate_monitoring.conf import conf
from zerostate_monitoring.doctor.finding import Finding, error, ok, warning
from zerostate_monitoring.exceptions import MonitoringError
from zerostate_monitoring.promql.data import Vector
from zerostate_monitoring.promql.querier import Options
from zerostate_monitoring.querying import embedded_querier, querier

NEAR_RATIO: Final = 0.8
"""Where the panels of the page turn amber, too."""
_ASKED: Final = "max(zerostate_monitoring_page_series)"
_SECONDS: Final = 3.0
_TITLE: Final = "page"
_ADVICE: Final = gettext_noop(
    "Ask with monitoring_query 'topk(10, count by (__name__) ({__name__=~\".+\"}))' which metrics "
    "have most, and disable in admin what nobody reads; or raise "
    "ZEROSTATE_MONITORING_PAGE_MAX_SERIES and give Prometheus its new file: "
    "manage.py monitoring_export scrape."
)


def examine_page() -> Iterator[Finding]:
    """How the series of the page stand to their limit; nothing where nobody knows how many.

    That there is no history, or no store, is found elsewhere.
    """
    if (series := _series(int(time.time() * 1000))) is not None:
        yield judge_series(series, conf.PAGE_MAX_SERIES)


def _series(at_ms: int) -> int | None:
    """Series of the newest page.

    Our own history is asked first: a Prometheus that refuses the page no longer knows.
    """
    who = embedded_querier(long=False) if conf.HISTORY > 0 else querier()
    try:
        value = who.instant(_ASKED, at_ms, Options(_SECONDS)).value
    except MonitoringError:
        return None
    return int(value.samples[0].value) if isinstance(value, Vector) and value.samples else None


def judge_series(series: int, limit: int) -> Finding:
    """Whether a scrape may bring so many."""
    numbers = {"series": f"{series:,}", "limit": f"{limit:,}"}
    if series > limit:
        said = _(
            "%(series)s series; a scrape may bring %(limit)s: "
            "a Prometheus with the exported job refuses it"
        )
        return error(_TITLE, said % numbers, _(_ADVICE))
    if series >= NEAR_RATIO * limit:
        said = _(
            "%(series)s series; a scrape may bring %(limit)s, and then Prometheus refuses all of it"
        )
        return warning(_TITLE, said % numbers, _(_ADVICE))
    return ok(_TITLE, _("%(series)s series; a scrape may bring %(limit)s") % numbers)
