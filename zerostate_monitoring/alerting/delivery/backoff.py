"""How long to wait before the next try. Pure."""

from __future__ import annotations

from random import Random
from typing import Final

BASE_SECONDS: Final = 2.0
CAP_SECONDS: Final = 300.0
LONGEST_ASKED_SECONDS: Final = 3600.0
_ASKING: Final = frozenset({429, 503})


def backoff(
    tries: int, seed: str, *, base: float = BASE_SECONDS, cap: float = CAP_SECONDS
) -> float:
    """Seconds after ``tries`` failures: full jitter below a bound that doubles each time.

    The same seed gives the same wait, so that it can be told beforehand.
    """
    bound = min(cap, base * 2 ** min(max(tries - 1, 0), 30))
    return Random(f"{seed}:{tries}").uniform(0, bound)  # noqa: S311 - jitter is no secret


def next_wait(tries: int, seed: str, status: int | None, asked: float | None) -> float:
    """Seconds until the next try, or as many as the receiver asked for where it may ask.

    What it asks for is a bound from below: jitter is added, for others were told the same.
    """
    own = backoff(tries, seed)
    wanted = pause(status, asked)
    return wanted + min(own, BASE_SECONDS) if wanted else own


def pause(status: int | None, asked: float | None) -> float:
    """For how many seconds a receiver may ask to be left alone; 0 where it did not, or may not."""
    if asked is None or status not in _ASKING:
        return 0.0
    return min(max(asked, 0.0), LONGEST_ASKED_SECONDS)
