"""Lets other processes stop and continue those of the running demo."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import signal
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, Final

from example_project.demo.options import DemoError
from example_project.environment import data_directory

__all__ = ["DemoError", "halt", "hold_lock", "is_running", "resume", "write_processes"]

LOCK: Final = "lock"
PROCESSES: Final = "processes.json"
CHILDREN: Final[Mapping[str, str]] = {
    "beat": "beat",
    "celery": "worker",
    "delivery": "delivery",
    "store": "valkey",
}
"""Fault switch to the child that it stops."""


@contextlib.contextmanager
def hold_lock(data: Path) -> Iterator[None]:
    """Be the only demo in ``data``; the kernel lets go of the lock however this ends.

    Raises:
        DemoError: another demo runs there.
    """
    data.mkdir(parents=True, exist_ok=True)
    with (data / LOCK).open("a") as file:
        if not _lock(file):
            raise DemoError(f"A demo runs in {data} already. End it first, or set DATA.")
        yield


def _lock(file: IO[str]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def is_running() -> bool:
    """Whether a demo runs in this project's data directory."""
    path = data_directory() / LOCK
    if not path.exists():
        return False
    with path.open("a") as file:
        return not _lock(file)


def write_processes(data: Path, processes: Mapping[str, int]) -> None:
    """Let ``halt`` and ``resume`` find the children: name to process id."""
    # In one step: somebody may read it while a child is started again.
    unfinished = data / f".{PROCESSES}.new"
    unfinished.write_text(json.dumps(dict(processes)))
    unfinished.replace(data / PROCESSES)


def halt(fault: str) -> None:
    """Let the child behind ``fault`` stand still.

    Raises:
        DemoError: no demo runs, or the child is not one of its own.
    """
    os.killpg(_process(fault), signal.SIGSTOP)


def resume(fault: str) -> None:
    """Let the child behind ``fault`` go on.

    Raises:
        DemoError: no demo runs, or the child is not one of its own.
    """
    os.killpg(_process(fault), signal.SIGCONT)


def _process(fault: str) -> int:
    child = CHILDREN[fault]
    if not is_running():
        raise DemoError(f"{fault} stops a process of the demo, and no demo runs: make demo")
    known = json.loads((data_directory() / PROCESSES).read_text())
    if child not in known:
        raise DemoError(f"The demo did not start {child} itself, so {fault} cannot stop it.")
    return int(known[child])
