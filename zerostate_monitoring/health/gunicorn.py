"""For gunicorn's configuration file: be not ready for a while before the end.

gunicorn closes its sockets as soon as SIGTERM comes: who sends it requests learns of it from a
connection that is refused. With this, SIGTERM first makes every worker say that it is not
ready, while all of them go on serving; after ``seconds`` gunicorn ends as it always does, and
lets running requests finish (``graceful_timeout``). A second SIGTERM is obeyed at once. In
``gunicorn.conf.py``::

    from zerostate_monitoring.health.gunicorn import drain_first

    when_ready = drain_first(seconds=5)

Runs in gunicorn's master, which may know nothing of Django: nothing of it is imported here.
"""

from __future__ import annotations

import mmap
import signal
from collections.abc import Callable
from types import FrameType
from typing import Any, Final

from zerostate_monitoring.health import process

_STAYS: Final = b"\0"
_LEAVES: Final = b"\1"


def drain_first(seconds: float) -> Callable[[Any], None]:
    """The hook ``when_ready``.

    Raises:
        ValueError: ``seconds`` is not above 0.
    """
    if not seconds > 0:
        message = f"drain_first(seconds={seconds!r}): give seconds above 0"
        raise ValueError(message)
    # Shared with all workers, which are forked after the configuration is read.
    word = mmap.mmap(-1, 1)
    process.leaving_together.append(lambda: word[:1] == _LEAVES)

    def when_ready(arbiter: Any) -> None:
        """Take SIGTERM over from the arbiter, which gets it later."""
        word[:1] = _STAYS

        def end(number: int, frame: FrameType | None) -> None:
            arbiter.signal(signal.SIGTERM, frame)

        def begin(number: int, frame: FrameType | None) -> None:
            signal.signal(signal.SIGTERM, end)
            signal.signal(signal.SIGALRM, end)
            word[:1] = _LEAVES
            signal.setitimer(signal.ITIMER_REAL, seconds)

        signal.signal(signal.SIGTERM, begin)

    return when_ready
