"""Freezes messages: what is told is decided, composed and stored before it is sent.

Some groups at a time are claimed for a minute by a conditional update, then read and composed
outside of any transaction; one transaction writes what came of them, if the claims still hold.
Where it cannot, each group has a transaction of its own. Entries that come meanwhile wait for
the next flush.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from time import monotonic
from typing import Final
from uuid import uuid4

from django.conf import settings
from django.db import DatabaseError, DataError, transaction
from django.db.models import Q
from django.utils import translation

from zerostate_monitoring.alerting.delivery.composing import batch_of
from zerostate_monitoring.alerting.delivery.deciding import Plan, Read, ReasonFor, decide
from zerostate_monitoring.alerting.delivery.freezing import Flush, Frozen, freeze
from zerostate_monitoring.alerting.delivery.guarding import guarded
from zerostate_monitoring.alerting.delivery.parting import Part, parts_of
from zerostate_monitoring.alerting.delivery.pasts import Past, pasts_of
from zerostate_monitoring.alerting.delivery.places import digest, place_of_row
from zerostate_monitoring.alerting.delivery.reading import read
from zerostate_monitoring.alerting.delivery.retelling import Retelling
from zerostate_monitoring.alerting.routing import Routing, load
from zerostate_monitoring.models import Alert, NotificationGroup
from zerostate_monitoring.notifiers import notifier_of, target_of
from zerostate_monitoring.notifiers.base import Composed

logger = logging.getLogger(__name__)

CLAIM: Final = timedelta(seconds=60)
MOST_GROUPS: Final = 50
AT_ONCE: Final = 25
"""Groups that are claimed, read and stored together."""

PAST_SECONDS: Final = 3.0
"""What pictures may cost all messages of a flush together: without them they leave as well."""


@dataclass(slots=True)
class Asking:
    """What composing may still cost, and the errors that end it, such as a worker's time limit."""

    now: datetime
    is_over: Callable[[], bool] = lambda: False
    stops: tuple[type[BaseException], ...] = ()
    left: float = PAST_SECONDS
    over: bool = False
    retelling: Retelling = field(default_factory=Retelling)
    _routing: Routing | None = None

    def has_time(self) -> bool:
        """Whether one more group may be looked at."""
        self.over = self.over or self.is_over()
        return not self.over

    def routing(self) -> Routing:
        """The routes as they are now, read once for all groups, and only if one asks."""
        if self._routing is None:
            self._routing = load()
        return self._routing

    @property
    def ends(self) -> tuple[type[BaseException], ...]:
        """Errors that are no fault of a message."""
        return (DatabaseError, *self.stops)

    def pasts(self, alerts: Sequence[Alert]) -> Mapping[int, Past]:
        """What led to the alerts, as long as there is time for it."""
        if self.left <= 0:
            return {}
        began = monotonic()
        try:
            return pasts_of(alerts, self.now)
        finally:
            self.left -= monotonic() - began


def flush_due(
    now: datetime,
    reason_for: ReasonFor,
    *,
    is_over: Callable[[], bool] = lambda: False,
    stops: tuple[type[BaseException], ...] = (),
) -> int:
    """Flush groups that are due, at most ``MOST_GROUPS``; returns how many were flushed."""
    rows = NotificationGroup.objects.filter(_is_free(now), flush_at__lte=now)
    due = list(rows.order_by("flush_at", "pk").values_list("pk", flat=True)[:MOST_GROUPS])
    asking, done = Asking(now, is_over, stops), 0
    for start in range(0, len(due), AT_ONCE):
        keys = due[start : start + AT_ONCE]
        done += guarded(partial(_flush, keys, reason_for, asking), 0, "flush_failed", keys)
        if asking.over:
            break
    return done


def _flush(keys: Sequence[int], reason_for: ReasonFor, asking: Asking) -> int:
    token = uuid4().hex
    left = deque(_claim(keys, token, asking.now))
    # Where they cannot be read together, one that breaks keeps no other from being read.
    reads = guarded(partial(read, left, asking.routing), None, "not_read_at_once", keys)
    flushes: list[Flush] = []
    try:
        while left and asking.has_time():
            group = left.popleft()
            work = partial(_prepared, group, token, reads, reason_for, asking)
            if (flush := guarded(work, None, "flush_failed", group.key)) is not None:
                flushes.append(flush)
    finally:
        _release(left, token)
    return _store(flushes, asking.now)


def _is_free(now: datetime) -> Q:
    return Q(claimed_until=None) | Q(claimed_until__lte=now)


def _claim(keys: Sequence[int], token: str, now: datetime) -> Sequence[NotificationGroup]:
    """Those of the groups that nobody else has, as they are now."""
    rows = NotificationGroup.objects.filter(pk__in=keys)
    due = rows.filter(_is_free(now), flush_at__lte=now)
    with transaction.atomic():
        # Whoever writes to one holds it for a moment: it is left to the next flush.
        free = due.select_for_update(skip_locked=True).values("pk")
        if not rows.filter(pk__in=free).update(claimed_until=now + CLAIM, claim_token=token):
            return ()
    mine = rows.filter(claim_token=token).select_related("route", "receiver")
    return list(mine.order_by("flush_at", "pk"))


def _release(groups: Collection[NotificationGroup], token: str) -> None:
    if groups:
        rows = NotificationGroup.objects.filter(pk__in=[group.pk for group in groups])
        rows.filter(claim_token=token).update(claim_token="", claimed_until=None)


def _prepared(
    group: NotificationGroup,
    token: str,
    reads: Mapping[int, Read] | None,
    reason_for: ReasonFor,
    asking: Asking,
) -> Flush:
    found = (read([group], asking.routing) if reads is None else reads)[group.pk]
    place = place_of_row(group)
    plan = decide(found, place, reason_for, asking.now)
    return Flush(group, token, plan, place, tuple(_compose(group, plan, asking)))


def _store(flushes: Sequence[Flush], now: datetime) -> int:
    """Freeze them together, or else each for itself; returns how many groups were looked at."""
    if len(flushes) > 1 and guarded(partial(freeze, flushes, now), False, "not_at_once", ""):
        return len(flushes)
    return sum(
        guarded(partial(_store_one, one, now), False, "flush_failed", one.group.key)
        for one in flushes
    )


def _store_one(flush: Flush, now: datetime) -> bool:
    """Freeze; what the database does not take as it was composed is a dead letter."""
    try:
        if not freeze([flush], now):
            _release([flush.group], flush.token)
    except (DataError, TypeError, ValueError) as error:
        if all(one.fault for one in flush.messages):
            raise
        logger.exception("message_not_stored", extra={"group": flush.group.key})
        fault = f"It could not be stored: {type(error).__name__}: {error}"
        broken = [replace(one, composed=Composed("", {}), fault=fault) for one in flush.messages]
        freeze([replace(flush, messages=tuple(broken))], now)
    return True


def _compose(group: NotificationGroup, plan: Plan, asking: Asking) -> Iterator[Frozen]:
    """The messages as they will be stored; none where there is nothing to send.

    A message that cannot be composed is stored as well, as a dead letter.
    """
    if not plan.sends:
        return
    notifier = notifier_of(group.receiver.kind)
    for part in parts_of(plan, notifier.max_alerts, tells_each=notifier.tells_each):
        key = _key_of(group, plan, part)
        try:
            yield Frozen(key, _composed(group, key, part, asking), part)
        except asking.ends:
            raise  # That is no fault of the message: it is flushed when its claim has ended.
        except Exception as error:  # A receiver that cannot be written to must not delay others.
            logger.exception("message_not_composed", extra={"receiver": group.receiver.name})
            fault = f"It could not be composed: {type(error).__name__}: {error}"
            yield Frozen(key, Composed("", {}), part, fault)


def _composed(group: NotificationGroup, key: str, part: Part, asking: Asking) -> Composed:
    notifier, target = notifier_of(group.receiver.kind), target_of(group.receiver)
    pasts = asking.pasts([told.alert for told in part.lines]) if notifier.tells_past else {}
    # Who reads it is not whoever works here: it speaks the language of the installation.
    with translation.override(settings.LANGUAGE_CODE):
        return notifier.compose(batch_of(group, key, part, pasts, asking.retelling), target)


def _key_of(group: NotificationGroup, plan: Plan, part: Part) -> str:
    """The idempotency key: the same for the same entries of the same group."""
    lines = (*part.lines, *part.counted)
    entries = sorted(told.entry.pk for told in lines if told.entry is not None)
    repeated = {alert.pk for alert in plan.repeated}
    again = sorted(told.alert.pk for told in lines if told.alert.pk in repeated)
    return digest(group.key, entries, again, str(group.told_at or ""))
