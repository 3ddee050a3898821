"""Which time a page shows."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import parse_qsl

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from zerostate_monitoring.admin.exploring.windows import LENGTHS, others, window_of

NOW = round(datetime(2026, 11, 26, 12, 0, 7, tzinfo=UTC).timestamp() * 1000)
HOUR = 3_600_000


@pytest.mark.parametrize(("length", "seconds"), [(k, v[0]) for k, v in LENGTHS.items()])
def test_window__is_as_long_as_was_chosen(length, seconds):
    """Up to now, on whole steps, with a few hundred values."""
    found = window_of({"window": length}, NOW)
    assert found.span_ms == 1000 * seconds
    assert NOW - found.step_ms < found.end_ms <= NOW
    assert 60 <= found.span_ms / found.step_ms <= 480


def test_window__is_an_hour_where_nothing_is_said():
    """And where what is said is none."""
    for asked in ({}, {"window": "3 weeks"}, {"last": "x"}):
        assert window_of(asked, NOW).span_ms == HOUR


def test_window__a_chosen_length_goes_before_times():
    """A form sends all its fields: the button that was pressed says what is meant."""
    asked = {"window": "6h", "from": "2026-11-26T10:00:00", "to": "2026-11-26T11:00:00"}
    assert window_of(asked, NOW).length == "6h"


def test_window__times_go_before_the_former_length():
    """Two times that were typed in are meant, though the form knows the last length."""
    asked = {"last": "6h", "from": "2026-11-26T10:00:00Z", "to": "2026-11-26T11:00:00Z"}
    found = window_of(asked, NOW)
    assert (found.span_ms, found.length) == (HOUR, "")
    assert window_of({"last": "6h"}, NOW).span_ms == 6 * HOUR


def test_window__a_local_time_is_of_the_viewers_zone():
    """What a browser's field sends has no zone."""
    with timezone.override("Asia/Tokyo"):
        found = window_of({"from": "2026-11-26T20:00:00", "to": "2026-11-26T20:30"}, NOW)
        assert found.start_ms == NOW - 7_000 - HOUR
        assert found.start_text == "2026-11-26T20:00:00"


def test_window__one_end_is_enough():
    """Else it begins an hour before, or ends now; words from the terminal are understood."""
    assert window_of({"from": "-2h"}, NOW).span_ms >= 2 * HOUR
    found = window_of({"to": "-2h"}, NOW)
    assert HOUR <= found.span_ms <= HOUR + 2 * found.step_ms


@pytest.mark.parametrize(
    "asked",
    [
        {"from": "yesterday"},
        {"from": "2026-11-26T12:00:00Z", "to": "2026-11-26T11:00:00Z"},
        {"from": "1971-01-01T00:00:00Z"},
        {"from": "9999-12-31T23:59:59", "to": "9999-12-31T23:59:59"},
        {"from": "0001-01-01T00:00:00"},
        {"to": "1e300"},
    ],
)
def test_window__says_what_it_does_not_understand(asked):
    """And shows the usual hour."""
    found = window_of(asked, NOW)
    assert found.problem
    assert found.span_ms == HOUR


@given(st.dictionaries(st.sampled_from(["window", "from", "to", "last"]), st.text(max_size=30)))
def test_window__anything_in_an_address_gives_one(asked):
    """Nobody breaks a page by its address."""
    found = window_of(asked, NOW)
    assert found.start_ms < found.end_ms
    assert found.step_ms > 0


def test_others__keep_what_is_asked():
    """Another window of the same query; nothing of the former one is left."""
    address = others({"query": "a > 1", "from": "x", "last": "1h"}, {"window": "6h"})
    assert dict(parse_qsl(address[1:])) == {"query": "a > 1", "window": "6h"}


def test_moved__goes_there_and_back():
    """Half a window earlier and half a window later is the same."""
    first = window_of({"window": "1h"}, NOW)
    earlier = window_of(dict(first.moved())["earlier"], NOW)
    again = window_of(dict(earlier.moved())["later"], NOW)
    assert (again.start_ms, again.end_ms) == (first.start_ms, first.end_ms)
    assert earlier.start_ms == first.start_ms - HOUR // 2
