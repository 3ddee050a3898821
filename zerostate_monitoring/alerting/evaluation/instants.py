"""Between the milliseconds of evaluation and the times of the database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final, overload

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MS: Final = timedelta(milliseconds=1)


def ms_of(at: datetime) -> int:
    """Milliseconds since 1970."""
    return (at - _EPOCH) // _MS


@overload
def time_of(at_ms: int) -> datetime: ...
@overload
def time_of(at_ms: None) -> None: ...
def time_of(at_ms: int | None) -> datetime | None:
    """The time, with its zone; none of none."""
    return None if at_ms is None else _EPOCH + timedelta(milliseconds=at_ms)
