"""Which transitions want evidence, and keeping it. Beside the evaluation, never in it."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from django.db.models import Exists, OuterRef, QuerySet

from zerostate_monitoring.alerting.evidence.asking import AFTER_MS, Asked, ask, chosen, merged
from zerostate_monitoring.alerting.evidence.packing import EvidenceError, Pack, pack, unpack
from zerostate_monitoring.conf import conf
from zerostate_monitoring.exceptions import MonitoringError, QueryError
from zerostate_monitoring.models import Alert, AlertEvent, Evidence, RuleVersion
from zerostate_monitoring.models.rule_checks import labelled
from zerostate_monitoring.models.words import AlertState, EventKind
from zerostate_monitoring.promql.querier import Querier
from zerostate_monitoring.querying import querier

logger = logging.getLogger(__name__)

MOST: Final = 100
"""Rows of one run."""
SECONDS: Final = 10.0
"""A run begins no further question after so long."""

_KINDS: Final = (EventKind.FIRING, EventKind.PENDING)
_HOUR: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class _Wanted:
    """Evidence of one transition; ``row`` is there already where it is to be completed."""

    alert: Alert
    kind: str
    at_ms: int
    row: Evidence | None = None

    @property
    def question(self) -> tuple[int | None, int, int]:
        """Transitions of one rule's version at one slot are asked for together."""
        return self.alert.rule_id, self.alert.rule_version, self.at_ms


def keep(
    now: datetime,
    *,
    most: int = MOST,
    seconds: float = SECONDS,
    clock: Callable[[], float] = time.monotonic,
) -> int:
    """Keep what is wanted, up to ``most`` rows; how many it was.

    What is away now is there at the next run, as long as history lasts.
    """
    deadline, kept = clock() + seconds, 0
    wanted = [*_missing(now, most), *_due(now, most)][:most]
    for group in _together(wanted):
        if clock() >= deadline:
            break
        kept += _keep(group, now)
    return kept


def _missing(now: datetime, most: int) -> Iterator[_Wanted]:
    """Transitions without evidence that history still knows, firing ones first."""
    known = Evidence.objects.filter(alert=OuterRef("alert"), at_ms=OuterRef("slot_ms"))
    rows: QuerySet[AlertEvent] = (
        AlertEvent.objects.filter(kind__in=_KINDS, slot_ms__isnull=False, at__gte=now - _reach())
        .exclude(alert__state=AlertState.EXPIRED)
        .exclude(Exists(known))
        .exclude(alert__rule=None)
        .select_related("alert__rule__group")
        .order_by("kind", "at", "pk")
    )
    seen: set[tuple[int, int | None]] = set()
    for event in rows[:most]:
        # Without ``for`` an alert is pending and fires at one slot.
        if (event.alert_id, event.slot_ms) not in seen:
            seen.add((event.alert_id, event.slot_ms))
            yield _Wanted(event.alert, event.kind, event.slot_ms or 0)


def _due(now: datetime, most: int) -> Iterator[_Wanted]:
    """Evidence whose part after the transition has happened."""
    rows = Evidence.objects.filter(complete_at__lte=now).order_by("complete_at")
    for row in rows.select_related("alert__rule__group")[:most]:
        yield _Wanted(row.alert, row.kind, row.at_ms, row)


def _reach() -> timedelta:
    """How old a transition may be: later there is nothing to keep any more."""
    return (
        max(timedelta(seconds=conf.HISTORY), _HOUR)
        if conf.PROMETHEUS_URL
        else timedelta(seconds=conf.HISTORY)
    )


def _together(wanted: Iterable[_Wanted]) -> Iterator[list[_Wanted]]:
    found: dict[tuple[int | None, int, int], list[_Wanted]] = {}
    for one in wanted:
        found.setdefault(one.question, []).append(one)
    yield from found.values()


def _keep(group: list[_Wanted], now: datetime) -> int:
    first = group[0]
    try:
        answer = _answer(querier(), first, now)
    except QueryError as error:
        answer = None
        _log(first, error)
    except MonitoringError as error:
        _log(first, error)
        return 0
    for one in group:
        _write(one, answer, now)
    return len(group)


def _log(wanted: _Wanted, error: MonitoringError) -> None:
    details = {"rule": wanted.alert.rule_name, "kind": type(error).__name__, "error": str(error)}
    logger.warning("evidence_not_kept", extra=details)


def _answer(asked: Querier, wanted: _Wanted, now: datetime) -> Asked | None:
    expr = expression_of(wanted.alert)
    until = round(now.timestamp() * 1000)
    return ask(asked, expr, wanted.at_ms, until) if expr else None


def expression_of(alert: Alert) -> str:
    """The expression that its rule had when it began; empty where nobody knows it any more."""
    rule = alert.rule
    if rule is None:
        return ""
    if rule.version == alert.rule_version:
        return rule.expr
    old = RuleVersion.objects.filter(rule=rule, version=alert.rule_version).first()
    return str((old.fields if old else {}).get("expr") or rule.expr)


def _write(wanted: _Wanted, answer: Asked | None, now: datetime) -> None:
    alert = wanted.alert
    own = labelled(alert.rule).labels.keys() if alert.rule else ()
    found = Pack(wanted.at_ms, wanted.at_ms, 1)
    if answer is not None:
        found = chosen(answer, alert.labels, {*own, "alertname"})
    complete_at = datetime.fromtimestamp((wanted.at_ms + AFTER_MS) / 1000, UTC)
    later = complete_at if complete_at > now else None
    if wanted.row is None:
        values = {"series": pack(found), "complete_at": later}
        key = {"alert": alert, "kind": wanted.kind, "at_ms": wanted.at_ms}
        Evidence.objects.get_or_create(**key, defaults=values)
        return
    row = wanted.row
    row.series, row.complete_at = pack(merged(_before(row), found)), None
    row.save(update_fields=["series", "complete_at"])


def _before(row: Evidence) -> Pack:
    try:
        return unpack(row.series)
    except EvidenceError:
        return Pack(row.at_ms, row.at_ms, 1)
