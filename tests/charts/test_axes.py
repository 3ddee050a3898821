"""Round values and round times."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from zerostate_monitoring.charts.axes import levels, room, times
from zerostate_monitoring.charts.units import scales_of

BERLIN = ZoneInfo("Europe/Berlin")


def ms(text):
    return round(datetime.fromisoformat(text).replace(tzinfo=BERLIN).timestamp() * 1000)


def test_levels__are_round_in_their_unit():
    """Half minutes where minutes are shown, not multiples of a hundred seconds."""
    found = levels(0, 150, scales_of("seconds"))
    assert [tick.text for tick in found] == ["0.0 min", "0.5 min", "1.0 min", "1.5 min",
                                             "2.0 min", "2.5 min"]  # fmt: skip


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=9))
def test_levels__lie_on_the_axis(values):
    """Whatever the values are, there are few lines and none is outside."""
    low, high = room(values)
    assert low <= min(values)
    assert max(values) <= high
    found = levels(low, high, scales_of("bytes"))
    assert len(found) <= 7
    slack = (high / 2 - low / 2) * 1e-6
    assert all(low - slack <= tick.at <= high + slack for tick in found)


def test_times__stand_on_the_hours_of_the_zone():
    """Midnight is the viewer's, and it is where the next day is named."""
    found = times(ms("2026-03-01T18:00"), ms("2026-03-02T06:00"), BERLIN)
    days = {tick.text: tick.day for tick in found if tick.day}
    assert days == {"18:00": "2026-03-01", "00:00": "2026-03-02"}


def test_times__of_days_are_days():
    """Two weeks have no hours on their axis."""
    found = times(ms("2026-03-01"), ms("2026-03-15"), BERLIN)
    assert [tick.text for tick in found][:2] == ["03-02", "03-04"]


@given(
    st.integers(1_000_000_000_000, 1_900_000_000_000),
    st.timedeltas(timedelta(seconds=1), timedelta(days=400)),
)
def test_times__are_few_and_inside(begin, span):
    """From a second to more than a year."""
    end = begin + round(span.total_seconds() * 1000)
    found = times(begin, end, UTC)
    assert len(found) <= 14
    assert all(begin <= tick.at <= end for tick in found)
