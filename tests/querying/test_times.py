"""Times as people say them."""

from __future__ import annotations

import pytest

from zerostate_monitoring.querying.times import instant_ms, step_ms

NOW = 1_700_000_000_000


@pytest.mark.parametrize(
    ("text", "ms"),
    [
        ("now", NOW),
        ("-5m", NOW - 300_000),
        ("+1h", NOW + 3_600_000),
        ("now-1h30m", NOW - 5_400_000),
        ("now+1d", NOW + 86_400_000),
        ("now-90", NOW - 90_000),
        ("1700000000", NOW),
        ("-60", -60_000),
        (" 2023-11-14T22:13:20Z ", NOW),
    ],
)
def test_instant__is_told_from_now_or_from_the_clock(text, ms):
    """A sign with a unit is told from now; a number alone is seconds since 1970."""
    assert instant_ms(text, NOW) == ms


@pytest.mark.parametrize("text", ["", " ", "yesterday", "now5m", "now-", "-m", "+-5m", "now--5m"])
def test_instant__else_says_how_one_is_written(text):
    """With examples."""
    with pytest.raises(ValueError, match="write now, -5m"):
        instant_ms(text, NOW)


def test_step__is_a_whole_number_of_columns():
    """History has a column every 15 seconds."""
    assert [step_ms(0, span, 160) for span in (0, 1000, 3_600_000, 86_400_000)] == [
        *(15_000, 15_000, 30_000, 540_000),
    ]
