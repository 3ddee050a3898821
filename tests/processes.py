"""Processes of other programs for tests: in a group and with a log of their own, never left."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from tests.servers import wait_until

TAIL_LINES: Final = 30
PATIENCE_SECONDS: Final = 20


def leashed(command: Sequence[str]) -> list[str]:
    """``command`` as the kernel is to kill it with its parent, where a program can say so.

    Not by ``preexec_fn``: Python warns of it where threads run.
    """
    setpriv = shutil.which("setpriv")
    return [setpriv, "--pdeathsig", "KILL", *command] if setpriv else list(command)


class Process:
    """One running program."""

    def __init__(
        self, name: str, command: Sequence[str], log: Path, environment: Mapping[str, str]
    ) -> None:
        self.name = name
        self.log = log
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                leashed(command),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=dict(environment),
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        """Process id, and id of the group."""
        return self._process.pid

    @property
    def output(self) -> str:
        """All that it has written."""
        return self.log.read_text(errors="replace")

    @property
    def tail(self) -> str:
        """The last lines that it has written."""
        return "\n".join(self.output.splitlines()[-TAIL_LINES:])

    def ended(self) -> int | None:
        """Its return code; None while it runs."""
        return self._process.poll()

    def signal(self, number: signal.Signals) -> None:
        """Send ``number`` to all processes of the group."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, number)

    def kill(self) -> None:
        """Kill the whole group at once; nothing of it gets a chance to tidy up."""
        self.signal(signal.SIGKILL)
        self._process.wait(PATIENCE_SECONDS)

    def end(self) -> int:
        """Ask the program to end as its operator would, kill what is left; its return code."""
        self.signal(signal.SIGCONT)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.terminate()
            self._process.wait(PATIENCE_SECONDS)
        self.kill()
        return self._process.returncode

    def wait(self, seconds: float = 60) -> int:
        """Wait until it ends by itself; its return code."""
        wait_until(lambda: self.ended() is not None, seconds, f"{self.name} ends\n{self.tail}")
        return self._process.returncode


class Processes:
    """Those that were started together, and end together."""

    def __init__(self, directory: Path, environment: Mapping[str, str]) -> None:
        self.directory = directory
        self.environment = environment
        self._started: list[Process] = []

    def start(self, name: str, *command: str | Path) -> Process:
        """Start a program; ``name`` is for its log and for messages."""
        log = self.directory / f"{name}.log"
        process = Process(name, [str(part) for part in command], log, self.environment)
        self._started.append(process)
        return process

    def kill_all(self) -> None:
        """Leave nothing."""
        for process in reversed(self._started):
            process.kill()


@contextlib.contextmanager
def processes(directory: Path, environment: Mapping[str, str]) -> Iterator[Processes]:
    """Start programs inside the block; all have ended after it."""
    started = Processes(directory, environment)
    try:
        yield started
    finally:
        started.kill_all()
