"""Silences and maintenance windows of some days, as a calendar shows them. Four queries at most."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any, Final, Literal

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from zerostate_monitoring.admin.holding.state import silence_state, window_state
from zerostate_monitoring.alerting.suppression.hits import Hits, hits_among
from zerostate_monitoring.exceptions import RuleError
from zerostate_monitoring.models import Alert, AlertEvent, MaintenanceWindow, Silence
from zerostate_monitoring.models.suppression import WindowKind
from zerostate_monitoring.models.words import EventKind, in_words
from zerostate_monitoring.rules.windows import Span, zone_of

Kind = Literal["silence", "window"]
Standing = Literal["now", "to come", "over", "broken"]

MOST_OPEN: Final = 60
MOST_OVER: Final = 30
MOST_WINDOWS: Final = 200
_MOST_EVENTS: Final = 5_000
_NONE: Final[Mapping[tuple[str, int], int]] = MappingProxyType({})
_ORDER: Final[Mapping[str, int]] = {"broken": 0, "now": 1, "to come": 2, "over": 3}


@dataclass(frozen=True, slots=True)
class Reach:
    """What is shown: from one instant up to another, seen from now."""

    start: datetime
    end: datetime
    now: datetime

    @classmethod
    def of(cls, now: datetime, past: int, following: int) -> Reach:
        """So many days back, so many ahead."""
        return cls(now - timedelta(days=past), now + timedelta(days=following), now)


@dataclass(frozen=True, slots=True)
class Entry:
    """One silence or window: when, by whom, and what it holds back."""

    kind: Kind
    row: Any
    name: str
    standing: Standing
    badge: tuple[str, str, str]
    spans: Sequence[Span]
    hits: Hits
    held: int = 0
    """Alerts that it has held back in these days."""

    @property
    def matchers(self) -> str:
        """As they were written."""
        return str(self.row.matchers)

    @property
    def is_once(self) -> bool:
        """Whether it ends, so that its end can be another."""
        return self.kind == "silence" or self.row.kind == WindowKind.ONCE

    @property
    def ends_at(self) -> datetime | None:
        """Its end; of a window that comes every week, that of its next time."""
        if self.is_once:
            end: datetime | None = self.row.ends_at
            return end
        return next((s.ends_at for s in self.spans if self.standing != "over"), None)

    def told(self) -> str:
        """What it holds back, held back, or would."""
        if self.hits.fault:
            return _("It holds nothing back: %s") % in_words(self.hits.fault)
        counts = ngettext("%(n)d alert", "%(n)d alerts", self.held) % {"n": self.held}
        if self.standing == "over":
            return _("Held back %s.") % counts if self.held else _("Held nothing back.")
        if self.standing == "now":
            return _holds(self.hits)
        return _would_hold(self.hits)


def _holds(hits: Hits) -> str:
    n = len(hits.firing)
    if not n:
        return _("Holds nothing back now.")
    return ngettext("Holds %(n)d firing alert back.", "Holds %(n)d firing alerts back.", n) % {
        "n": n
    }


def _would_hold(hits: Hits) -> str:
    n = len(hits.firing)
    if not n:
        return _("Would hold nothing back of what fires now.")
    return ngettext(
        "Would hold %(n)d of the alerts back that fire now.",
        "Would hold %(n)d of the alerts back that fire now.",
        n,
    ) % {"n": n}


def silences_of(reach: Reach) -> tuple[list[Silence], bool]:
    """Silences of these days, those that have not ended first; whether there are more."""
    rows = Silence.objects.filter(starts_at__lt=reach.end, ends_at__gt=reach.start)
    open_rows = list(rows.filter(ends_at__gt=reach.now).order_by("ends_at")[: MOST_OPEN + 1])
    over = rows.filter(ends_at__lte=reach.now).order_by("-ends_at")
    past = list(over[: MOST_OVER + 1])
    is_cut = len(open_rows) > MOST_OPEN or len(past) > MOST_OVER
    return open_rows[:MOST_OPEN] + past[:MOST_OVER], is_cut


def windows_of() -> list[MaintenanceWindow]:
    """All windows: they are few, and when they come is worked out."""
    return list(MaintenanceWindow.objects.order_by("name")[:MOST_WINDOWS])


def entries_of(
    silences: Iterable[Silence],
    windows: Iterable[MaintenanceWindow],
    reach: Reach,
    alerts: Sequence[Alert] = (),
    held: Mapping[tuple[str, int], int] = _NONE,
) -> list[Entry]:
    """What stands in a calendar: what is broken or holds now first, then what comes, then the rest.

    Hits are those among ``alerts``, and what has been held back is what ``held_by`` says.
    Windows that are switched off, and those that do not come in these days, are left out.
    """
    found = [_silence(row, reach, alerts, held) for row in silences]
    found += [one for row in windows if (one := _window(row, reach, alerts, held)) is not None]
    return sorted(found, key=lambda one: (_ORDER[one.standing], _moment(one, reach)))


def _moment(entry: Entry, reach: Reach) -> float:
    """What ends, or begins, sooner stands above; of what is over, what ended last."""
    if entry.standing == "over":
        return -max((s.ends_at for s in entry.spans), default=reach.start).timestamp()
    if entry.standing == "to come" and entry.spans:
        return entry.spans[0].starts_at.timestamp()
    return (entry.ends_at or reach.end).timestamp()


def _silence(
    row: Silence, reach: Reach, alerts: Sequence[Alert], held: Mapping[tuple[str, int], int]
) -> Entry:
    hits = Hits() if row.ends_at <= reach.now else hits_among(row.matchers, alerts)
    span = Span(row.starts_at, row.ends_at)
    standing = _standing([span], reach.now, is_broken=bool(hits.fault))
    badge = silence_state(row, reach.now)
    count = held.get(("silence", row.pk), 0)
    return Entry("silence", row, row.comment or row.matchers, standing, badge, [span], hits, count)


def _window(
    row: MaintenanceWindow,
    reach: Reach,
    alerts: Sequence[Alert],
    held: Mapping[tuple[str, int], int],
) -> Entry | None:
    if not row.enabled:
        return None
    try:
        zone_of(row.zone)
        spans = row.schedule().between(reach.start, reach.end)
    except (RuleError, OverflowError) as error:
        fault = Hits(fault=str(error))
        badge = window_state(row, reach.now)
        return Entry("window", row, row.name, "broken", badge, [], fault)
    if not spans:
        return None
    hits = hits_among(row.matchers, alerts)
    standing = _standing(spans, reach.now, is_broken=bool(hits.fault))
    badge = window_state(row, reach.now)
    count = held.get(("window", row.pk), 0)
    return Entry("window", row, row.name, standing, badge, spans, hits, count)


def _standing(spans: Sequence[Span], now: datetime, *, is_broken: bool) -> Standing:
    if all(span.ends_at <= now for span in spans):
        return "over"
    if is_broken:
        return "broken"
    return "now" if any(span.holds(now) for span in spans) else "to come"


def held_by(reach: Reach) -> dict[tuple[str, int], int]:
    """How many alerts each silence and window has held back in these days, as the trails say.

    Of very many, the newest are counted.
    """
    events = AlertEvent.objects.filter(kind=EventKind.SUPPRESSED, at__gte=reach.start)
    rows = events.order_by("-at").values_list("alert_id", "detail")[:_MOST_EVENTS]
    found: dict[tuple[str, int], set[int]] = defaultdict(set)
    for alert, detail in rows:
        kind, key = detail.get("kind"), detail.get("pk")
        if kind in {"silence", "window"} and isinstance(key, int):
            found[kind, key].add(alert)
    return {key: len(alerts) for key, alerts in found.items()}
