"""Times, durations and counts are read as Prometheus reads them."""

from __future__ import annotations

from contextlib import suppress
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zerostate_monitoring.promql.parameters import count, duration_ms, duration_ns, time_ms
from zerostate_monitoring.promql.querier import EARLIEST_MS, LATEST_MS

TIMES = {
    "0": 0,
    "1435781451.781": 1435781451781,
    "1435781451.7816": 1435781451782,
    "1.0005": 1000,
    "1.0006": 1001,
    "-1.5": -1500,
    "1e3": 1_000_000,
    ".5": 500,
    "2015-07-01T20:10:51.781Z": 1435781451781,
    "2015-07-01T20:10:51Z": 1435781451000,
    "2015-07-01T20:10:51.7819999Z": 1435781451781,
    "2015-07-01T22:10:51+02:00": 1435781451000,
    "2015-07-01T15:40:51-04:30": 1435781451000,
    "1969-12-31T23:59:59.5Z": -500,
    "-292273086-05-16T16:47:06Z": EARLIEST_MS,
    "292277025-08-18T07:12:54.999999999Z": LATEST_MS,
}
NO_TIMES = [
    *("", " ", "abc", "NaN", "Inf", "1_000", " 1", "1 ", "0x10", "١", "1e400", "1e9999"),
    *("2015-07-01", "2015-07-01T20:10:51", "2015-13-01T20:10:51Z", "2015-07-01t20:10:51z"),
    *("2015-07-01T20:10:51+25:00", "9" * 10_000, "1e19", "-1e19", "5m"),
]
DURATIONS = {
    "15": 15_000,
    "0.5": 500,
    "1e-1": 100,
    "0": 0,
    "-1": -1000,
    "15s": 15_000,
    "1h30m": 5_400_000,
    "1y2w3d4h5m6s7ms": 31_536_000_000 + 1_209_600_000 + 273_906_007,
    "0s": 0,
    "0.0001": 1,
}
NO_DURATIONS = ["", "abc", "NaN", "5M", "1m1h", "1.5h", "-5m", "5 m", "1e30", "300y", "9" * 9999]


@pytest.mark.parametrize(("text", "ms"), TIMES.items())
def test_time__seconds_and_rfc3339(text, ms):
    """To the millisecond."""
    assert time_ms(text) == ms


@pytest.mark.parametrize("text", NO_TIMES)
def test_time__nothing_else(text):
    """What Prometheus refuses, and what lies beyond all clocks."""
    with pytest.raises(ValueError, match="cannot parse"):
        time_ms(text)


@given(st.integers(-(10**14), 10**14))
def test_time__every_millisecond_is_read_back(ms):
    """Seconds with three digits are exact."""
    assert time_ms(str(Decimal(ms) / 1000)) == ms


@pytest.mark.parametrize(("text", "ms"), DURATIONS.items())
def test_duration__seconds_and_units(text, ms):
    """A step below a millisecond is one."""
    assert duration_ms(text) == ms


@pytest.mark.parametrize("text", NO_DURATIONS)
def test_duration__nothing_else(text):
    """Units descend; no duration is longer than an int64 of nanoseconds."""
    with pytest.raises(ValueError, match="cannot parse"):
        duration_ns(text)


def test_count__whole_and_not_below_zero():
    """Nothing is no limit."""
    assert [count(text) for text in ("", "0", "+7", "11000")] == [0, 0, 7, 11000]
    for text in ("x", "-1", "1.5", "١", "1_0", "9" * 50, "9" * 9999):
        with pytest.raises(ValueError):
            count(text)


@given(st.text())
def test_any_text__is_read_or_refused(text):
    """No other error comes out."""
    for read in (time_ms, duration_ns, count):
        with suppress(ValueError):
            read(text)
