"""A stack for tests, started as ``make stack`` does."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import urllib3

from example_project.demo.options import free_port
from example_project.stack.ports import variable
from tests.example_project.demo import HTTP, Demo
from tests.servers import wait_until


class Stack(Demo):
    """A stack in a directory of its own, on ports of its own."""

    MODULE = "example_project.stack"
    PORT = variable("web")
    SECONDS = 300.0

    def owns(self, process: Path) -> bool:
        """PostgreSQL's processes write over their environment; they stand in its directory."""
        stands_in = (process / "cwd").readlink()
        return super().owns(process) or stands_in.is_relative_to(self.data)

    def url(self, name: str, path: str) -> str:
        port = json.loads((self.data / "ports.json").read_text())[name]
        return f"http://127.0.0.1:{port}{path}"

    def secret(self, name: str) -> str:
        return (self.data / "secrets" / name).read_text()

    def get(self, name: str, path: str, token: str = "", **fields: str) -> str:
        """What a server answers; empty where it does not, or not with 200."""
        headers = {"Authorization": f"Bearer {self.secret(token)}"} if token else None
        try:
            answer = HTTP.request("GET", self.url(name, path), headers=headers, fields=fields)
        except urllib3.exceptions.HTTPError:
            return ""
        return answer.data.decode() if answer.status == 200 else ""

    def pid(self, name: str) -> int:
        return int(json.loads((self.data / "processes.json").read_text())[name])


@contextmanager
def directory() -> Iterator[Path]:
    """A directory that PostgreSQL's user may enter, which those of pytest are not."""
    made = Path(tempfile.mkdtemp(prefix="zs-stack-"))
    made.chmod(0o755)
    try:
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)


@contextmanager
def stack(data: Path, **environment: str) -> Iterator[Stack]:
    """A running stack; whatever is done to it, nothing of it is left."""
    # Usual ports may be somebody's; the others are any that are free.
    free = {variable(name): str(free_port()) for name in ("prometheus", "alertmanager")}
    made = Stack(data, **{**free, **environment})
    try:
        made.wait_for("The stack runs")
        yield made
    finally:
        made.process.kill()
        made.process.wait()
        wait_until(lambda: not made.left(), 30, "nothing is left")
