"""A worker or a beat says in a file that it runs, for probes that have no HTTP to ask.

The file is written whole by a thread every few seconds, whether the broker, the store or the
database answer or not: a probe that looks at it can have nobody restarted for what happens
elsewhere. Times in it are of the clock that counts from the host's start, which all its
processes share and nobody can set. Only the standard library is used: a probe is started
again and again.
"""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

EVERY_SECONDS: Final = 5.0
STALE_SECONDS: Final = 30.0
"""A file that has not been written for so long is that of a process that is gone, or hangs."""

STARTING, READY, DRAINING = "starting", "ready", "draining"


@dataclass(frozen=True, slots=True)
class Life:
    """What a process says of itself. ``role`` is ``worker`` or ``beat``."""

    role: str
    name: str
    state: str
    queues: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """What a probe says: whether it passes, and the reason."""

    passes: bool
    reason: str


def write(path: Path, life: Life, tick: float) -> None:
    """Write the file whole; ``tick`` is in seconds of the monotonic clock.

    Raises:
        OSError: it cannot be written.
    """
    text = json.dumps(
        {
            "role": life.role,
            "name": life.name,
            "state": life.state,
            "pid": os.getpid(),
            "tick": tick,
        }
    )
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    beside.write_text(text, "utf-8")
    beside.replace(path)


def judge(text: str, probe: str, tick: float) -> Answer:
    """What the file's ``text`` answers to ``live`` or ``ready`` at ``tick``."""
    try:
        told: Any = json.loads(text)
        age, state, who = tick - float(told["tick"]), str(told["state"]), str(told["name"])
    except (ValueError, TypeError, KeyError):
        return Answer(passes=False, reason="the file is not one that a worker or a beat writes")
    if age < 0:
        return Answer(passes=False, reason=f"{who} wrote it before this host was started")
    # Written so that NaN fails, too.
    if not age <= STALE_SECONDS:
        return Answer(passes=False, reason=f"{who} has not written for {age:.0f} s")
    if probe == "ready" and state != READY:
        return Answer(passes=False, reason=f"{who} is {state}")
    return Answer(passes=True, reason=f"{who} is {state}, {age:.0f} s ago")


def read(path: Path, probe: str) -> Answer:
    """What the file at ``path`` answers now."""
    try:
        return judge(path.read_text("utf-8"), probe, time.monotonic())
    except (OSError, UnicodeDecodeError) as error:
        return Answer(passes=False, reason=f"{path} cannot be read: {error}")


class Pulse:
    """Threads that go on saying what this process is."""

    def __init__(self) -> None:
        self._life: Life | None = None
        self._stop = threading.Event()
        self._threads: list[threading.Thread] = []

    def become(self, life: Life, *sayings: tuple[float, Callable[[Life], None]]) -> None:
        """Say from now on that this process is ``life``, at once and then by each of
        ``sayings``, which have an interval in seconds. Those of the first call stay.
        """
        began = self._life is not None
        self._life = life
        if began:
            return
        for seconds, say in sayings:
            thread = threading.Thread(
                target=self._go_on, args=(seconds, say), daemon=True, name="zerostate-pulse"
            )
            self._threads.append(thread)
            thread.start()

    @property
    def life(self) -> Life | None:
        """What is being said."""
        return self._life

    def end(self) -> None:
        """Say nothing any more."""
        self._stop.set()
        for thread in self._threads:
            thread.join(EVERY_SECONDS)

    def _go_on(self, seconds: float, say: Callable[[Life], None]) -> None:
        told: Life | None = None
        due = time.monotonic()
        while not self._stop.is_set():
            life = self._life
            if life is not None and (life is not told or time.monotonic() >= due):
                say(life)
                told, due = life, time.monotonic() + seconds
            self._stop.wait(min(seconds, _LOOK_SECONDS))


_LOOK_SECONDS: Final = 0.5
"""How often it is looked whether the state is another one."""
