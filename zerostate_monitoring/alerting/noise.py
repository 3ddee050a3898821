"""Which rules cost how much attention: counted by the database, a few queries for all rules."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db.models import (
    Count,
    DateTimeField,
    DurationField,
    Exists,
    ExpressionWrapper,
    F,
    Min,
    OuterRef,
    Q,
    QuerySet,
    Sum,
    Value,
    Window,
)
from django.db.models.functions import Coalesce, Greatest, Lag, Least, RowNumber

from zerostate_monitoring.models import Alert, AlertEvent, OutboxEntry
from zerostate_monitoring.models.words import EventKind, Severity, Verdict

FLAPPING: Final = timedelta(minutes=15)
"""An alert that fires again so soon after its end flaps."""

_Medians = Mapping[str, tuple[int, timedelta]]
"""By name, how many were measured, and the one in the middle."""

_NONE: Final = (0, None)


@dataclass(frozen=True, slots=True)
class Noise:
    """What one rule did in a period, by its alerts' name: rules that are gone count, too.

    ``fired``, the verdicts, ``never_acknowledged`` and ``flapping`` count alerts that fired in
    the period, ``firing`` is the time that all its alerts fired in it, ``messages`` are those
    that were sent in it. Medians are of alerts that fired in it; ``None``: there are none.
    """

    name: str
    severity: str = ""
    fired: int = 0
    firing: timedelta = timedelta()
    messages: int = 0
    useful: int = 0
    noise: int = 0
    never_acknowledged: int = 0
    flapping: int = 0
    to_acknowledge: timedelta | None = None
    to_resolve: timedelta | None = None

    @property
    def share_of_noise(self) -> float | None:
        """Of those that were judged."""
        judged = self.useful + self.noise
        return self.noise / judged if judged else None


def noise(since: datetime, until: datetime) -> list[Noise]:
    """The rules whose alerts fired between two instants, the noisiest first.

    Noisy is what sends most; of two that send as much, what fires more often, then longer. What
    has the severity none, such as a watchdog, is for nobody to act on, and no noise.
    """
    fired = Alert.objects.filter(fired_at__gte=since, fired_at__lt=until).order_by()
    facts = _joined(
        _counts(fired),
        _firing(since, until),
        _messages(since, until),
        _flapping(since, until),
    )
    taken, resolved = _acknowledged(since, until), _resolved(fired)
    rows = [
        _row(name, values, taken, resolved)
        for name, values in facts.items()
        if values.pop("grave", 1)
    ]
    return sorted(rows, key=lambda row: (-row.messages, -row.fired, -row.firing, row.name))


def _row(name: str, values: dict[str, Any], taken: _Medians, resolved: _Medians) -> Noise:
    number, to_acknowledge = taken.get(name, _NONE)
    return Noise(
        name,
        never_acknowledged=values.get("fired", 0) - number,
        to_acknowledge=to_acknowledge,
        to_resolve=resolved.get(name, _NONE)[1],
        **values,
    )


def _joined(*tables: Iterable[Any]) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for table in tables:
        for row in table:
            name = row.pop("rule_name")
            found.setdefault(name, {}).update(row)
    return found


def _counts(fired: QuerySet[Alert]) -> Iterable[Any]:
    return fired.values("rule_name").annotate(
        fired=Count("pk"),
        useful=Count("pk", filter=Q(verdict=Verdict.USEFUL)),
        noise=Count("pk", filter=Q(verdict=Verdict.NOISE)),
        severity=Min("severity"),
    )


def _firing(since: datetime, until: datetime) -> Iterable[Any]:
    """The time in the period, also of alerts that fired before it or have not ended."""
    begin = Greatest(F("fired_at"), _moment(since))
    end = Least(Coalesce(F("ended_at"), _moment(until)), _moment(until))
    length = ExpressionWrapper(end - begin, output_field=DurationField())
    named = _alive(since, until).values("rule_name")
    # Of a rule whose alerts all have the severity none, nothing is for people.
    return named.annotate(firing=Sum(length), grave=Count("pk", filter=~Q(severity=Severity.NONE)))


def _alive(since: datetime, until: datetime) -> QuerySet[Alert]:
    has_lasted = Q(ended_at=None) | Q(ended_at__gt=since)
    return Alert.objects.filter(has_lasted, fired_at__lt=until).order_by()


def _moment(at: datetime) -> Value:
    return Value(at, output_field=DateTimeField())


def _messages(since: datetime, until: datetime) -> Iterable[Any]:
    """Each message once for each rule that it tells of."""
    # What was sent has ended no earlier, and the index is of that: no scan of all that was told.
    sent = OutboxEntry.objects.filter(
        message__ended_at__gte=since, message__sent_at__gte=since, message__sent_at__lt=until
    )
    named = sent.order_by().values(rule_name=F("alert__rule_name"))
    return list(named.annotate(messages=Count("message", distinct=True)))


def _flapping(since: datetime, until: datetime) -> Iterable[Any]:
    """Alerts that had ended shortly before they fired."""
    seen = Alert.objects.filter(fired_at__gte=since - FLAPPING, fired_at__lt=until)
    before = Window(
        Lag("ended_at"), partition_by=[F("rule_name"), F("fingerprint")], order_by="fired_at"
    )
    again = seen.annotate(before=before).filter(
        fired_at__gte=since, before__gt=F("fired_at") - Value(FLAPPING)
    )
    return _counted(again)


def _counted(rows: QuerySet[Alert]) -> Iterable[Any]:
    """By name, in Python: a database groups nothing that a window has filtered."""
    found: dict[str, int] = {}
    for name in rows.order_by().values_list("rule_name", flat=True).iterator():
        found[name] = found.get(name, 0) + 1
    return [{"rule_name": name, "flapping": n} for name, n in found.items()]


# -- medians ---------------------------------------------------------------------


def _acknowledged(since: datetime, until: datetime) -> _Medians:
    """How long it took until somebody first took an alert on; it may have been given back since.

    Found from the events, not for each alert: people acknowledge fewer than fire.
    """
    events = AlertEvent.objects.filter(
        kind=EventKind.ACKNOWLEDGED,
        at__gte=since,
        alert__fired_at__gte=since,
        alert__fired_at__lt=until,
    )
    before = AlertEvent.objects.filter(
        alert=OuterRef("alert"), kind=EventKind.ACKNOWLEDGED, pk__lt=OuterRef("pk")
    )
    taken = events.exclude(Exists(before)).order_by()
    return _medians(taken, F("at") - F("alert__fired_at"), "alert__rule_name")


def _resolved(fired: QuerySet[Alert]) -> _Medians:
    return _medians(fired.exclude(ended_at=None), F("ended_at") - F("fired_at"))


def _medians(rows: QuerySet[Any], length: Any, name: str = "rule_name") -> _Medians:
    """The median by name: the database numbers the rows, and gives the one or two in the middle."""
    measured = rows.annotate(length=ExpressionWrapper(length, output_field=DurationField()))
    numbered = measured.annotate(
        count=Window(Count("pk"), partition_by=F(name)),
        place=Window(RowNumber(), partition_by=F(name), order_by="length"),
    )
    middle = numbered.filter(count__lte=F("place") * 2, count__gte=F("place") * 2 - 2)
    found: dict[str, list[timedelta]] = {}
    counts: dict[str, int] = {}
    for of, one, counts[of] in middle.order_by().values_list(name, "length", "count"):
        found.setdefault(of, []).append(one)
    return {of: (counts[of], sum(both, timedelta()) / len(both)) for of, both in found.items()}
