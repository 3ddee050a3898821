"""The door: a rule and a span of time in, a ``Preview`` out."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

from django.utils import timezone

from zerostate_monitoring.alerting.advising import advised
from zerostate_monitoring.alerting.identity import Surroundings
from zerostate_monitoring.alerting.preview.hindsight import Hindsight
from zerostate_monitoring.alerting.preview.replaying import (
    Knowledge,
    Nothing,
    Replay,
    Replayed,
    replay,
)
from zerostate_monitoring.alerting.preview.slots import Span, slots
from zerostate_monitoring.alerting.preview.telling import would_tell
from zerostate_monitoring.alerting.preview.values import Bounds, Preview
from zerostate_monitoring.alerting.states import Hold
from zerostate_monitoring.conf import conf
from zerostate_monitoring.exceptions import MonitoringError
from zerostate_monitoring.models import Rule
from zerostate_monitoring.models.words import ErrorPolicy, Health, NoDataPolicy, in_words
from zerostate_monitoring.promql.query import Query, parse
from zerostate_monitoring.querying import querier, readiness
from zerostate_monitoring.rules.definitions import AlertingRule

HOUR: Final = 3_600_000
_DEFAULT: Final = Bounds()


def preview(
    rule: AlertingRule,
    *,
    interval_ms: int,
    end_ms: int,
    span_ms: int = HOUR,
    limit: int = 0,
    offset_ms: int = 0,
    on_error: ErrorPolicy = ErrorPolicy.KEEP,
    on_missing: NoDataPolicy = NoDataPolicy.KEEP,
    bounds: Bounds = _DEFAULT,
) -> Preview:
    """What ``rule`` would have done at its slots in the ``span_ms`` up to ``end_ms``.

    ``rule`` is as its group sees it, with the group's labels; ``interval_ms``, ``limit`` and
    ``offset_ms`` are the group's, ``on_error`` and ``on_missing`` the rule's policies. Gaps and
    silent producers count as live, where history tells of them: of a server's past nobody here
    knows, and all its data is taken for there. Whatever is wrong stands in ``Preview.problem``.
    """
    step = _step_ms(interval_ms)
    last = end_ms // step * step
    span = Span(last - span_ms // step * step, last, step, offset_ms)
    most = limit or conf.RULE_MAX_ALERTS
    hold = Hold(_ms(rule.for_.total_seconds()), _ms(rule.keep_firing_for.total_seconds()), most)
    if span.steps > bounds.steps:
        said = f"{span.steps:,} slots are too many: choose a shorter time."
        return _refused(rule, span, in_words(said))
    if problems := rule.problems():
        return _refused(rule, span, " ".join(map(str, problems)))
    try:
        known = _known(rule, span, on_missing)
        walked = Replayed(rule, hold, step, on_error, on_missing, known)
        return _previewed(rule, span, walked, bounds)
    except MonitoringError as error:
        return _refused(rule, span, advised(error))


def _known(rule: AlertingRule, span: Span, on_missing: NoDataPolicy) -> Knowledge:
    if conf.PROMETHEUS_URL or conf.HISTORY <= 0:
        return Nothing()
    return Hindsight(Rule(expr=rule.expr, no_data_policy=on_missing), span)


def _step_ms(interval_ms: int) -> int:
    """Slots sit on columns of history: there are no more of them than of these."""
    column = 0 if conf.PROMETHEUS_URL else round(conf.HISTORY_INTERVAL_SECONDS * 1000)
    return max(interval_ms, column, 1)


def _refused(rule: AlertingRule, span: Span, problem: str) -> Preview:
    return Preview(
        name=rule.name,
        start_ms=span.start_ms,
        end_ms=span.end_ms,
        step_ms=span.step_ms,
        problem=problem,
    )


def _previewed(rule: AlertingRule, span: Span, walked: Replayed, bounds: Bounds) -> Preview:
    deadline = time.monotonic() + bounds.seconds
    query = parse(rule.expr)
    given, remarks = slots(querier(), query, span, bounds.seconds)
    around = Surroundings(span.start_ms, conf.EXTERNAL_LABELS, conf.BASE_URL)
    found = replay(walked, given, around, bounds, lambda: time.monotonic() > deadline)
    end_ms = span.start_ms if found.stopped_ms is None else found.stopped_ms
    would = would_tell(found.incidents, rule, end_ms, timezone.now())
    return Preview(
        name=rule.name,
        start_ms=span.start_ms,
        end_ms=end_ms,
        step_ms=span.step_ms,
        steps=found.steps,
        evaluated=found.evaluated,
        incidents=tuple(found.incidents),
        problem=_excess(found, end_ms),
        errors=found.errors,
        first_error=in_words(found.first_error),
        missed=found.missed,
        silent=found.silent,
        first_silence=in_words(found.first_silence),
        remarks=(*remarks, *would.remarks, *_dormant(walked.known)),
        begins_ms=_begins_ms(query, span),
        told=would.told,
        unrouted=would.unrouted,
        suppressed=would.suppressed,
    )


def _dormant(known: Knowledge) -> Sequence[str]:
    """That the rule would be left out live, which over the past it is not."""
    now = known.verdict_now()
    if now.health != Health.DORMANT:
        return ()
    return (in_words(f"now the rule would be dormant: {now.reason}"),)


def _excess(found: Replay, end_ms: int) -> str:
    if not found.excess:
        return ""
    at = datetime.fromtimestamp(end_ms / 1000, UTC)
    return in_words(
        f"The preview is too large and ends at {at:%Y-%m-%d %H:%M:%S} UTC: {found.excess}. "
        "Let the expression give less, or choose a shorter time."
    )


def _ms(seconds: float) -> int:
    return round(seconds * 1000)


def _begins_ms(query: Query, span: Span) -> int | None:
    """Where history begins, if that is later than the first slot needs; of a server: unknown."""
    if conf.PROMETHEUS_URL:
        return None
    ready = readiness(query, span.start_ms - span.offset_ms)
    return None if ready.ready else ready.begins_ms
