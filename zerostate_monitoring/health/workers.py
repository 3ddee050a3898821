"""What workers and beats say of themselves in the store, and what that tells."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from zerostate_monitoring.health.pulse import Life
from zerostate_monitoring.health.states import Outcome, degraded, healthy, unhealthy
from zerostate_monitoring.storage.store import current_store

NOTE: Final = "pulse"
"""Kind of the notes in which processes say that they run."""

NOTE_SECONDS: Final = 10.0
LATE_SECONDS: Final = 45.0
"""One that has said nothing for so long does not run, or does not reach the store."""

FORGOTTEN_SECONDS: Final = 3600.0
SKEW_SECONDS: Final = 2.0
_NAMED: Final = 5


@dataclass(frozen=True, slots=True)
class Pulse:
    """What one process said: who it is, in which state, and when (unix seconds, its clock)."""

    name: str
    role: str
    state: str
    at: float
    queues: tuple[str, ...] = ()


def tell(life: Life, at: float) -> None:
    """Write down that a process runs.

    Raises:
        StoreError: the store did not take it.
    """
    entry = {"role": life.role, "state": life.state, "at": at, "queues": list(life.queues)}
    current_store().note(NOTE, {life.name: entry})


def pulses() -> list[Pulse]:
    """What all processes said.

    Raises:
        StoreError: the store does not answer.
    """
    return [
        read for name, note in current_store().notes(NOTE).items() if (read := _read(name, note))
    ]


def _read(name: str, note: Mapping[str, Any]) -> Pulse | None:
    """The note as a value; None where another version wrote what is not understood."""
    at, queues = note.get("at"), note.get("queues")
    if not isinstance(at, int | float) or not isinstance(queues, list):
        return None
    named = tuple(str(queue) for queue in queues)
    return Pulse(name, str(note.get("role")), str(note.get("state")), float(at), named)


def forget_old(now: float) -> None:
    """Forget processes that have said nothing for an hour.

    Raises:
        StoreError: the store does not answer.
    """
    old = [pulse.name for pulse in pulses() if now - pulse.at > FORGOTTEN_SECONDS]
    current_store().forget(NOTE, old)


def judge_workers(said: Iterable[Pulse], queues: Sequence[str], now: float) -> Outcome:
    """Whether each of ``queues`` has a worker that said of late that it takes it."""
    workers = [pulse for pulse in said if pulse.role == "worker"]
    fresh = [w for w in workers if now - w.at <= LATE_SECONDS and w.state != "starting"]
    ahead = [w.name for w in fresh if w.at - now > SKEW_SECONDS]
    taken = {queue for one in fresh if one.state == "ready" for queue in one.queues}
    missing = [queue for queue in dict.fromkeys(queues) if queue not in taken]
    about: dict[str, Any] = {"workers": len(fresh), "queues_without": missing}
    if not fresh:
        last = max((w.at for w in workers), default=None)
        if last is None:
            return unhealthy("no worker has ever said that it runs", **about)
        return unhealthy(f"no worker has for {now - last:.0f} s said that it runs", **about)
    if missing:
        return unhealthy(f"no worker takes {', '.join(missing)}", **about)
    if ahead:
        named = ", ".join(sorted(ahead)[:_NAMED])
        message = f"clocks run ahead of this host's: {named}; whether they still run cannot be told"
        return degraded(message, **about)
    return healthy(f"{len(fresh)} workers take all queues", **about)
