"""Why nothing was found, and what to do next."""

from __future__ import annotations

from datetime import UTC, datetime

from django.utils.translation import gettext as _

from zerostate_monitoring.admin import words
from zerostate_monitoring.admin.exploring.windows import Window
from zerostate_monitoring.conf import conf
from zerostate_monitoring.exceptions import MonitoringError
from zerostate_monitoring.querying.engines import history_head
from zerostate_monitoring.rules.lint.unknown import unknown_names


def why_empty(expr: str, window: Window) -> str:
    """The likeliest reason that an expression gives no series in a window."""
    return _of_names(expr) or _of_history(window) or _otherwise()


def _of_names(expr: str) -> str:
    """Names that nobody knows, and what may be meant."""
    for name, near in unknown_names(expr):
        if near:
            values = {"name": name, "near": near}
            return _("The catalogue has no %(name)s: did you mean %(near)s?") % values
        return _("The catalogue has no %s. See the list of metrics.") % name
    return ""


def _of_history(window: Window) -> str:
    if conf.PROMETHEUS_URL:
        return ""
    if conf.HISTORY <= 0:
        return _("No history is kept: set ZEROSTATE_MONITORING_HISTORY.")
    try:
        # The question was just asked: what this process knows is as new as its answer.
        first = history_head(refresh=False).first
    except MonitoringError:
        return ""
    if not first:
        return _(
            "There is no history yet: it begins once beat and a worker run. The doctor says "
            "whether they do."
        )
    if window.end_ms <= first:
        at = words.clock(datetime.fromtimestamp(first / 1000, UTC))
        return _("History begins at %s, after this window: choose a later one.") % at
    return ""


def _otherwise() -> str:
    return _("No series in this window. Choose a longer one, or fewer conditions.")
