"""One tick: the groups that are due are claimed, evaluated and written."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from time import monotonic
from typing import Final

from django.db import Error as DatabaseError
from django.utils import timezone

from zerostate_monitoring.alerting.delivery.guarding import BROKEN
from zerostate_monitoring.alerting.evaluation.asking import Asker, EmbeddedAsker, RemoteAsker
from zerostate_monitoring.alerting.evaluation.claims import Claim, claim_due, give_up
from zerostate_monitoring.alerting.evaluation.counting import Counted
from zerostate_monitoring.alerting.evaluation.deciding import Outcome
from zerostate_monitoring.alerting.evaluation.evaluating import Foreknown, evaluate, written
from zerostate_monitoring.alerting.evaluation.instants import ms_of
from zerostate_monitoring.alerting.evaluation.loading import GroupWork, load
from zerostate_monitoring.alerting.evaluation.persisting import Slot, persist
from zerostate_monitoring.alerting.evaluation.returning import trusted
from zerostate_monitoring.alerting.evaluation.slots import Clock
from zerostate_monitoring.alerting.evaluation.strays import close_strays
from zerostate_monitoring.alerting.nodata import judge
from zerostate_monitoring.alerting.verdicts import Verdict
from zerostate_monitoring.conf import conf
from zerostate_monitoring.exceptions import ConfigurationError, StoreError
from zerostate_monitoring.models.words import Health
from zerostate_monitoring.querying import querier, storage
from zerostate_monitoring.querying.engines import history_head, limits
from zerostate_monitoring.rules.definitions import RecordingRule
from zerostate_monitoring.storage import recorded
from zerostate_monitoring.storage.head import NO_HISTORY, Head
from zerostate_monitoring.storage.store import current_store

logger = logging.getLogger(__name__)

STORE_UP: Final = "zerostate_monitoring_store_up"

_SLOW_SECONDS: Final = 1.0
"""A group that took so long the last time is evaluated alone, after the others."""
_TICK_SECONDS: Final = 20.0
"""After so long a tick claims nothing more; the next one is never far."""


def tick(now: datetime) -> int:
    """Evaluate the groups that are due; how many slots were written.

    Raises:
        DatabaseError: it does not answer; what was not written counts as missed.
    """
    close_strays(now)
    head, known = _head()
    clock = trusted(Clock(ms_of(now), head.last, _history_ms()), now)
    until = monotonic() + _TICK_SECONDS
    done = 0
    for claims in _together(claim_due(clock, now), until):
        done += _evaluate(claims, head, known)
    return done


def _history_ms() -> int:
    return max(1, round(conf.HISTORY_INTERVAL_SECONDS * 1000))


def _head() -> tuple[Head, Mapping[str, float]]:
    """Where history stands, and what this process knows without the store."""
    if conf.PROMETHEUS_URL or conf.HISTORY <= 0:
        return NO_HISTORY, {}
    try:
        return history_head(), {STORE_UP: 1.0}
    except StoreError as error:
        logger.warning("store_away_at_evaluation", extra={"error": str(error)})
        return history_head(refresh=False), {STORE_UP: 0.0}


def _together(claims: Iterator[Claim], until: float) -> Iterator[list[Claim]]:
    """Claims that are evaluated together; those of slow groups alone, after the quick ones."""
    quick: list[Claim] = []
    for claim in claims:
        if claim.slow_seconds < _SLOW_SECONDS:
            quick.append(claim)
            continue
        if quick:
            yield quick
            quick = []
        yield [claim]
        if monotonic() > until:
            return
    if quick:
        yield quick


def _evaluate(claims: Sequence[Claim], head: Head, known: Mapping[str, float]) -> int:
    """Together; or, where a row that is broken keeps that from being done, each for itself."""
    left = {claim.group.pk: claim for claim in claims}
    try:
        try:
            _write_slots(claims, head, known, left)
        except BROKEN:
            logger.exception("groups_not_evaluated", extra={"groups": len(left)})
            for claim in [*left.values()] if len(claims) > 1 else ():
                _evaluate_alone(claim, head, known, left)
    finally:
        give_up(left.values())
    return len(claims) - len(left)


def _evaluate_alone(
    claim: Claim, head: Head, known: Mapping[str, float], left: dict[int, Claim]
) -> None:
    try:
        _write_slots([claim], head, known, left)
    except BROKEN:
        logger.exception("group_not_evaluated", extra={"group": claim.group.name})


def _write_slots(
    claims: Sequence[Claim], head: Head, known: Mapping[str, float], left: dict[int, Claim]
) -> None:
    """Evaluate and write; those that are written leave ``left``."""
    works = sorted(load(claims), key=_instant)
    for at_ms, together in groupby(works, key=_instant):
        for work, slot, outcomes in _asked(at_ms, list(together), head, known):
            if _finish(slot, outcomes):
                del left[work.claim.group.pk]


def _instant(work: GroupWork) -> int:
    return work.at_ms


def _asked(
    at_ms: int, works: Sequence[GroupWork], head: Head, known: Mapping[str, float]
) -> Iterator[tuple[GroupWork, Slot, list[Outcome]]]:
    began_at, began = timezone.now(), monotonic()
    verdicts = _verdicts(works, at_ms)
    outcomes = evaluate(works, _asker(at_ms, known), Foreknown(verdicts, head.first))
    seconds = monotonic() - began
    # What was done together took each its share.
    rules = sum(len(work.rules) for work in works) or 1
    for work in works:
        share = seconds * len(work.rules) / rules
        slot = Slot(work.claim, began_at, share, timezone.now())
        yield work, slot, outcomes[work.claim.group.pk]


def _asker(at_ms: int, known: Mapping[str, float]) -> Asker:
    if conf.PROMETHEUS_URL:
        return Counted(RemoteAsker(querier(), at_ms, limits()))
    return Counted(EmbeddedAsker(storage(), at_ms, limits(), known))


def _verdicts(works: Iterable[GroupWork], at_ms: int) -> Mapping[int, Verdict]:
    """What is said of rules before they are asked; nothing where nobody can say."""
    try:
        return judge([rule.row for work in works for rule in work.rules], at_ms)
    except StoreError:
        # Asking for them says it of each.
        return {}


def _finish(slot: Slot, outcomes: Sequence[Outcome]) -> bool:
    """Write one slot; a group whose rows cannot be written delays no other."""
    details = {"group": slot.claim.group.name, "slot": slot.claim.slot_ms}
    try:
        if not persist(slot, outcomes):
            logger.warning("evaluation_overtaken", extra=details)
            return False
    except DatabaseError as error:
        logger.exception("evaluation_not_written", extra={**details, "error": str(error)})
        return False
    _record(slot, outcomes, details)
    return True


def _record(slot: Slot, outcomes: Sequence[Outcome], details: Mapping[str, object]) -> None:
    """Keep the series of a slot that is written; without them history has a gap."""
    if conf.HISTORY <= 0:
        return
    claim = slot.claim
    samples = [sample for outcome in outcomes for sample in written(outcome)]
    silent = {
        one.work.rule.name
        for one in outcomes
        if one.health == Health.ERROR and isinstance(one.work.rule, RecordingRule)
    }
    try:
        is_written = recorded.write(
            current_store(),
            str(claim.group.pk),
            claim.at_ms,
            claim.token,
            samples,
            silent=silent,
            kept_ms=claim.slot_ms,
        )
        if not is_written:
            error = "the store has a later slot or a higher token of this group"
            logger.warning("evaluation_not_recorded", extra={**details, "error": error})
    except (StoreError, ConfigurationError) as error:
        logger.warning("evaluation_not_recorded", extra={**details, "error": str(error)})
