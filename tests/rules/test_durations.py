"""Durations of rules: what Prometheus reads is read, what it writes is written."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zerostate_monitoring.exceptions import DurationError
from zerostate_monitoring.rules.durations import format_duration, parse_duration

MS = timedelta(milliseconds=1)
LONGEST = ((1 << 63) - 1) // 1_000_000


@pytest.mark.parametrize(
    ("text", "ms"),
    [
        ("0", 0),
        ("0s", 0),
        ("1h30m", 5_400_000),
        ("90m", 5_400_000),
        ("1y2w3d4h5m6s7ms", 33_019_506_007),
        ("500ms", 500),
        ("007s", 7_000),
    ],
)
def test_parse_duration__reads_what_prometheus_reads(text, ms):
    """Units from large to small, each at most once."""
    assert parse_duration(text) == ms * MS


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "empty"),
        ("5", "no unit"),
        ("m", "a number is missing"),
        ("-5m", "sign"),
        ("1.5h", "whole numbers"),
        ("5 m", "no unit"),
        ("5min", "“min” is no unit"),
        ("1m1h", "large to small"),
        ("1m1m", "large to small"),
        ("293y", "too long"),
        ("9" * 200 + "s", "too long"),
        ("٣m", "a number is missing"),
    ],
)
def test_parse_duration__names_the_reason(text, reason):
    """What is no duration is refused with what is wrong about it."""
    with pytest.raises(DurationError, match=reason):
        parse_duration(text)


@pytest.mark.parametrize(
    ("ms", "text"),
    [(0, "0s"), (5_400_000, "1h30m"), (7_776_000_000, "90d"), (604_800_000, "1w"), (1, "1ms")],
)
def test_format_duration__is_prometheus_form(ms, text):
    """Years and weeks stand where nothing is left over."""
    assert format_duration(ms * MS) == text


@pytest.mark.parametrize("wrong", [timedelta(microseconds=1), -MS, timedelta(days=400 * 365)])
def test_format_duration__refuses_what_cannot_be_written(wrong):
    """Parts of a millisecond, negative and endless durations have no form."""
    with pytest.raises(DurationError):
        format_duration(wrong)


@given(st.integers(0, LONGEST))
def test_durations__round_trip(ms):
    """A duration that was written reads back the same."""
    assert parse_duration(format_duration(ms * MS)) == ms * MS
