"""Memory, processor time and starts of this project's processes, by what they are for.

Measured by the publisher's thread before it speaks, in processes that count something anyway.
One that is idle says the same again, which is not sent.
"""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Final

from zerostate_monitoring.instrumentation import publisher
from zerostate_monitoring.instrumentation.families import counts, levels
from zerostate_monitoring.instrumentation.rounds import before_telling

_PREFIX: Final = "zerostate_monitoring_process_"
_memory: Final = levels(_PREFIX + "memory_bytes")
_processor: Final = counts(_PREFIX + "cpu_seconds_total")
_starts: Final = counts(_PREFIX + "starts_total")

OTHER: Final = "other"
ROLES: Final = ("web", "worker", "beat", OTHER)

_EVERY_SECONDS: Final = 15.0
_MOVED: Final = 0.02
"""Memory is told again where it is so much other."""
_LEAST_CPU_SECONDS: Final = 0.05

_STATM: Final = Path("/proc/self/statm")


class _Own:
    """What this process has told of itself."""

    def __init__(self, role: str = OTHER) -> None:
        self.role: str = role
        self.told_role: str = ""
        self.measured_at = -_EVERY_SECONDS
        self.memory = 0.0
        self.cpu = 0.0


_own = _Own()


def connect() -> None:
    """Measure this process from now on."""
    before_telling(measure)
    publisher.after_fork(forked)


def become(role: str, *_: object) -> None:
    """Say what this process is for; the first one who knows is right.

    Further arguments are those of ``life``: name, state and queues.
    """
    if _own.role == OTHER and role in ROLES:
        _own.role = role


def forked() -> None:
    """A child has started, too, and has used no time yet; what it is for is its parent's."""
    global _own  # noqa: PLW0603
    _own = _Own(_own.role)


def measure() -> None:
    """Count the start, and what was used since the last time."""
    now = time.monotonic()
    if now - _own.measured_at < _EVERY_SECONDS and _own.told_role == _own.role:
        return
    _own.measured_at = now
    if not _own.told_role:
        _starts[_own.role](1)
    _tell_memory()
    used = time.process_time()
    if used - _own.cpu >= _LEAST_CPU_SECONDS:
        _processor[_own.role](used - _own.cpu)
        _own.cpu = used
    _own.told_role = _own.role


def _tell_memory() -> None:
    """Resident memory; nothing where the system does not tell it."""
    memory = resident_bytes()
    if memory is None:
        return
    if _own.told_role and _own.told_role != _own.role:
        # What it was taken for before it was known.
        _memory[_own.told_role](0)
        _own.memory = 0.0
    if abs(memory - _own.memory) > _MOVED * _own.memory:
        _memory[_own.role](memory)
        _own.memory = memory


def resident_bytes() -> float | None:
    """Memory that this process holds in RAM; None where only another way would tell."""
    try:
        pages = int(_STATM.read_bytes().split()[1])
    except (OSError, ValueError, IndexError):
        return None
    return float(pages * os.sysconf("SC_PAGE_SIZE"))
