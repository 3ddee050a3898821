"""Who uses a metric: when rules that read it fired, and dashboards' panels."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from functools import cache
from typing import Final

from django.db.models import Q

from zerostate_monitoring.admin.exploring.limits import names_of
from zerostate_monitoring.admin.exploring.windows import Window
from zerostate_monitoring.charts.timeline import Bar
from zerostate_monitoring.models import Alert, Rule

_MOST_ALERTS: Final = 500


def spans_of(rules: Sequence[Rule], window: Window) -> tuple[Bar, ...]:
    """When any of the rules was pending, and when it fired; one query."""
    if not rules:
        return ()
    start, end = (datetime.fromtimestamp(at / 1000, UTC) for at in (window.start_ms, window.end_ms))
    rows = Alert.objects.filter(
        Q(ended_at=None) | Q(ended_at__gte=start), rule__in=rules, started_at__lte=end
    ).order_by("-started_at")
    times = rows.values_list("started_at", "fired_at", "ended_at")[:_MOST_ALERTS]
    pending, firing = [], []
    for started, fired, ended in times:
        stop = ended or end
        pending.append((_ms(started), _ms(fired or stop)))
        if fired is not None:
            firing.append((_ms(fired), _ms(stop)))
    return (
        *(Bar(*span, "pending") for span in _without(_joined(pending), _joined(firing))),
        *(Bar(*span, "firing") for span in _joined(firing)),
    )


Spans = list[tuple[int, int]]


def _joined(spans: Spans) -> Spans:
    """Spans that meet as one."""
    found: Spans = []
    for start, end in sorted(spans):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((start, end))
    return found


def _without(spans: Spans, taken: Spans) -> Iterator[tuple[int, int]]:
    """What is left of spans outside of others."""
    for start, end in spans:
        at = start
        for begin, stop in taken:
            if begin < end and stop > at:
                if begin > at:
                    yield at, begin
                at = max(at, stop)
        if at < end:
            yield at, end


def _ms(at: datetime) -> int:
    return round(at.timestamp() * 1000)


def panels_of(name: str) -> tuple[tuple[str, str], ...]:
    """Dashboards and panels that ask for the metric, or for what rules record of it."""
    return _panels().get(name, ())


@cache
def _panels() -> dict[str, tuple[tuple[str, str], ...]]:
    # Every process with admin imports this file; only who looks at a metric needs all panels.
    from zerostate_monitoring.generators.dashboards.panels import (
        placed,
        resolved,
    )

    found: dict[str, dict[tuple[str, str], None]] = {}
    for dashboard, _row, panel in placed():
        for query in panel.queries:
            for name in names_of(resolved(query, dashboard)):
                found.setdefault(name, {})[dashboard.title, panel.title] = None
    return {name: tuple(places) for name, places in found.items()}
