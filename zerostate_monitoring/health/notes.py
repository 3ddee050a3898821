"""What the store remembers of components: how each was, and since when."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final

from zerostate_monitoring.health.states import Component, Status
from zerostate_monitoring.storage.store import current_store

NOTE: Final = "health"
"""Kind of the notes."""

_STATUSES: Final = frozenset(Status)


@dataclass(frozen=True, slots=True)
class Noted:
    """One component as a worker found it at ``at``; it has this status since ``since``.

    Times are unix seconds, ``seconds`` is how long finding it took.
    """

    status: Status
    message: str
    metadata: Mapping[str, Any]
    at: float
    seconds: float
    since: float

    def as_note(self) -> dict[str, Any]:
        """For the store."""
        return {
            "status": self.status.value,
            "message": self.message,
            "metadata": dict(self.metadata),
            "at": self.at,
            "seconds": self.seconds,
            "since": self.since,
        }


def note_of(component: Component, before: Noted | None) -> Noted:
    """A component with the time of its last change.

    A clock that was set back makes no change of the future: it is of now, then.
    """
    same = before is not None and before.status is component.status
    since = min(before.since, component.at) if same and before is not None else component.at
    outcome = component.outcome
    return Noted(
        outcome.status, outcome.message, outcome.metadata, component.at, component.seconds, since
    )


def noted(names: Collection[str] | None = None) -> dict[str, Noted]:
    """What is remembered, of all components or of ``names``.

    Raises:
        StoreError: the store does not answer.
    """
    found = current_store().notes(NOTE, names)
    return {name: read for name, note in found.items() if (read := _read(note))}


def remember(notes: Mapping[str, Noted]) -> None:
    """Remember these components, and forget all others.

    Raises:
        StoreError: the store does not answer.
    """
    store = current_store()
    store.note(NOTE, {name: note.as_note() for name, note in notes.items()})
    store.forget(NOTE, set(store.notes(NOTE)) - set(notes))


def _read(note: Mapping[str, Any]) -> Noted | None:
    """A note as a value; None where another version wrote what is not understood."""
    status, metadata = note.get("status"), note.get("metadata")
    numbers = [note.get(name) for name in ("at", "seconds", "since")]
    if status not in _STATUSES or not isinstance(metadata, Mapping):
        return None
    if not all(isinstance(number, int | float) for number in numbers):
        return None
    at, seconds, since = (float(number) for number in numbers if number is not None)
    return Noted(Status(status), str(note.get("message", "")), metadata, at, seconds, since)
