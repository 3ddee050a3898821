"""A calendar's picture and table, made of entries."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Final

from django.template.defaultfilters import date
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from zerostate_monitoring.admin import display, words
from zerostate_monitoring.admin.holding.adjusting import DISABLE, END, LENGTHS, seen_of
from zerostate_monitoring.admin.holding.entries import Entry, Reach
from zerostate_monitoring.admin.holding.showing import matchers_line
from zerostate_monitoring.charts.calendar import Days, Lane, Stretch, calendar
from zerostate_monitoring.charts.text import printable
from zerostate_monitoring.models import Alert
from zerostate_monitoring.rules.windows import Span

MOST_ALERTS: Final = 5
_LONG_DAYS: Final = 28
_LONGEST: Final = 160
"""Letters of a name and of matchers in the table; all of them stand on the row's own page."""

_WORDS: Final = {
    "now": gettext_lazy("holds back now"),
    "to come": gettext_lazy("to come"),
    "over": gettext_lazy("over"),
    "broken": gettext_lazy("broken"),
}


def picture_of(entries: Sequence[Entry], reach: Reach) -> SafeString:
    """One lane for each entry."""
    zone = timezone.get_current_timezone()
    long = (reach.end - reach.start).days > _LONG_DAYS
    days = Days(
        _ms(reach.start),
        _ms(reach.end),
        _ms(reach.now),
        zone,
        lambda at: str(date(at, "m-d" if long else "D j")),
        _("now: %s") % words.clock(reach.now),
        None if long else lambda at: str(date(at, "D j M")),
    )
    drawn = calendar([_lane(entry, reach) for entry in entries], days, _told(entries))
    # Made of numbers, known words and escaped names alone.
    return mark_safe(drawn)  # noqa: S308


def _ms(at: datetime) -> int:
    return round(at.timestamp() * 1000)


def _told(entries: Sequence[Entry]) -> str:
    now = sum(entry.standing == "now" for entry in entries)
    coming = sum(entry.standing == "to come" for entry in entries)
    said = ngettext(
        "Calendar of %(n)d silence or window: %(now)d hold back now, %(coming)d to come",
        "Calendar of %(n)d silences and windows: %(now)d hold back now, %(coming)d to come",
        len(entries),
    )
    return said % {"n": len(entries), "now": now, "coming": coming}


def _lane(entry: Entry, reach: Reach) -> Lane:
    return Lane(
        _short(entry.name),
        tuple(_stretches(entry, reach)),
    )


def _stretches(entry: Entry, reach: Reach) -> Iterator[Stretch]:
    for span in entry.spans:
        kind = "broken" if entry.standing == "broken" else _kind(span, reach.now)
        told = f"{_WORDS[kind]}: {words.clock(span.starts_at)} – {words.clock(span.ends_at)}"
        yield Stretch(_ms(span.starts_at), _ms(span.ends_at), kind, f"{told} {span.remark}".strip())


def _kind(span: Span, now: datetime) -> str:
    if span.holds(now):
        return "now"
    return "over" if span.ends_at <= now else "to come"


@dataclass(frozen=True, slots=True)
class Button:
    """One thing that can be done: what is sent, and what it says."""

    value: str
    text: str


@dataclass(frozen=True, slots=True)
class Line:
    """An entry as a row of the table."""

    entry: Entry
    badge: SafeString
    name: str
    matchers: str
    when: str
    remark: str
    why: str
    who: str
    told: str
    url: str
    may_change: bool
    seen: str
    extending: Sequence[Button]
    ending: Button | None
    alerts: Sequence[Alert]
    more: int


def lines_of(
    entries: Iterable[Entry], reach: Reach, urls: Mapping[str, str], may: Mapping[str, bool]
) -> list[Line]:
    """Rows of the table; ``urls`` are patterns of addresses and ``may`` rights, by kind."""
    return [_line(entry, reach, urls[entry.kind], may=may[entry.kind]) for entry in entries]


def _line(entry: Entry, reach: Reach, url: str, *, may: bool) -> Line:
    row, is_open = entry.row, entry.standing != "over"
    firing = entry.hits.firing
    return Line(
        entry=entry,
        badge=display.badge(*entry.badge),
        name=_short(entry.name),
        matchers=_short(matchers_line(entry.matchers)),
        when=when_of(entry, reach),
        remark=next((s.remark for s in entry.spans if s.remark and s.ends_at > reach.now), ""),
        why=_short(row.comment) if entry.kind == "window" else "",
        who=printable(row.author[:80]),
        told=entry.told(),
        url=url.replace("/0/", f"/{row.pk}/"),
        may_change=may and is_open,
        seen=seen_of(row),
        extending=list(_extending(entry)) if is_open else (),
        ending=_ending(entry, reach) if is_open else None,
        alerts=list(islice(firing, MOST_ALERTS)) if is_open else (),
        more=max(len(firing) - MOST_ALERTS, 0),
    )


def _short(text: str) -> str:
    """A text of somebody's, in which nothing steers what stands around it."""
    return printable(text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…")


def when_of(entry: Entry, reach: Reach) -> str:
    """When it is, in words: the time it is in, or the next, or the last."""
    if not entry.spans:
        return str(display.EMPTY)
    ahead = [span for span in entry.spans if span.ends_at > reach.now]
    span = ahead[0] if ahead else entry.spans[-1]
    said = _span(span)
    others = len(entry.spans) - 1
    if entry.is_once or not others:
        return said
    return _("%(span)s, and %(n)d more times in these days") % {"span": said, "n": others}


def _span(span: Span) -> str:
    """From when until when; the day once, where it is one."""
    start, end = timezone.localtime(span.starts_at), timezone.localtime(span.ends_at)
    is_one_day = start.date() == end.date()
    return f"{_clock(start)} – {date(end, 'H:i') if is_one_day else _clock(end)}"


def _clock(at: datetime) -> str:
    return str(date(timezone.localtime(at), "D Y-m-d H:i"))


def _extending(entry: Entry) -> Iterator[Button]:
    """Each says until when it would be."""
    if not entry.is_once or entry.ends_at is None:
        return
    for length, more in LENGTHS.items():
        until = _clock(entry.ends_at + more)
        yield Button(length, _("Extend by %(by)s, until %(at)s") % {"by": length, "at": until})


def _ending(entry: Entry, reach: Reach) -> Button:
    """It says what would be told then."""
    told = _told_then(entry)
    if entry.is_once and (entry.kind == "silence" or entry.row.starts_at < reach.now):
        word = _("End now") if entry.standing != "to come" else _("Drop it")
        return Button(END, f"{word}: {told}")
    return Button(DISABLE, _("Switch it off until somebody enables it") + f": {told}")


def _told_then(entry: Entry) -> str:
    n = len(entry.hits.firing)
    if entry.standing == "to come":
        return _("nothing will be held back")
    if not n:
        return _("nothing that it hits fires now")
    said = ngettext(
        "%(n)d firing alert is told, unless something else holds it back",
        "%(n)d firing alerts are told, unless something else holds them back",
        n,
    )
    return said % {"n": n}
