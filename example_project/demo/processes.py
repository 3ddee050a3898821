"""Child processes that do not outlive their parent."""

from __future__ import annotations

import contextlib
import functools
import os
import pwd
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from example_project.demo.leash import ON_LINUX, die_with_parent, leashed

TAIL_LINES: Final = 20
PATIENCE_SECONDS: Final = 8.0


class Child:
    """One process of the demo, in a group of its own, its output in a log file."""

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        log: Path,
        environment: Mapping[str, str],
        *,
        user: str = "",
        stop: signal.Signals = signal.SIGTERM,
        is_again: bool = False,
    ) -> None:
        """``stop`` asks it to end. One that starts again writes on in its log."""
        self.name = name
        self.log = log
        self._asked_by = stop
        with log.open("ab" if is_again else "wb") as output:
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
                # Another user may not be allowed into the directory that we stand in.
                cwd="/" if user else None,
                **as_user(user),
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

    def ask(self) -> None:
        """Ask the process alone to end: one that has children ends them itself."""
        with contextlib.suppress(ProcessLookupError):
            self.process.send_signal(self._asked_by)

    def signal(self, number: signal.Signals) -> None:
        """Send ``number`` to the whole group, if it is still there."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, number)


def as_user(name: str) -> dict[str, Any]:
    """What subprocess is told for a program that runs as ``name``; empty for who we are."""
    # Its own group and no other: those of whom we are stay behind.
    if not name:
        return {}
    return {"user": name, "group": pwd.getpwnam(name).pw_gid, "extra_groups": []}


def end_all(children: Sequence[Child], patience: float = PATIENCE_SECONDS) -> None:
    """Ask all to end, the last started first; kill what is left after ``patience`` seconds."""
    for child in reversed(children):
        child.ask()
        # One that a fault switch has stopped must run to hear it.
        child.signal(signal.SIGCONT)
    deadline = time.monotonic() + patience
    for child in reversed(children):
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.process.wait(max(0.0, deadline - time.monotonic()))
    for child in children:
        child.signal(signal.SIGKILL)
        child.process.wait()
