"""The values that led to an alert, for the picture in its message.

What cannot be had within a moment is left out: no message waits for its picture.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Final

from zerostate_monitoring.alerting.evidence.asking import BEFORE_MS, step_ms
from zerostate_monitoring.alerting.operands import belongs
from zerostate_monitoring.exceptions import MonitoringError
from zerostate_monitoring.models import Alert
from zerostate_monitoring.models.rule_checks import labelled
from zerostate_monitoring.notifiers.comparisons import subject_of
from zerostate_monitoring.notifiers.telling import MOST_TOLD
from zerostate_monitoring.promql.data import Matrix, Run
from zerostate_monitoring.promql.querier import Options
from zerostate_monitoring.querying import querier

logger = logging.getLogger(__name__)

Past = Sequence[tuple[int, float]]
"""(milliseconds since 1970, value), in order."""

MOST_QUESTIONS: Final = 3
SECONDS: Final = 2.0
"""How long one question may take; after so long no other one is begun."""


def pasts_of(
    alerts: Sequence[Alert], now: datetime, *, clock: Callable[[], float] = time.monotonic
) -> Mapping[int, Past]:
    """By alert, the last half hour of what its rule watches; of the first alerts, where known."""
    watched: dict[str, list[Alert]] = {}
    for alert in alerts[:MOST_TOLD]:
        if alert.rule is not None:
            watched.setdefault(subject_of(alert.rule.expr, alert.value), []).append(alert)
    began, found = clock(), dict[int, Past]()
    for expr, group in list(watched.items())[:MOST_QUESTIONS]:
        if clock() - began < SECONDS:
            found |= _pasts(expr, group, now)
    return found


def _pasts(expr: str, alerts: Sequence[Alert], now: datetime) -> Mapping[int, Past]:
    runs = _ask(expr, now)
    return {alert.pk: past for alert in alerts if (past := _own(alert, runs))}


def _ask(expr: str, now: datetime) -> Sequence[Run]:
    step = step_ms()
    end = round(now.timestamp() * 1000) // step * step
    start = end - BEFORE_MS // step * step
    try:
        value = querier().range(expr, start, end, step, Options(SECONDS)).value
    except MonitoringError as error:
        details = {"expr": expr, "kind": type(error).__name__, "error": str(error)}
        logger.warning("past_not_known", extra=details)
        return ()
    return value.runs if isinstance(value, Matrix) else ()


def _own(alert: Alert, runs: Sequence[Run]) -> Past:
    """The values of the one series that can be the alert's; none where several can."""
    rule = labelled(alert.rule).labels if alert.rule else {}
    found = [run for run in runs if belongs(run.labels, alert.labels, {*rule, "alertname"})]
    return tuple(_points(found[0])) if len(found) == 1 else ()


def _points(run: Run) -> Iterator[tuple[int, float]]:
    return zip(run.times.tolist(), run.values.tolist(), strict=True)
