"""Lets a process end when its parent does, however that ends.

On Linux the kernel does it (``PR_SET_PDEATHSIG``). Elsewhere ``python -m
example_project.demo.leash COMMAND …`` runs the command, watches its own standard input,
a pipe that the parent holds open, and ends the command when that closes.
"""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from typing import Final

PR_SET_PDEATHSIG: Final = 1
ON_LINUX: Final = sys.platform == "linux"
# Loaded here, because a child between fork and exec should not load libraries.
_LIBC: Final = ctypes.CDLL(None, use_errno=True) if ON_LINUX else None


def die_with_parent(parent: int | None = None) -> None:
    """Have the kernel kill this process when its parent ends (on Linux; else do nothing).

    ``parent`` is the parent's process id if known: one that has ended already is noticed.
    """
    if _LIBC is None:
        return
    parent = os.getppid() if parent is None else parent
    _LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        os.kill(os.getpid(), signal.SIGKILL)


def leashed(command: Sequence[str]) -> list[str]:
    """``command`` with the watcher before it."""
    return [sys.executable, "-m", "example_project.demo.leash", *command]


def watch(command: Sequence[str]) -> int:
    """Run ``command`` until it ends or standard input closes; give its return code."""
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL)
    signal.signal(signal.SIGTERM, lambda *_: child.terminate())

    def wait_for_parent() -> None:
        sys.stdin.buffer.read()
        child.kill()

    threading.Thread(target=wait_for_parent, daemon=True).start()
    return child.wait()


if __name__ == "__main__":
    sys.exit(watch(sys.argv[1:]))
