"""Child processes that do not outlive their parent."""

from __future__ import annotations

import contextlib
import functools
import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from example_project.demo.leash import ON_LINUX, die_with_parent, leashed

TAIL_LINES: Final = 20
PATIENCE_SECONDS: Final = 8.0


class Child:
    """One process of the demo, in a group of its own, its output in a log file."""

    def __init__(
        self, name: str, command: Sequence[str], log: Path, environment: Mapping[str, str]
    ) -> None:
        self.name = name
        self.log = log
        with log.open("wb") as output:
            # A group of its own: Ctrl-C in the terminal reaches the supervisor alone, which
            # ends its children in order. Started from the main thread, on which the kernel's
            # parent-death signal hangs.
            self.process = subprocess.Popen(
                command if ON_LINUX else leashed(command),
                stdin=subprocess.DEVNULL if ON_LINUX else subprocess.PIPE,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=dict(environment),
                start_new_session=True,
                preexec_fn=functools.partial(die_with_parent, os.getpid()),  # noqa: PLW1509 - no threads here
            )

    @property
    def pid(self) -> int:
        """Process id, and id of the group."""
        return self.process.pid

    def ended(self) -> int | None:
        """The return code, None while it runs."""
        return self.process.poll()

    def tail(self) -> str:
        """The last lines of the log."""
        lines = self.log.read_text(errors="replace").splitlines()
        return "\n".join(f"    {line}" for line in lines[-TAIL_LINES:])

    def signal(self, number: signal.Signals) -> None:
        """Send ``number`` to the whole group, if it is still there."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, number)


def end_all(children: Sequence[Child], patience: float = PATIENCE_SECONDS) -> None:
    """Ask all to end, the last started first; kill what is left after ``patience`` seconds."""
    for child in reversed(children):
        # To the process alone: a Celery worker ends its own children.
        with contextlib.suppress(ProcessLookupError):
            child.process.terminate()
        # One that a fault switch has stopped must run to hear it.
        child.signal(signal.SIGCONT)
    deadline = time.monotonic() + patience
    for child in reversed(children):
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.process.wait(max(0.0, deadline - time.monotonic()))
    for child in children:
        child.signal(signal.SIGKILL)
        child.process.wait()
