"""An alert in pictures: what its rule compares now, and what was kept when it changed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Final

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from zerostate_monitoring.admin import words
from zerostate_monitoring.admin.chart_words import chart_words
from zerostate_monitoring.admin.exploring.units import unit_of
from zerostate_monitoring.admin.figures import cut, figure
from zerostate_monitoring.admin.rules.charting import Chart, bars_of, chart_of, joined
from zerostate_monitoring.alerting.evidence import Drawn, Pack, draw, unpack
from zerostate_monitoring.alerting.evidence.packing import Line as Kept
from zerostate_monitoring.alerting.operands import belongs
from zerostate_monitoring.charts.lines import Frame, Line
from zerostate_monitoring.charts.text import NAMELESS, series_name, short_names
from zerostate_monitoring.charts.timeline import Bar
from zerostate_monitoring.charts.units import told
from zerostate_monitoring.exceptions import MonitoringError
from zerostate_monitoring.models import Alert
from zerostate_monitoring.models.words import EventKind, in_words

_MOST_EVIDENCE: Final = 4
_MOST_LEVELS: Final = 4
_LONGEST: Final = 200
_OVER: Final = timedelta(hours=1)
"""The last hour has something of an alert that ended within it."""


def chart_now(alert: Alert) -> Chart | None:
    """What the rule compares of the alert's own series, in the last hour; with when it fired."""
    is_over = alert.ended_at is not None and alert.ended_at < timezone.now() - _OVER
    if alert.rule is None or is_over or not alert.rule.expr:
        return None
    mine = partial(belongs, alert=alert.labels, own=frozenset(alert.rule.labels))
    return chart_of(alert.rule.expr, bars=bars_of([alert]), name=alert.rule_name, only=mine)


def evidence_of(alert: Alert) -> list[dict[str, Any]]:
    """The pictures that were kept with an alert, the newest transition first."""
    rows = alert.evidence.order_by("-at_ms")[:_MOST_EVIDENCE]
    bars = list(bars_of([alert]))
    return [
        {
            "kind": EventKind(row.kind).label,
            "at": words.clock(datetime.fromtimestamp(row.at_ms / 1000, UTC)),
            "growing": row.complete_at is not None,
            # What is folded is looked at by few: it has no values for the script.
            **_drawn(bytes(row.series), alert, bars, f"evidence-{row.pk}", lives=place == 0),
        }
        for place, row in enumerate(rows)
    ]


def _drawn(
    data: bytes, alert: Alert, bars: Sequence[Bar], name: str, *, lives: bool
) -> dict[str, Any]:
    try:
        found = unpack(data)
        parts = draw(found)
    except MonitoringError as error:
        return {"parts": [], "problem": in_words(str(error))}
    return {
        "parts": [
            {
                "expr": part.expr,
                "figure": _figure(part, found, alert, bars, f"{name}-{n}", lives=lives),
                "said": list(_said(part)),
            }
            for n, part in enumerate(parts)
        ],
        "problem": "" if parts else _("Nothing was known any more when it was to be kept."),
    }


def _figure(
    part: Drawn, whole: Pack, alert: Alert, bars: Sequence[Bar], name: str, *, lives: bool
) -> str:
    """All pictures show the same time, so that one is read below the other."""
    frame = Frame(
        start_ms=whole.start_ms,
        end_ms=max(whole.end_ms, whole.start_ms + 1),
        step_ms=max(whole.step_ms, 1),
        zone=timezone.get_current_timezone(),
        thresholds=() if part.limit is None else (part.limit,),
        spans=joined(bars, whole.start_ms, whole.end_ms),
        unit=unit_of(part.expr),
        title=part.expr,
    )
    series = list(_lines(part.lines, alert.rule_name))
    return figure(series, frame, name=name, lives=lives, caption=cut(part.expr, _LONGEST))


def _lines(kept: Sequence[Kept], nameless: str) -> Iterator[Line]:
    sets = [tuple(line.labels.items()) for line in kept]
    _common, names = short_names(sets)
    for line, labels, name in zip(kept, sets, names, strict=True):
        points = list(zip(line.times, line.values, strict=True))
        yield Line(nameless if name == NAMELESS else name, points, series_name(labels))


def _said(part: Drawn) -> Iterator[str]:
    """What is not drawn, and why."""
    if part.problem:
        yield in_words(part.problem)
    if part.level:
        values = [told(one, unit_of(part.expr), chart_words()) for one in part.level]
        more = "…" if len(values) > _MOST_LEVELS else ""
        yield _("Not drawn, for it was the same all the time: %(values)s") % {
            "values": ", ".join(values[:_MOST_LEVELS]) + more
        }
    elif part.more and part.lines:
        said = ngettext(
            "and %(n)d more series: kept, and left out so that the lines can be told apart",
            "and %(n)d more series: kept, and left out so that the lines can be told apart",
            part.more,
        )
        yield said % {"n": part.more}
    elif part.more:
        said = ngettext(
            "%(n)d series, kept and not drawn: the pictures above come first in the expression",
            "%(n)d series, kept and not drawn: the pictures above come first in the expression",
            part.more,
        )
        yield said % {"n": part.more}
