"""The chart of one metric, for its page."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.parse import urlencode

from django.utils.translation import gettext as _

from zerostate_monitoring.admin.chart_words import chart_words
from zerostate_monitoring.admin.exploring.asking import Answer, answer
from zerostate_monitoring.admin.exploring.drawing import (
    Picture,
    drawn,
    figure_of,
    line_of,
)
from zerostate_monitoring.admin.exploring.emptiness import why_empty
from zerostate_monitoring.admin.exploring.limits import Seen, Use, limits_of, uses_of
from zerostate_monitoring.admin.exploring.readings import (
    EVERY,
    reading,
    splits_of,
    ways_of,
)
from zerostate_monitoring.admin.exploring.using import panels_of, spans_of
from zerostate_monitoring.admin.exploring.windows import Window, lengths, others, window_of
from zerostate_monitoring.charts.lines import MOST, Line
from zerostate_monitoring.charts.text import NAMELESS, short_names
from zerostate_monitoring.charts.units import told
from zerostate_monitoring.frames.exemplar import Labels
from zerostate_monitoring.models import Metric, Rule
from zerostate_monitoring.promql.querier import Options
from zerostate_monitoring.promql.quoting import is_plain_label
from zerostate_monitoring.querying import querier

_TIMEOUT: Final = Options(timeout_seconds=5.0)


def chart_of(
    row: Metric, asked: Mapping[str, str], rules: Sequence[Rule], series: Sequence[Labels]
) -> dict[str, Any]:
    """What the page shows above its form; ``series`` are those that it has now, or the first."""
    window = window_of(asked, time.time_ns() // 1_000_000)
    splits = splits_of(row, sorted({name for labels in series for name, _value in labels}))
    usual = _usual(row, rules, series, window.step_ms)
    by = asked.get("by", usual)
    if by not in dict(splits):
        by = by if is_plain_label(by) else usual
        splits = splits if by in dict(splits) else [*splits, (by, _("by %s") % by)]
    shown = reading(row, asked.get("as", ""), by, window.step_ms)
    uses = uses_of(rules, Seen(row.name, shown, series))
    answers = [(name, expr, _ask(expr, window)) for name, expr in shown.exprs]
    limits = tuple(sorted({limit for use in uses for limit in use.limits}))
    picture = Picture(
        _("%(name)s: %(how)s") % {"name": row.name, "how": shown.title},
        shown.unit,
        limits,
        spans_of(rules, window),
    )
    return {
        "window": window,
        "lengths": lengths(),
        "moves": [(title, others(asked, to)) for title, to in window.moved()],
        "ways": ways_of(row),
        "splits": splits,
        "shown": shown,
        "figure": _figure(answers, window, picture),
        "first": next((one for _n, _e, one in answers if one.problem), None),
        "remarks": tuple(dict.fromkeys(text for _n, _e, one in answers for text in one.remarks)),
        "empty": why_empty(shown.exprs[0][1], window),
        "address": urlencode(window.asked),
        "exprs": [expr for _name, expr in shown.exprs],
        "uses": [_told(one, shown.unit) for one in uses],
        "panels": panels_of(row.name),
    }


def _usual(row: Metric, rules: Sequence[Rule], series: Sequence[Labels], step_ms: int) -> str:
    """Each series, where there are few, or where that is what rules compare; else all together."""
    if row.kind == "histogram":
        return ""
    if len(series) <= MOST or row.name.endswith("_up"):
        return EVERY
    drawn = {
        by: any([*limits_of(rule.expr, Seen(row.name, shown, series))] for rule in rules)
        for by, shown in ((by, reading(row, "", by, step_ms)) for by in (EVERY, ""))
    }
    return EVERY if drawn[EVERY] and not drawn[""] else ""


def _told(use: Use, unit: str) -> tuple[Rule, str, str]:
    """A rule, its limits as the axis writes them, and why there is none."""
    limits = (told(limit, unit, chart_words()) for limit in use.limits)
    return use.rule, ", ".join(limits), use.why


def _ask(expr: str, window: Window) -> Answer:
    return answer(
        lambda: querier().range(expr, window.start_ms, window.end_ms, window.step_ms, _TIMEOUT),
        expr,
    )


def _figure(answers: Sequence[tuple[str, str, Answer]], window: Window, picture: Picture) -> str:
    if len(answers) == 1:
        return drawn(answers[0][2].runs, window, picture, name="chart")
    return figure_of(list(_lines(answers)), window, picture, name="chart")


def _lines(answers: Sequence[tuple[str, str, Answer]]) -> Sequence[Line]:
    """Quantiles one after the other, each with the label that splits it."""
    found = []
    for name, _expr, one in answers:
        _common, names = short_names([run.labels for run in one.runs])
        for run, text in zip(one.runs, names, strict=True):
            found.append(line_of(run, name if text == NAMELESS else f"{text} · {name}"))
    return found
