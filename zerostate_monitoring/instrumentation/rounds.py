"""What rides on the publisher's thread: done before it speaks, and after it has spoken."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from zerostate_monitoring.storage.publishing import Publishing

Look = Callable[[Publishing], None]

LOOKS: Final[list[Look]] = []
_preparations: Final[list[Callable[[], None]]] = []


def before_telling(action: Callable[[], None]) -> None:
    """Call ``action`` before each publication: it counts what was set aside for it."""
    if action not in _preparations:
        _preparations.append(action)


def each_round(action: Look) -> None:
    """Call ``action`` after each publication, with the way into the store."""
    if action not in LOOKS:
        LOOKS.append(action)


def prepare() -> None:
    """Do what is to be done before a publication."""
    for action in _preparations:
        action()
