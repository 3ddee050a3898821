"""How delivery stands, in six queries: what waits, what failed, receivers, who was not told."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from django.db.models import (
    BooleanField,
    Count,
    Exists,
    F,
    Func,
    Min,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
)
from django.db.models.functions import Coalesce

from zerostate_monitoring.alerting.delivery.resending import dead_letters, judged
from zerostate_monitoring.models import Alert, Message, OutboxEntry, Receiver
from zerostate_monitoring.models.outbox import MessageState, Notice, OutboxState
from zerostate_monitoring.models.words import AlertState

MOST_RECEIVERS: Final = 100
MOST_WAITING: Final = 30
MOST_DEAD: Final = 50
MOST_UNTOLD: Final = 30
SENT_SINCE: Final = timedelta(hours=1)
_CANARY: Final = "canary"
_LONG_AGO: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Tally:
    """So many messages; since when the oldest of them is there."""

    n: int = 0
    oldest: datetime | None = None

    def plus(self, n: int, oldest: datetime | None) -> Tally:
        """Both together."""
        known = [at for at in (self.oldest, oldest) if at is not None]
        return Tally(self.n + n, min(known, default=None))


@dataclass(frozen=True, slots=True)
class Counts:
    """Messages by state: of all receivers, and of each."""

    all: Mapping[str, Tally] = field(default_factory=dict)
    of: Mapping[int | None, Mapping[str, Tally]] = field(default_factory=dict)


class Stated(Func):
    """A condition with its value written out: SQLite takes a partial index for no parameter."""

    output_field = BooleanField()

    def __init__(self, column: str, condition: str) -> None:
        super().__init__(F(column), template=f"(%(expressions)s {condition})")


_OPEN: Final = Stated("state", "IN ('due', 'leased')")
_DEAD: Final = Stated("state", "= 'dead'")
DUE: Final = Stated("state", "= 'due'")
_TRIED: Final = Stated("attempts", "> 0")


def counts(now: datetime) -> Counts:
    """What is due, leased, and dead and open; what was sent in the last hour. One query.

    The canary's, one a minute, are left out. Each part is found by an index of its own.
    """
    rows = Message.objects.exclude(purpose=_CANARY).order_by()
    parts = (
        rows.filter(_OPEN),
        rows.filter(_DEAD, closed_at=None),
        rows.filter(state=MessageState.SENT, ended_at__gte=now - SENT_SINCE),
    )
    first, *others = (
        part.values_list("state", "receiver").annotate(n=Count("pk"), oldest=Min("created_at"))
        for part in parts
    )
    whole: dict[str, Tally] = defaultdict(Tally)
    of: dict[int | None, dict[str, Tally]] = defaultdict(dict)
    for state, receiver, n, oldest in first.union(*others, all=True):
        whole[state] = whole[state].plus(n, oldest)
        of[receiver][state] = Tally(n, oldest)
    return Counts(whole, of)


def receivers() -> list[Any]:
    """Receivers with their state, their newest answer, and what waits. Two queries."""
    found = with_last_answer(Receiver.objects.select_related("state"))
    found = found.annotate(refused_since=Subquery(_first_refusal()))
    rows: list[Any] = list(found.order_by("name")[:MOST_RECEIVERS])
    waiting = _waiting()
    for row in rows:
        row.waiting, row.leaves_at = waiting.get(row.pk, (0, None))
    return rows


def _first_refusal() -> QuerySet[Any]:
    """When a receiver did not take a message for the first time since it last took one."""
    success = Coalesce(OuterRef("state__last_success_at"), Value(_LONG_AGO))
    given_up = Message.objects.filter(_DEAD, receiver=OuterRef("pk"), attempts__gt=0)
    return given_up.filter(ended_at__gt=success).order_by("ended_at").values("ended_at")[:1]


def with_last_answer(rows: QuerySet[Any]) -> QuerySet[Any]:
    """Receivers with what became of the newest message that each was sent."""
    answered = Message.objects.filter(_TRIED, receiver=OuterRef("pk")).order_by("-pk")
    at = Coalesce("ended_at", "created_at")
    found: QuerySet[Any] = rows.annotate(
        last_message=Subquery(answered.values("pk")[:1]),
        last_status=Subquery(answered.values("status")[:1]),
        last_state=Subquery(answered.values("state")[:1]),
        last_answer=Subquery(answered.values("answer")[:1]),
        last_at=Subquery(answered.annotate(at=at).values("at")[:1]),
    )
    return found


def refusing() -> QuerySet[Any]:
    """Receivers that refused the last message, which nobody has seen to; those that fail are not.

    A closed dead letter has been seen to: a receiver that is told nothing more does not nag.
    """
    rows = with_last_answer(Receiver.objects.filter(enabled=True, state__failing_since=None))
    open_letters = Message.objects.filter(pk=OuterRef("last_message"), closed_at=None)
    is_newest = Q(state__last_success_at=None) | Q(state__last_success_at__lt=F("last_at"))
    return rows.filter(is_newest, Exists(open_letters), last_state=MessageState.DEAD)


def dead_by_receiver(keys: Sequence[int]) -> Mapping[int, int]:
    """How many dead letters that nobody has closed each of these has. One query."""
    rows = Message.objects.filter(_DEAD, closed_at=None, receiver__in=keys).order_by()
    return dict(rows.values_list("receiver").annotate(n=Count("pk")))


def _waiting() -> Mapping[int, tuple[int, datetime | None]]:
    """How many notices wait for the next message of each receiver, and when it leaves."""
    rows = OutboxEntry.objects.filter(DUE).order_by().values_list("receiver")
    found = rows.annotate(n=Count("pk"), at=Min("group__flush_at"))
    return {receiver: (n, at) for receiver, n, at in found}


def on_their_way() -> list[Message]:
    """Messages that are due or being sent, in the order in which they are tried."""
    rows = Message.objects.filter(_OPEN)
    rows = rows.exclude(purpose=_CANARY).defer("payload")
    return list(rows.order_by("next_try_at", "pk")[: MOST_WAITING + 1])


def open_letters(keys: Sequence[int] | None = None, receiver: int | None = None) -> QuerySet[Any]:
    """Dead letters that nobody has closed, newest first, each judged: some, or of a receiver."""
    rows = dead_letters()
    if keys is not None:
        rows = rows.filter(pk__in=keys)
    if receiver is not None:
        rows = rows.filter(receiver=receiver)
    return judged(rows.select_related("receiver").defer("payload")).order_by("-pk")


def untold() -> list[Any]:
    """Firing alerts that no receiver was told of, with what became of the newest notice."""
    told = OutboxEntry.objects.filter(alert=OuterRef("pk"))
    fires = told.exclude(notice=Notice.RESOLVED)
    newest = fires.order_by("-pk")
    rows = Alert.objects.filter(state=AlertState.FIRING, observed=False)
    rows = rows.filter(~Exists(fires.filter(state=OutboxState.SENT))).annotate(
        notice_state=Subquery(newest.values("state")[:1]),
        notice_reason=Subquery(newest.values("reason")[:1]),
        notice_receiver=Subquery(newest.values("receiver__name")[:1]),
        notice_message=Subquery(newest.values("message")[:1]),
    )
    return list(rows.order_by("-fired_at", "-pk")[: MOST_UNTOLD + 1])
