"""What a rule would have done, for the page on which it is written."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from zerostate_monitoring.admin import display, words
from zerostate_monitoring.admin.alerts.standing import held_word
from zerostate_monitoring.admin.chart_words import chart_words
from zerostate_monitoring.admin.exploring.units import unit_of
from zerostate_monitoring.admin.rules.charting import HOUR_S, Chart, chart_of
from zerostate_monitoring.alerting.preview import Incident, Preview, bars, preview, rows_of
from zerostate_monitoring.charts.lines import Frame
from zerostate_monitoring.charts.strips import strips
from zerostate_monitoring.conf import conf
from zerostate_monitoring.models import Rule
from zerostate_monitoring.models.rule_checks import labelled
from zerostate_monitoring.models.words import ErrorPolicy, NoDataPolicy
from zerostate_monitoring.rules.definitions import AlertingRule

logger: Final = logging.getLogger(__name__)

_SPANS_S: Final = (900, HOUR_S, 6 * HOUR_S, 24 * HOUR_S)
_WEEK_S: Final = 7 * 24 * HOUR_S
_MOST: Final = 20


@dataclass(frozen=True, slots=True)
class Shown:
    """A preview as a template wants it."""

    span: str
    found: Preview
    chart: Chart
    picture: SafeString
    zone: str
    rows: tuple[dict[str, Any], ...]

    @property
    def held(self) -> list[tuple[str, int]]:
        """What holds such alerts back now, in a word, and how many of them."""
        return [(held_word(kind), n) for kind, n in sorted(self.found.suppressed.items())]

    @property
    def more(self) -> int:
        """How many incidents are not in the table."""
        return len(self.found.incidents) - len(self.rows)


def spans() -> list[tuple[str, str]]:
    """Over which times a preview can look back: as far as history reaches."""
    most = _WEEK_S if conf.PROMETHEUS_URL else int(conf.HISTORY) or HOUR_S
    seconds = sorted({HOUR_S, most, *(one for one in _SPANS_S if one <= most)})
    return [(str(one), display.age(one)) for one in seconds]


def span_of(asked: str) -> int:
    """The window that is asked for, in seconds; an hour where there is no such one."""
    return int(asked) if asked in dict(spans()) else HOUR_S


def preview_of(rule: Rule, span: str) -> Shown | str:
    """What the rule would have done; a text where there is nothing to preview."""
    definition = labelled(rule)
    if not isinstance(definition, AlertingRule):
        return _("A recording rule makes no alerts; below stands what it gives now.")
    try:
        return _shown(rule, definition, span_of(span))
    except Exception:  # The one who writes must not lose the page to it.
        logger.exception("rule_preview_failed", extra={"rule": rule.name})
        return _(
            "It could not be worked out; the log says why. The rule can be saved all the same."
        )


def _shown(rule: Rule, definition: AlertingRule, seconds: int) -> Shown:
    group = rule.group
    found = preview(
        definition,
        interval_ms=group.interval_ms,
        end_ms=time.time_ns() // 1_000_000,
        span_ms=seconds * 1000,
        limit=group.limit,
        offset_ms=round((group.query_offset_seconds or 0) * 1000),
        on_error=ErrorPolicy(rule.error_policy),
        on_missing=NoDataPolicy(rule.no_data_policy),
    )
    order = (*found.fired, *(one for one in found.incidents if one.fired_ms is None))
    unit = unit_of(rule.expr)
    rows = tuple(_row(one, found, unit) for one in order[:_MOST])
    chart = chart_of(rule.expr, found.end_ms, span_s=seconds, bars=bars(found), name=rule.name)
    name = timezone.get_current_timezone_name()
    drawn = _picture(found, chart) if found.incidents else mark_safe("")
    return Shown(display.age(seconds), found, chart, drawn, name, rows)


def _picture(found: Preview, chart: Chart) -> SafeString:
    """Each alert's bars, on the axis of the chart above them where there is one."""
    start, end = chart.window if chart.picture else (found.start_ms, found.end_ms)
    zone = timezone.get_current_timezone()
    frame = Frame(start, end, found.step_ms, zone, words=chart_words())
    # Made of numbers and escaped labels alone.
    return mark_safe(strips(rows_of(found), frame, found.begins_ms))  # noqa: S308


def _row(one: Incident, found: Preview, unit: str) -> dict[str, Any]:
    state = _("pending only")
    if one.fired_ms is not None:
        state = _("still firing") if one.is_firing else _("fired")
    return {
        "labels": words.labels_that_matter(dict(one.labels)),
        "state": state,
        "pending": _clock(one.pending_ms),
        "fired": _clock(one.fired_ms),
        "ended": _clock(one.ended_ms),
        "lasted": display.age(one.firing_ms(found.end_ms) / 1000) if one.fired_ms else "",
        "highest": display.EMPTY if one.highest is None else words.with_unit(one.highest, unit),
    }


def _clock(at_ms: int | None) -> str:
    if at_ms is None:
        return display.EMPTY
    at = timezone.localtime(datetime.fromtimestamp(at_ms / 1000, UTC))
    return at.strftime("%H:%M:%S")
