"""What tests of health share: checks that answer when told, and a clock that is set by hand."""

from __future__ import annotations

import os
import threading
import warnings
from collections.abc import Callable

from zerostate_monitoring.health import Outcome, healthy
from zerostate_monitoring.health.registry import Check
from zerostate_monitoring.health.states import Component, Status

PATIENCE = 60.0


class Clock:
    """Monotonic or wall seconds that stand still until a test moves them."""

    def __init__(self, now: float = 1000.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


class Gate:
    """A check that waits until it is let through; ``asked`` counts how often it was begun."""

    def __init__(self, outcome: Outcome | None = None) -> None:
        self.outcome = outcome or healthy("through")
        self.open = threading.Event()
        self.begun = threading.Event()
        self.asked = 0

    def __call__(self) -> Outcome:
        self.asked += 1
        self.begun.set()
        assert self.open.wait(PATIENCE)
        return self.outcome


def made(name: str, ask, *, timeout: float = 2.0, keep: float = 1.0) -> Check:
    """A check that is not registered."""
    return Check(name, ask, timeout, keep, "project", f"tests.{name}")


def component(name: str, status: Status, *, critical: bool = False) -> Component:
    return Component(name, Outcome(status, "why"), 0.0, 0.0, critical)


def in_child(say: Callable[[], str]) -> Callable[[], str]:
    """Fork now; calling what this gives lets the child go on, and gives what it said."""
    go_read, go_write = os.pipe()
    said_read, said_write = os.pipe()
    with warnings.catch_warnings():
        # A newer Python warns of threads, of which a test's process may have some.
        warnings.simplefilter("ignore", DeprecationWarning)
        child = os.fork()
    if child == 0:
        os.read(go_read, 1)
        os.write(said_write, say().encode())
        os._exit(0)

    def told() -> str:
        os.write(go_write, b"x")
        os.waitpid(child, 0)
        text = os.read(said_read, 1000).decode()
        for end in (go_read, go_write, said_read, said_write):
            os.close(end)
        return text

    return told
