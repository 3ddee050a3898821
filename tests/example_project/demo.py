"""A demo for tests, started as ``make demo`` does."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import redis
import urllib3

from example_project.demo.options import free_port
from example_project.environment import BASE_DIR
from tests.servers import wait_until
from zerostate_monitoring.conf import conf

HTTP = urllib3.PoolManager(retries=False, timeout=5)


class Demo:
    """A demo in a directory of its own."""

    MODULE = "example_project.demo"
    PORT = "DEMO_PORT"
    SECONDS = 120.0

    def __init__(self, data: Path, **environment: str) -> None:
        self.data = data
        self.port = free_port()
        self.environment = {
            **{k: v for k, v in os.environ.items() if k != "DJANGO_SETTINGS_MODULE"},
            "DATA": str(data),
            self.PORT: str(self.port),
            **environment,
        }
        self.output = data / "output"
        command = [sys.executable, "-m", self.MODULE]
        with self.output.open("wb") as output:
            self.process = subprocess.Popen(
                command, cwd=BASE_DIR, env=self.environment, stdout=output, stderr=output,
                start_new_session=True,
            )  # fmt: skip

    @property
    def text(self) -> str:
        return self.output.read_text()

    def wait_for(self, text: str) -> None:
        wait_until(lambda: text in self.text or self.process.poll() is not None, self.SECONDS, text)
        assert text in self.text, self.text

    def page(self) -> str:
        return HTTP.request("GET", f"http://127.0.0.1:{self.port}/metrics").data.decode()

    def left(self) -> list[str]:
        """Command lines of processes that belong to this demo."""
        return list(self.processes().values())

    def processes(self) -> dict[int, str]:
        """Process ids and command lines of what belongs to this demo."""
        found = {}
        for directory in Path("/proc").glob("[0-9]*"):
            try:
                mine = self.owns(directory)
                command = (directory / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            except OSError:
                continue
            if mine and command:
                found[int(directory.name)] = command
        return found

    def owns(self, process: Path) -> bool:
        """Whether a process, a directory of /proc, belongs to this demo."""
        return f"DATA={self.data}".encode() in (process / "environ").read_bytes().split(b"\0")

    def waiting(self) -> int:
        """How many tasks wait in the app's queue."""
        web = json.loads((self.data / "processes.json").read_text())["web"]
        told = dict(
            item.partition("=")[::2]
            for item in Path(f"/proc/{web}/environ").read_text().split("\0")
        )
        with redis.Redis.from_url(told["REDIS_URL"]) as broker:
            return int(broker.llen(conf.QUEUE))

    def network(self, *words: str) -> subprocess.CompletedProcess[str]:
        return self.manage("network", *words)

    def manage(self, *words: str) -> subprocess.CompletedProcess[str]:
        """A command beside the demo, told no more than where its files are."""
        command = [sys.executable, "manage.py", *words]
        return subprocess.run(
            command, cwd=BASE_DIR, env=self.environment, capture_output=True, text=True, check=False
        )


@contextmanager
def running(data: Path, **environment: str) -> Iterator[Demo]:
    """A running demo; whatever is done to it, nothing of it is left."""
    demo = Demo(data, **environment)
    try:
        yield demo
    finally:
        demo.process.kill()
        demo.process.wait()
        wait_until(lambda: not demo.left(), 20, "nothing is left")
