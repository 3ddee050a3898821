"""Parts of dates."""

from __future__ import annotations

import calendar
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given as drawn
from hypothesis import strategies as st

from tests.promql.cases import dates
from tests.promql.cases.case import check, given
from zerostate_monitoring.promql.dates import DATES


@given(dates.CASES)
def test_dates__gives_what_is_documented(case):
    """Of now and of values, in UTC."""
    check(case)


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("day_of_month", lambda date: date.day),
        ("day_of_week", lambda date: date.isoweekday() % 7),
        ("day_of_year", lambda date: date.timetuple().tm_yday),
        ("days_in_month", lambda date: calendar.monthrange(date.year, date.month)[1]),
        ("hour", lambda date: date.hour),
        ("minute", lambda date: date.minute),
        ("month", lambda date: date.month),
        ("year", lambda date: date.year),
    ],
)
def test_dates__agrees_with_the_calendar(name, part):
    """For any second of the years 1 to 9999."""

    @drawn(st.integers(-62_135_596_800, 253_402_300_799))
    def agrees(seconds):
        date = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
        assert DATES[name](np.array([float(seconds)])).tolist() == [part(date)]

    agrees()
