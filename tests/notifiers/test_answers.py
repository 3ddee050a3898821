"""What a status means for a message."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zerostate_monitoring.notifiers.answers import (
    LONGEST_WAIT_SECONDS,
    MOST_SHOWN,
    Response,
    judged,
    redacted,
    retry_after,
    shown,
)
from zerostate_monitoring.notifiers.base import DeliveryError

NOW = datetime(2026, 11, 26, 4, 14, 5, tzinfo=UTC)


def error_of(status, **headers):
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    with pytest.raises(DeliveryError) as caught:
        judged(Response(status, named, "no"), NOW)
    return caught.value


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
def test_judged__success_is_success(status):
    """Every 2xx is a message that was taken."""
    assert judged(Response(status, {}, "ok"), NOW).status == status


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504, 599])
def test_judged__these_are_tried_again(status):
    """Trouble that passes."""
    error = error_of(status)
    assert (error.is_permanent, error.status) == (False, status)


@pytest.mark.parametrize("status", [301, 302, 307, 308, 400, 401, 403, 404, 410, 413, 422])
def test_judged__these_are_for_good(status):
    """The same message would be refused again."""
    error = error_of(status)
    assert (error.is_permanent, error.status) == (True, status)


def test_judged__a_redirect_is_said_without_what_stands_behind_the_host():
    """It says where to look, not the token in the path."""
    error = error_of(302, Location="https://other.example/hook/s3cret")
    assert "https://other.example." in str(error)
    assert "s3cret" not in str(error)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("30", 30),
        ("0", 0),
        ("Thu, 26 Nov 2026 04:14:35 GMT", 30),
        ("Thu, 26 Nov 2026 04:00:00 GMT", 0),
        ("999999999999999999999", LONGEST_WAIT_SECONDS),
        ("-5", None),
        ("soon", None),
        ("", None),
        ("٣", None),
    ],
)
def test_retry_after__seconds_or_a_date(text, seconds):
    """Both forms of RFC 9110, bounded; anything else says nothing."""
    assert retry_after(text, NOW) == seconds


def test_judged__retry_after_goes_with_the_error():
    """Whoever tries again knows when."""
    assert error_of(429, Retry_After="7").retry_after_seconds == 7
    assert error_of(503, Retry_After="9").retry_after_seconds == 9


@given(st.text())
def test_retry_after__never_fails(text):
    """Whatever a receiver sends there."""
    seconds = retry_after(text, NOW)
    assert seconds is None or 0 <= seconds <= LONGEST_WAIT_SECONDS


@given(st.text(max_size=2_000))
def test_shown__is_one_bounded_visible_line(text):
    """What a receiver says may stand in any table."""
    line = shown(text)
    assert len(line) <= MOST_SHOWN
    assert line.isprintable()


SECRETS = st.text(min_size=4).filter(lambda text: "•" not in text)


@given(SECRETS, SECRETS, st.text())
def test_redacted__holds_no_secret(one, other, between):
    """Wherever they stand, also beside and within each other."""
    text = redacted(f"{one}{between}{other}{one[:4]}{other}", [one, other])
    assert one not in text
    assert other not in text
