"""Values of an expression and its operands at an instant: from history, else from evidence."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from django.utils.translation import gettext_noop

from zerostate_monitoring.alerting.evidence.asking import AFTER_MS, BEFORE_MS
from zerostate_monitoring.alerting.evidence.packing import EvidenceError, Pack, unpack
from zerostate_monitoring.alerting.explain.values import Values
from zerostate_monitoring.alerting.operands import belongs, operands
from zerostate_monitoring.conf import conf
from zerostate_monitoring.exceptions import MonitoringError, QueryError
from zerostate_monitoring.models import Evidence
from zerostate_monitoring.promql.data import Sample, Scalar, Vector
from zerostate_monitoring.promql.nodes import Expr
from zerostate_monitoring.promql.printer import format_expr
from zerostate_monitoring.promql.querier import Options, Querier
from zerostate_monitoring.promql.query import Query
from zerostate_monitoring.querying import querier, readiness

SECONDS: Final = 10.0
_MOST_ROWS: Final = 50

HISTORY: Final = gettext_noop("history")
SERVER: Final = gettext_noop("the Prometheus server")
EVIDENCE: Final = gettext_noop("the evidence of its alerts")


def ask(query: Query, at_ms: int, labels: Mapping[str, str], rule: int) -> Values:
    """What ``query`` and its parts gave at ``at_ms``, of the series that fit ``labels``.

    What history has no longer is taken from the evidence of alerts of ``rule``, also of those
    that began after it.
    """
    known_from_ms = None
    try:
        if conf.PROMETHEUS_URL or (ready := readiness(query, at_ms)).ready:
            return _asked(querier(), query, at_ms, labels)
        problem, known_from_ms = str(ready), ready.at_ms
    except MonitoringError as error:
        problem = str(error)
    kept = _kept(query.expr, at_ms, _near(at_ms, labels, rule))
    return Values(problem=problem, known_from_ms=known_from_ms) if kept is None else kept


def _asked(asked: Querier, query: Query, at_ms: int, labels: Mapping[str, str]) -> Values:
    texts = [query.text, *operands(query.expr)]
    found, problem = dict[str, tuple[Sample, ...]](), ""
    for text in texts:
        try:
            value = asked.instant(text, at_ms, Options(SECONDS)).value
        except QueryError as error:
            problem = problem or str(error)
            continue
        found[text] = _fitting(value, labels)
    whole = found.get(query.text)
    if whole is not None:
        found.setdefault(format_expr(query.expr), whole)
    return Values(whole, found, SERVER if conf.PROMETHEUS_URL else HISTORY, problem)


def _fitting(value: object, labels: Mapping[str, str]) -> tuple[Sample, ...]:
    if isinstance(value, Scalar):
        return (Sample((), value.value),)
    samples: Iterable[Sample] = value.samples if isinstance(value, Vector) else ()
    return tuple(one for one in samples if belongs(one.labels, labels))


def _near(at_ms: int, labels: Mapping[str, str], rule: int) -> Iterable[Evidence]:
    """Evidence of the rule's alerts with these labels that may cover the instant."""
    around = (at_ms - AFTER_MS, at_ms + BEFORE_MS)
    rows = Evidence.objects.filter(alert__rule=rule, at_ms__range=around)
    for row in rows.select_related("alert").order_by("at_ms")[:_MOST_ROWS]:
        if all(row.alert.labels.get(name, text) == text for name, text in labels.items()):
            yield row


def _kept(expr: Expr, at_ms: int, rows: Iterable[Evidence]) -> Values | None:
    """Of the evidence that covers the instant; ``None`` where none does."""
    parts: dict[str, tuple[Sample, ...]] = {}
    for row in rows:
        try:
            found = unpack(row.series)
        except EvidenceError:
            continue
        if found.start_ms <= at_ms <= found.end_ms + found.step_ms:
            for text, samples in _at(found, at_ms):
                parts[text] = tuple(dict.fromkeys((*parts.get(text, ()), *samples)))
    if not parts:
        return None
    whole = next(iter(parts.values()))
    parts.setdefault(format_expr(expr), whole)
    return Values(whole, parts, EVIDENCE)


def _at(found: Pack, at_ms: int) -> Iterable[tuple[str, tuple[Sample, ...]]]:
    """The values at the last step that is not after the instant."""
    step = found.start_ms + (at_ms - found.start_ms) // found.step_ms * found.step_ms
    for part in found.parts:
        yield (
            part.expr,
            tuple(
                Sample(tuple(sorted(line.labels.items())), line.values[line.times.index(step)])
                for line in part.lines
                if step in line.times
            ),
        )
