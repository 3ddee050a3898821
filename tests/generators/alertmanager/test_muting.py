"""Windows as intervals that mute."""

from __future__ import annotations

from datetime import time

import pytest

from zerostate_monitoring.generators.alertmanager.muting import MOST, Muted, muted, muting_routes
from zerostate_monitoring.generators.alertmanager.values import WindowValue


def window(name="w", start=time(1), end=time(2), weekdays=(0,), **fields):
    return WindowValue(name=name, matchers="a=b", weekdays=weekdays, start=start, end=end, **fields)


def intervals(**fields):
    ((found,), _) = muted([window(**fields)])
    return [
        (one["weekdays"], one["times"][0]["start_time"], one["times"][0]["end_time"])
        for one in found.intervals
    ]


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, [(["monday"], "01:00", "02:00")]),
        ({"end": time(1, 0, 1)}, [(["monday"], "01:00", "01:01")]),
        ({"start": time(23, 59, 30), "end": time(0)}, [(["monday"], "23:59", "24:00")]),
        ({"end": time(23, 59, 30)}, [(["monday"], "01:00", "24:00")]),
        (
            {"start": time(22), "end": time(6), "weekdays": (6, 0)},
            [(["monday", "sunday"], "22:00", "24:00"), (["monday", "tuesday"], "00:00", "06:00")],
        ),
        (
            {"start": time(8), "end": time(8)},
            [(["monday"], "08:00", "24:00"), (["tuesday"], "00:00", "08:00")],
        ),
    ],
)
def test_intervals__are_of_whole_minutes_and_single_days(fields, expected):
    """Over midnight they are two; they end late rather than early."""
    assert intervals(**fields) == expected


def test_zone__is_said_where_it_is_not_utc():
    """As its name."""
    ((found,), _) = muted([window(zone="Europe/Berlin")])
    assert found.intervals[0]["location"] == "Europe/Berlin"
    ((found,), _) = muted([window()])
    assert "location" not in found.intervals[0]


def test_windows__that_cannot_be_held_are_named():
    """What comes once is a silence, with the command for it; what is broken holds nothing."""
    once = ("2026-11-26T01:00:00Z", "2026-11-26T02:00:00Z")
    found, said = muted([window("o", once=once), window("f", fault="Choose a weekday.")])
    assert found == ()
    assert "amtool silence add --start=2026-11-26T01:00:00Z" in said[0]
    assert said[0].endswith("'a=\"b\"'")
    assert said[1].startswith("The window f is left out:")
    found, said = muted([window(str(number)) for number in range(MOST + 1)])
    assert len(found) == MOST
    assert said[0].startswith(f"The window {MOST} is left out")


def test_routes__mute_what_meets_several_by_each_of_them():
    """The first that matches takes an alert: beneath it stand those that follow."""
    first, second = (Muted(name, (f'{name}="1"',), ()) for name in "ab")
    assert muting_routes([first, second]) == [
        {
            "matchers": ['a="1"'],
            "mute_time_intervals": ["a"],
            "routes": [{"matchers": ['b="1"'], "mute_time_intervals": ["a", "b"]}],
        },
        {"matchers": ['b="1"'], "mute_time_intervals": ["b"]},
    ]
