"""Who may see the detail: a token is compared here, a session is read elsewhere, and may hang.

A session is a dependency like others. It is read by a thread while the checks run, and waited
for no longer than they are; who is not known by then is told what anybody may know. An answer
that comes late serves whoever asks again with the same session.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from hashlib import sha256
from typing import Final

from django.conf import settings
from django.db import Error as DatabaseError
from django.db import connections
from django.http import HttpRequest, HttpResponse

from zerostate_monitoring.health.answering import begin, unavailable
from zerostate_monitoring.health.running import BUDGET_SECONDS

KEEP_SECONDS: Final = 2.0
"""For so long what was found out about a session is told again."""

_MOST_WAITING: Final = 4
_places = threading.BoundedSemaphore(_MOST_WAITING)
"""Sessions that are being read: where the database hangs, so do these threads."""

_NOBODY: Final = (
    "The database has not told yet whose session this is: ask again, "
    "or with the bearer token of ZEROSTATE_MONITORING_API_TOKEN, which needs no database."
)


class _Asking(threading.Thread):
    """The question whose session it is."""

    def __init__(self, let_in: Callable[[], None], place: threading.Semaphore) -> None:
        super().__init__(name="zerostate-health-caller", daemon=True)
        self._let_in: Callable[[], None] | None = let_in
        self._place: Final = place
        self.problem: Exception | None = None
        self.is_let_in = False
        self.ended: float | None = None

    def run(self) -> None:
        """Ask, and keep what came of it."""
        try:
            if self._let_in is not None:
                self._let_in()
                self.is_let_in = True
        except Exception as problem:  # noqa: BLE001 - raised again where it is waited for
            self.problem = problem
        finally:
            # The request goes with it.
            self._let_in = None
            connections.close_all()
            self.ended = time.monotonic()
            self._place.release()

    def is_of_use(self) -> bool:
        """Whether it still hangs, or has ended of late."""
        return self.ended is None or time.monotonic() - self.ended < KEEP_SECONDS


_askings: Final[dict[bytes, _Asking]] = {}
"""By session: whoever asks again waits for the same thread."""


def _forked() -> None:
    """A child has no thread of its parent's, and begins with all places free."""
    global _places  # noqa: PLW0603
    _places = threading.BoundedSemaphore(_MOST_WAITING)
    _askings.clear()


os.register_at_fork(after_in_child=_forked)


def patiently(
    request: HttpRequest, let_in: Callable[[], None], answer: Callable[[float], HttpResponse]
) -> HttpResponse:
    """``answer(seconds)`` for whom ``let_in`` lets in, which raises for all others."""
    by_token = request.headers.get("Authorization", "").lower().startswith("bearer ")
    if by_token or settings.SESSION_COOKIE_NAME not in request.COOKIES:
        # Neither needs the database.
        let_in()
        return answer(BUDGET_SECONDS)
    began = time.monotonic()
    asking = _asking(request, let_in)
    if asking is None:
        return unavailable(_NOBODY)
    begin()
    asking.join(BUDGET_SECONDS)
    if asking.problem is not None and not isinstance(asking.problem, DatabaseError):
        raise asking.problem
    # Nobody is let in because nobody has refused him: a thread may end without a word.
    if not asking.is_let_in:
        return unavailable(_NOBODY)
    return answer(max(0.0, began + BUDGET_SECONDS - time.monotonic()))


def _asking(request: HttpRequest, let_in: Callable[[], None]) -> _Asking | None:
    """The thread that knows whose session it is, or will; None where too many wait."""
    session = request.COOKIES[settings.SESSION_COOKIE_NAME]
    key = sha256(session.encode("utf-8", "surrogatepass")).digest()
    for known, one in [*_askings.items()]:
        if not one.is_of_use():
            _askings.pop(known, None)
    found = _askings.get(key)
    if found is not None:
        return found
    if not _places.acquire(blocking=False):
        return None
    made = _askings[key] = _Asking(let_in, _places)
    try:
        made.start()
    except RuntimeError:
        _askings.pop(key, None)
        _places.release()
        return None
    return made
