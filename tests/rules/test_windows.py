"""When maintenance windows are open: right across every change of every clock."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zerostate_monitoring.exceptions import RuleError
from zerostate_monitoring.rules.windows import (
    Once,
    Span,
    Weekly,
    exists,
    instant,
    zone_of,
)

BERLIN = ZoneInfo("Europe/Berlin")
EVERY_DAY = range(7)
SECOND = timedelta(seconds=1)
ZONES = sorted(available_timezones() - {"localtime", "Factory"})


@cache
def transitions(name):
    """Instants between 2000 and 2036 at which the clock of a zone changes."""
    zone, found = ZoneInfo(name), []
    at, step = datetime(2000, 1, 1, tzinfo=UTC), timedelta(days=3)
    while at.year < 2036:
        if at.astimezone(zone).utcoffset() != (at + step).astimezone(zone).utcoffset():
            found.append(bisect(zone, at, at + step))
        at += step
    return found


def bisect(zone, low, high):
    while high - low > SECOND:
        middle = low + (high - low) // SECOND // 2 * SECOND
        same = middle.astimezone(zone).utcoffset() == low.astimezone(zone).utcoffset()
        low, high = (middle, high) if same else (low, middle)
    return high


@st.composite
def walls(draw):
    """A time on the clock of a zone, mostly close to where the clock changes."""
    name = draw(st.sampled_from(ZONES))
    zone = ZoneInfo(name)
    around = transitions(name) or [datetime(2020, 1, 1, tzinfo=UTC)]
    at = draw(st.sampled_from(around))
    minutes = draw(st.integers(-180, 180))
    seconds = draw(st.sampled_from([0, 0, 1, 59, 0.5]))
    wall = at.astimezone(zone).replace(tzinfo=None, fold=0)
    return zone, wall + timedelta(minutes=minutes, seconds=seconds)


@settings(deadline=None)
@given(walls())
def test_instant__is_the_first_that_shows_the_time_or_more(given_wall):
    """Nothing earlier shows it; what is skipped begins at the first instant after the gap."""
    zone, wall = given_wall
    at = instant(wall, zone)
    shown = at.astimezone(zone).replace(tzinfo=None)
    if exists(wall, zone):
        assert shown == wall
        assert at.astimezone(zone).fold == 0
    else:
        just_before = at - timedelta(microseconds=1)
        assert just_before.astimezone(zone).replace(tzinfo=None) < wall < shown
        assert just_before.astimezone(zone).utcoffset() != at.astimezone(zone).utcoffset()


@settings(deadline=None, max_examples=200)
@given(walls(), st.integers(1, 24 * 60))
def test_weekly__begins_and_ends_by_the_clock_on_the_wall(given_wall, minutes):
    """Each window has its span on the clock, opens at its start, and is closed at its end."""
    zone, wall = given_wall
    start = wall.replace(microsecond=0, second=0)
    end = start + timedelta(minutes=minutes)
    weekly = Weekly(zone, {start.weekday()}, start.time(), end.time())
    begin = instant(start, zone)
    span = weekly.open_at(begin)
    assert span is not None
    assert span.starts_at == begin
    finish = instant(end, zone)
    assert span.ends_at == (finish if finish > begin else begin + timedelta(minutes=minutes))
    assert weekly.open_at(span.ends_at - SECOND) is not None
    assert not span.holds(span.ends_at)
    assert not span.holds(begin - SECOND)


@settings(deadline=None, max_examples=100)
@given(walls(), st.integers(1, 24 * 60), st.sets(st.integers(0, 6), min_size=1))
def test_next__are_those_that_will_be_open(given_wall, minutes, weekdays):
    """What is announced comes: the next windows are in order, and each is open when it says."""
    zone, wall = given_wall
    end = (wall + timedelta(minutes=minutes)).time()
    weekly = Weekly(zone, weekdays, wall.time(), end)
    now = wall.replace(tzinfo=UTC) - timedelta(days=2)
    spans = weekly.after(now, 3)
    assert len(spans) == 3
    for span in spans:
        assert span.ends_at > now
        assert weekly.open_at(span.starts_at) is not None
        assert weekly.open_at(span.ends_at - SECOND) is not None
    starts = [span.starts_at for span in spans]
    assert starts == sorted(starts)


@settings(deadline=None, max_examples=60)
@given(walls(), st.integers(1, 24 * 60), st.sets(st.integers(0, 6), min_size=1), st.integers(0, 40))
def test_between__are_those_that_come_in_these_days(given_wall, minutes, weekdays, days):
    """The same that are announced one after another, as far as a part of them lies between."""
    zone, wall = given_wall
    weekly = Weekly(zone, weekdays, wall.time(), (wall + timedelta(minutes=minutes)).time())
    start = wall.replace(tzinfo=UTC) - timedelta(days=2)
    end = start + timedelta(days=days)
    announced = [span for span in weekly.after(start, 60) if span.starts_at < end]
    assert weekly.between(start, end) == announced


def berlin(weekdays, start, end):
    return Weekly(BERLIN, weekdays, time.fromisoformat(start), time.fromisoformat(end))


def local(text):
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN)


@pytest.mark.parametrize(
    ("start", "end", "day", "begins", "ends"),
    [
        # An ordinary day, in summer and in winter.
        ("02:30", "04:00", date(2026, 7, 1), "2026-07-01T00:30Z", "2026-07-01T02:00Z"),
        ("02:30", "04:00", date(2026, 12, 1), "2026-12-01T01:30Z", "2026-12-01T03:00Z"),
        # 29 March 2026: 02:00 is 03:00. The start is skipped; the end is not.
        ("02:30", "04:00", date(2026, 3, 29), "2026-03-29T01:00Z", "2026-03-29T02:00Z"),
        # The end is skipped; all is skipped: it lasts its 15 minutes.
        ("01:00", "02:30", date(2026, 3, 29), "2026-03-29T00:00Z", "2026-03-29T01:00Z"),
        ("02:15", "02:30", date(2026, 3, 29), "2026-03-29T01:00Z", "2026-03-29T01:15Z"),
        # 25 October 2026: 03:00 is 02:00. The first of two; over the change it is an hour longer.
        ("02:30", "02:45", date(2026, 10, 25), "2026-10-25T00:30Z", "2026-10-25T00:45Z"),
        ("02:30", "04:00", date(2026, 10, 25), "2026-10-25T00:30Z", "2026-10-25T03:00Z"),
        # Over midnight into the change: until the clock shows six, seven or nine hours later.
        ("22:00", "06:00", date(2026, 3, 28), "2026-03-28T21:00Z", "2026-03-29T04:00Z"),
        ("22:00", "06:00", date(2026, 10, 24), "2026-10-24T20:00Z", "2026-10-25T05:00Z"),
        # A whole day.
        ("00:00", "00:00", date(2026, 10, 25), "2026-10-24T22:00Z", "2026-10-25T23:00Z"),
    ],
)
def test_berlin__as_one_would_say_it(start, end, day, begins, ends):
    """Changes of the clock, by examples."""
    weekly = berlin({day.weekday()}, start, end)
    noon = datetime.combine(day, time(0), BERLIN) - SECOND
    span = weekly.after(noon, 1)[0]
    assert span.starts_at == datetime.fromisoformat(begins)
    assert span.ends_at == datetime.fromisoformat(ends)


def test_over_midnight__belongs_to_the_day_on_which_it_begins():
    """Saturday's window is open on Sunday morning, and Sunday's own has none."""
    saturday = berlin({5}, "22:00", "06:00")
    assert saturday.open_at(local("2026-11-28T22:00"))
    assert saturday.open_at(local("2026-11-29T05:59"))
    assert saturday.open_at(local("2026-11-29T06:00")) is None
    assert saturday.open_at(local("2026-11-28T05:00")) is None


def test_changes__are_told():
    """Who looks at the next windows sees which one is unlike the others, and why."""
    skipped = berlin({6}, "02:30", "04:00").after(local("2026-03-28T12:00"), 1)[0]
    assert skipped.remark == "Europe/Berlin has no 02:30 on this day: 03:00 instead."
    twice = berlin({6}, "02:30", "04:00").after(local("2026-10-24T12:00"), 1)[0]
    assert twice.remark == "Europe/Berlin has 02:30 twice on this day: the first."
    assert berlin(EVERY_DAY, "12:00", "13:00").after(local("2026-03-29T00:00"), 1)[0].remark == ""


def test_day_that_was_skipped__lasts_its_length():
    """Samoa had no 30 December 2011: its window comes when the clock goes on."""
    weekly = Weekly(ZoneInfo("Pacific/Apia"), {4}, time(10), time(12))
    span = weekly.after(datetime(2011, 12, 29, 12, tzinfo=UTC), 1)[0]
    assert span.starts_at == datetime(2011, 12, 30, 10, tzinfo=UTC)
    assert span.ends_at - span.starts_at == timedelta(hours=2)


def test_once__is_open_from_its_start_up_to_its_end():
    """The end is no longer part of it."""
    span = Span(datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 2, tzinfo=UTC))
    once = Once(span)
    assert once.open_at(span.starts_at) == span
    assert once.open_at(span.ends_at) is None
    assert once.after(span.starts_at, 3) == [span]
    assert once.after(span.ends_at, 3) == []
    assert once.between(span.starts_at - SECOND, span.starts_at + SECOND) == [span]
    assert once.between(span.starts_at - SECOND, span.starts_at) == []
    assert once.between(span.ends_at, span.ends_at + SECOND) == []


@pytest.mark.parametrize(
    "name", ["", "Mars/Olympus", "../etc/passwd", "Europe/Berlin\x00", "CEST!"]
)
def test_unknown_zone__is_refused(name):
    """The name stands in the reason."""
    with pytest.raises(RuleError, match="is no time zone"):
        zone_of(name)
