"""Whether history is old enough for a question."""

from __future__ import annotations

import pytest

from zerostate_monitoring.promql.engine import LOOKBACK_MS
from zerostate_monitoring.promql.query import parse
from zerostate_monitoring.querying.readiness import Asked, Kept, outlook
from zerostate_monitoring.storage.head import Head

NOW = 1_800_000_000_000
HOUR = 3_600_000
YOUNG = Head(first=NOW - HOUR, last=NOW, interval=15_000)
BEGINS = "which begins at 2027-01-15 07:00:00 UTC"


def found(text, at=NOW, *, end=None, head=YOUNG, kept_ms=None):
    asked = Asked(parse(text), at, at if end is None else end, LOOKBACK_MS)
    return outlook(asked, head, Kept(2 * HOUR, lambda matchers: kept_ms))


@pytest.mark.parametrize(
    "text",
    ["up", "1 + 1", "rate(up[1h])", "up offset 1h", "up[30m] offset 30m", f"up @ {NOW / 1000}"],
)
def test_outlook__what_history_covers_is_ready(text):
    """To the interval; an instant needs no lookback."""
    assert found(text).ready


def test_outlook__an_instant_at_the_first_column():
    """The whole page stands there: nothing that looks back is missing."""
    assert found("up", YOUNG.first).ready
    assert not found("up", YOUNG.first - 60_000).ready


@pytest.mark.parametrize(
    ("text", "needs", "rest"),
    [
        ("rate(up[90m])", "2027-01-15 06:30:00", ": ready on 2027-01-15 08:30:00 UTC"),
        ("up offset 61m", "2027-01-15 06:59:00", ": ready on 2027-01-15 08:01:00 UTC"),
        ("max_over_time(rate(up[1h])[1h:1m])", "2027-01-15 06:00:00", ": ready on 2027-01-15 09"),
        ("increase(up[1d])", "2027-01-14 08:00:00", ": no more than 2h is kept"),
        ("up @ 1700000000", "2023-11-14 22:13:20", ""),
        (
            "rate(a[70m]) + rate(b[90m])",
            "2027-01-15 06:30:00",
            ": ready on 2027-01-15 08:30:00 UTC",
        ),
        ("rate(a[90m]) + rate(b[1d])", "2027-01-14 08:00:00", ": no more than 2h is kept"),
    ],
)
def test_outlook__says_what_is_lacking_and_when_it_will_be_there(text, needs, rest):
    """The latest date of all selectors; none where it can never be."""
    said = str(found(text))
    assert said.startswith(f"needs history from {needs} UTC on, {BEGINS}{rest}")
    assert bool(rest) or said.endswith(BEGINS)


def test_outlook__of_a_range_that_begins_too_early():
    """From when on its values are whole."""
    said = str(found("rate(up[10m])", NOW - 2 * HOUR, end=NOW))
    assert said == (
        "values before 2027-01-15 07:10:00 UTC are incomplete: history begins at "
        "2027-01-15 07:00:00 UTC, they need it from 2027-01-15 05:50:00 UTC on"
    )


def test_outlook__of_a_history_that_was_cut_short():
    """The date holds if there is room."""
    cut = Head(first=NOW - HOUR, last=NOW, interval=15_000, cut=3)
    assert str(found("rate(up[90m])", head=cut)).endswith(" UTC, if no more is cut")


def test_outlook__where_there_is_no_history_yet():
    """There is no date before there is a beginning."""
    assert str(found("up", head=Head())).endswith("UTC on, there is none")


def test_outlook__of_what_the_long_tier_keeps():
    """It reaches as far as the series themselves are kept; 35 days are its length."""
    assert found("increase(up[1d])", kept_ms=NOW - 25 * HOUR).ready
    said = str(found("increase(up[1d])", kept_ms=NOW - 20 * HOUR))
    assert said.endswith(
        "which begins at 2027-01-14 12:00:00 UTC: ready on 2027-01-15 12:00:00 UTC"
    )
    said = str(found("increase(up[40d])", kept_ms=NOW - 20 * HOUR))
    assert said.endswith(": no more than 5w is kept")


def test_outlook__beyond_all_calendars():
    """Nothing breaks."""
    assert "ms" in str(found("up", -(2**62)))


@pytest.mark.parametrize(
    ("text", "since"),
    [
        ("up", 0),
        ("rate(up[90m])", YOUNG.first),
        ("increase(up[1d])", YOUNG.first),
        ("up @ 1700000000", YOUNG.first),
    ],
)
def test_forgotten__is_what_lies_before_a_history_that_begins_late(text, since):
    """What was known before then cannot be found again."""
    assert found(text).forgotten_ms(NOW) == since


def test_forgotten__is_nothing_where_history_is_as_long_as_it_gets():
    """It moves on and forgets all the time: an alert does not last for ever for that."""
    full = Head(first=NOW - 2 * HOUR, last=NOW, interval=15_000)
    assert found("increase(up[1d])", head=full).forgotten_ms(NOW) == 0
    cut = Head(first=NOW - HOUR, last=NOW, interval=15_000, cut=3)
    assert found("rate(up[90m])", head=cut).forgotten_ms(NOW) == 0


def test_forgotten__is_all_where_there_is_no_history():
    """Nothing is there to find anything again."""
    none = Head(first=0, last=0, interval=15_000)
    assert found("rate(up[90m])", head=none).forgotten_ms(NOW) is None
