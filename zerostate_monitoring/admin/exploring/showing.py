"""An expression over a window, as Explore shows it."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from zerostate_monitoring.admin.exploring.asking import Answer, answer
from zerostate_monitoring.admin.exploring.drawing import Picture, drawn
from zerostate_monitoring.admin.exploring.emptiness import why_empty
from zerostate_monitoring.admin.exploring.tables import Table, table_of
from zerostate_monitoring.admin.exploring.units import unit_of
from zerostate_monitoring.admin.exploring.windows import Window
from zerostate_monitoring.admin.rules.charting import leading
from zerostate_monitoring.exceptions import QueryError
from zerostate_monitoring.promql.nodes import ValueType
from zerostate_monitoring.promql.query import parse
from zerostate_monitoring.querying import querier

_DRAWN = frozenset({ValueType.VECTOR, ValueType.SCALAR})


def shown(query: str, window: Window) -> dict[str, Any]:
    """Table, chart, and what is to be said; the limits are those of the query API."""
    now = answer(lambda: querier().instant(query, window.end_ms), query)
    if now.problem:
        return {"answer": now, "is_wrong": now.at is not None}
    is_drawn = parse(query).expr.type in _DRAWN
    over = _over(query, window) if is_drawn else Answer()
    unit = unit_of(query)
    table = None if now.result is None else table_of(now.result, unit)
    return {
        "answer": now,
        "is_wrong": False,
        "table": table,
        "over": over,
        "figure": drawn(over.runs, window, Picture(query, unit, _limits(query)), name="chart"),
        "remarks": tuple(dict.fromkeys((*now.remarks, *over.remarks))),
        "why": _why(query, window, over, table, is_drawn=is_drawn),
    }


def _over(query: str, window: Window) -> Answer:
    return answer(
        lambda: querier().range(query, window.start_ms, window.end_ms, window.step_ms), query
    )


def _why(query: str, window: Window, over: Answer, table: Table | None, *, is_drawn: bool) -> str:
    """Why there is no chart."""
    if not is_drawn:
        return _("A range or a text has no chart: put rate(…) or avg_over_time(…) around a range.")
    if over.problem or over.runs or (table is not None and table.total):
        return ""
    return why_empty(query, window)


def _limits(query: str) -> tuple[float, ...]:
    try:
        asked = leading(query)
    except QueryError:
        return ()
    # After an "or" there may be values of something else.
    return () if asked.threshold is None or "or" in asked.beside else (asked.threshold,)
