"""Keeps child processes: starts them, waits for what they bring, watches them, ends them."""

from __future__ import annotations

import contextlib
import signal
import socket
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from pathlib import Path
from typing import Final

import urllib3

from example_project.demo.options import DemoError
from example_project.demo.processes import Child, end_all

POLL_SECONDS: Final = 0.1
START_SECONDS: Final = 90.0
_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
Say = Callable[[str], None]


class Keeper(ABC):
    """From the first process to the last; what they are is for those who inherit from it."""

    def __init__(self, data: Path, say: Say) -> None:
        self._data = data
        self._say = say
        self._stop = threading.Event()
        self._children: list[Child] = []
        self._http = urllib3.PoolManager(retries=False, timeout=5.0)

    def run(self) -> None:
        """Run until a signal or until the work is done, then end every process.

        Raises:
            DemoError: something could not start, or ended by itself.
        """
        for number in _SIGNALS:
            signal.signal(number, lambda *_: self._stop.set())
        try:
            self._work()
        finally:
            # A second Ctrl-C must not leave half of the processes behind.
            for number in _SIGNALS:
                signal.signal(number, signal.SIG_IGN)
            self._say("Ending.")
            self._end()

    @abstractmethod
    def _work(self) -> None:
        """Start the children and stay with them."""

    def _end(self) -> None:
        end_all(self._children)

    @property
    def _logs(self) -> Path:
        return self._data / "logs"

    def _log(self, name: str) -> Path:
        self._logs.mkdir(parents=True, exist_ok=True)
        return self._logs / f"{name}.log"

    def _wait(self, what: str, ready: Callable[[], bool], finite: Child | None = None) -> None:
        deadline = time.monotonic() + START_SECONDS
        while not self._stop.is_set() and not ready():
            self._check_children(finite)
            if time.monotonic() > deadline:
                raise DemoError(f"Waited {START_SECONDS:.0f} s for {what}; see {self._logs}.")
            self._stop.wait(POLL_SECONDS)
        self._check_children(finite)

    def _check_children(self, finite: Child | None = None) -> None:
        for child in self._children:
            code = child.ended()
            if code is None or (child is finite and code == 0) or self._stop.is_set():
                continue
            text = f"{child.name} ended by itself (code {code}). The end of {child.log}:"
            raise DemoError(f"{text}\n{child.tail()}")

    def _page(self, url: str, token: str = "") -> bytes:
        """What ``url`` answers; nothing where it does not answer with 200."""
        headers = {"Authorization": f"Bearer {token}"} if token else None
        with contextlib.suppress(urllib3.exceptions.HTTPError):
            answer = self._http.request("GET", url, headers=headers)
            return answer.data if answer.status == 200 else b""
        return b""


def listens(port: int) -> bool:
    """Whether somebody listens on this port of loopback."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
