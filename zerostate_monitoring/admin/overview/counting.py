"""What the database knows of how things stand: a constant and small number of queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from django.db.models import (
    BigIntegerField,
    Case,
    CharField,
    Count,
    F,
    IntegerField,
    Max,
    Min,
    Q,
    QuerySet,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Cast, Coalesce

from zerostate_monitoring.admin.delivery.standing import refusing
from zerostate_monitoring.admin.words import GRAVE, with_expr
from zerostate_monitoring.models import (
    Alert,
    Evaluation,
    GroupState,
    Message,
    Node,
    ReceiverState,
    RouteStep,
    Rule,
    RuleGroup,
    Silence,
)
from zerostate_monitoring.models.outbox import MessageState
from zerostate_monitoring.models.words import LIVE, AlertState, Health, Severity
from zerostate_monitoring.notifiers.canary import CanaryNotifier

LATE_INTERVALS: Final = 4
MISSED_WITHIN: Final = timedelta(hours=1)

_GRAVENESS: Final = Case(
    *(When(severity=one, then=Value(place)) for place, one in enumerate(GRAVE)),
    default=Value(len(GRAVE)),
    output_field=IntegerField(),
)


# -- alerts -----------------------------------------------------------------------


@dataclass(slots=True)
class Standing:
    """Alerts of one severity, or of one rule with it, that live; and since when."""

    firing: int = 0
    acknowledged: int = 0
    pending: int = 0
    unrouted: int = 0
    observed: int = 0
    firing_since: datetime | None = None
    pending_since: datetime | None = None


_COUNTED: Final = ("firing", "acknowledged", "pending", "unrouted", "observed")

Kind = tuple[str, str]
"""The severity of an alert, and the name of its rule."""


def alerts_by_kind() -> dict[Kind, Standing]:
    """How many alerts live, by severity and rule. One query."""
    is_firing = Q(state=AlertState.FIRING)
    rows = (
        Alert.objects.filter(state__in=LIVE)
        .order_by()
        .values("severity", "rule_name")
        .annotate(
            firing=Count("pk", filter=is_firing),
            taken=Count("pk", filter=is_firing & Q(acknowledged_at__isnull=False)),
            pending=Count("pk", filter=~is_firing),
            unrouted=Count("pk", filter=Q(is_unrouted=True)),
            looked_at=Count("pk", filter=is_firing & Q(observed=True)),
            oldest=Min("fired_at", filter=is_firing),
            first_seen=Min("started_at", filter=~is_firing),
        )
    )
    return {
        (row["severity"], row["rule_name"]): Standing(
            row["firing"], row["taken"], row["pending"], row["unrouted"], row["looked_at"],
            row["oldest"], row["first_seen"],
        )
        for row in rows
    }  # fmt: skip


def by_severity(kinds: Mapping[Kind, Standing]) -> dict[str, Standing]:
    """The same, whatever the rules are. Pure."""
    found: dict[str, Standing] = defaultdict(Standing)
    for (severity, _rule), one in kinds.items():
        total = found[severity]
        for name in _COUNTED:
            setattr(total, name, getattr(total, name) + getattr(one, name))
    return dict(found)


def live_alerts(most: int) -> list[Alert]:
    """What fires, then what is pending: the gravest, what nobody has, the newest. One query.

    What has the severity ``none`` fires by design, and is for nobody.
    """
    taken = Case(
        When(acknowledged_at=None, then=Value(0)), default=Value(1), output_field=IntegerField()
    )
    is_pending = Case(
        When(state=AlertState.FIRING, then=Value(0)), default=Value(1), output_field=IntegerField()
    )
    rows = Alert.objects.filter(state__in=LIVE).exclude(severity=Severity.NONE)
    newest = Coalesce("fired_at", "started_at").desc()
    return list(
        with_expr(rows.select_related("acknowledged_by")).order_by(
            is_pending, _GRAVENESS, taken, newest, "-pk"
        )[:most]
    )


# -- the rest ---------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Found:
    """What was counted of one kind; rows are key and name."""

    count: int = 0
    rows: Sequence[tuple[int, str]] = ()

    @property
    def names(self) -> list[str]:
        """Their names, in order."""
        return [name for _key, name in self.rows]


@dataclass(frozen=True, slots=True)
class Counted:
    """What was counted, by what it is."""

    kinds: dict[str, Found] = field(default_factory=dict)

    def __getitem__(self, kind: str) -> Found:
        return self.kinds.get(kind, Found())


def count(now: datetime) -> Counted:
    """All that is counted beside alerts. One query, whatever there is."""
    first, *others = (*_counts(now), *_names(now))
    kinds: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for kind, number, name in first.union(*others, all=True):
        kinds[kind].append((number, name))
    return Counted({kind: _found(rows) for kind, rows in kinds.items()})


def _found(rows: list[tuple[int, str]]) -> Found:
    """A count has no name; a row has."""
    if len(rows) == 1 and not rows[0][1]:
        return Found(rows[0][0] or 0)
    return Found(len(rows), sorted(rows, key=lambda row: row[1]))


def _counts(now: datetime) -> list[QuerySet[Any, Any]]:
    opened = (MessageState.DUE, MessageState.LEASED)
    rules = Rule.objects.filter(enabled=True, group__enabled=True)
    recent = Evaluation.objects.filter(started_at__gt=now - MISSED_WITHIN)
    silences = Silence.objects.filter(starts_at__lte=now, ends_at__gt=now)
    steps = RouteStep.objects.filter(route__enabled=True, receiver__enabled=True)
    # The canary tells nobody but the app itself.
    ways_out = steps.exclude(receiver__kind=CanaryNotifier.kind)
    return [
        _count("dead", Message.objects.filter(state=MessageState.DEAD, closed_at=None)),
        _count("under way", Message.objects.filter(state__in=opened)),
        _count("silences", silences),
        _count("rules", rules),
        *(_count(health, rules.filter(state__health=health)) for health in _HEALTHS),
        _count("missed", recent, Sum("missed_before")),
        _count("newest slot", GroupState.objects.all(), Max("last_slot_ms")),
        _count("nodes", Node.objects.filter(enabled=True)),
        _count("ways out", ways_out),
    ]


_HEALTHS: Final = tuple(
    one.value
    for one in (Health.ERROR, Health.NO_DATA, Health.STALE, Health.DORMANT, Health.WAITING)
)


def _names(now: datetime) -> list[QuerySet[Any, Any]]:
    now_ms = int(now.timestamp() * 1000)
    groups = RuleGroup.objects.filter(enabled=True, rules__enabled=True).distinct()
    last = Coalesce("state__last_slot_ms", Value(0), output_field=BigIntegerField())
    due = F("last") + Cast(
        F("interval_seconds") * Value(1000.0 * LATE_INTERVALS), BigIntegerField()
    )
    late = groups.annotate(last=last).annotate(due=due).filter(due__lt=now_ms)
    failing = ReceiverState.objects.filter(receiver__enabled=True, failing_since__isnull=False)
    return [
        _rows("late", late, "name"),
        _rows("failing", failing, "receiver__name"),
        _rows("refusing", refusing(), "name"),
    ]


def _count(kind: str, rows: QuerySet[Any], what: Any = None) -> QuerySet[Any, Any]:
    number = Cast(Coalesce(what or Count("pk"), Value(0)), BigIntegerField())
    kept: QuerySet[Any, Any] = rows.order_by().annotate(told=_text(kind)).values("told")
    found: QuerySet[Any, Any] = kept.annotate(number=number, called=_text(""))
    return found.values_list("told", "number", "called")


def _rows(kind: str, rows: QuerySet[Any], name: str) -> QuerySet[Any, Any]:
    found: QuerySet[Any, Any] = rows.order_by().annotate(
        told=_text(kind), number=Cast("pk", BigIntegerField()), called=F(name)
    )
    return found.values_list("told", "number", "called")


def _text(text: str) -> Value:
    return Value(text, output_field=CharField())
