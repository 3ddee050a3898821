"""A stranger follows the README in a new project, and sees the network's families.

The steps are read from README.md: a comment above a fenced block says what to do with it.
Only three things are put in the place of what is written: the wheel built from this
checkout for the package's name, an embedded store for the Redis address, and a free port
for the web server's.
"""

from __future__ import annotations

import os
import re
import shlex
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

import pytest

from tests.packages import ROOT, Block, blocks, build_wheel
from tests.servers import StoreServer, free_port, store_server, wait_until

PACKAGE = "zerostate-monitoring"
APP = "zerostate_monitoring"
SCRIPT = ROOT / ".ci" / "environment.py"
BASE = getattr(sys, "_base_executable", sys.executable)
"""The Python that this run's environment was made with."""
FAMILY = re.compile(r"^zerostate_\w+(\{.*\})? ", re.MULTILINE)


class Stranger:
    """A new virtual environment with a new project, and what is typed in it."""

    def __init__(self, directory: Path, wheel: Path, store: StoreServer) -> None:
        self.environment = directory / "environment"
        self.project = directory / "project"
        self.port = free_port()
        self.processes: list[subprocess.Popen[bytes]] = []
        self.page = ""
        self._places = {
            PACKAGE: str(wheel),
            "redis://localhost:6379": store.url.rpartition("/")[0],
            "localhost:8000": f"127.0.0.1:{self.port}",
            "manage.py runserver": f"manage.py runserver --noreload 127.0.0.1:{self.port}",
        }

    def prepare(self) -> None:
        """What the README takes for granted: Django, and a project called mysite."""
        subprocess.run([BASE, SCRIPT, "--empty", self.environment], cwd=ROOT, check=True)
        self.type(f"pip install 'django=={_django_version()}'")
        self.project.mkdir()
        self.type("django-admin startproject mysite .")

    def follow(self, block: Block) -> None:
        """Do what the comment above ``block`` says with it."""
        verb, _, name = block.name.partition(" ")
        verbs: dict[str, Callable[[], None]] = {
            "run": lambda: self._each(block, self.type),
            "start": lambda: self._each(block, self.start),
            "look": lambda: self._each(block, self.look),
            "write": lambda: self._write(name, block.text, mode="w"),
            "append": lambda: self._write(name, block.text, mode="a"),
        }
        verbs[verb]()

    def _each(self, block: Block, act: Callable[[str], None]) -> None:
        for line in block.text.splitlines():
            assert line.startswith("$ "), line
            act(line.removeprefix("$ "))

    def _write(self, name: str, text: str, mode: str) -> None:
        with (self.project / name).open(mode) as file:
            file.write("\n" + self._here(text))

    def _here(self, text: str) -> str:
        for written, meant in self._places.items():
            text = text.replace(written, meant)
        return text

    def type(self, line: str) -> None:
        """Run one command; it must end well."""
        done = self._popen(line, subprocess.PIPE)
        output, _ = done.communicate(timeout=300)
        assert done.returncode == 0, f"$ {line}\n{output.decode()}"

    def start(self, line: str) -> None:
        """Start one command that goes on running."""
        with (self.environment / f"started-{len(self.processes)}.log").open("wb") as log:
            self.processes.append(self._popen(line, log))

    def _popen(self, line: str, output: int | IO[bytes]) -> subprocess.Popen[bytes]:
        words = shlex.split(self._here(line))
        own = self.environment / "bin" / words[0]
        cwd = self.project if self.project.exists() else self.environment
        command = [str(own), *words[1:]]
        return subprocess.Popen(
            command,
            cwd=cwd,
            env=_clean(),
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    def look(self, line: str) -> None:
        """Read the page that the README's curl reads, once the server answers."""
        (_, url) = shlex.split(self._here(line))
        wait_until(lambda: self._read(url), seconds=60, what=f"{url} answers\n{self.logs()}")

    def _read(self, url: str) -> bool:
        try:
            with urllib.request.urlopen(url, timeout=10) as answer:
                self.page = answer.read().decode()
        except OSError:
            return False
        return True

    def imports_from_its_environment(self) -> bool:
        """Whether the app comes from the wheel, not from this checkout."""
        command = [
            str(self.environment / "bin" / "python"),
            "-c",
            f"import {APP}; print({APP}.__file__)",
        ]
        found = subprocess.check_output(command, cwd=self.project, env=_clean(), text=True)
        return Path(found.strip()).is_relative_to(self.environment)

    def logs(self) -> str:
        """What the started commands have said."""
        return "\n".join(log.read_text() for log in self.environment.glob("started-*.log"))

    def leave(self) -> None:
        """End every started command, with the processes that it started."""
        for process in self.processes:
            os.killpg(process.pid, signal.SIGTERM)
        for process in self.processes:
            try:
                process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


def _clean() -> dict[str, str]:
    """The environment of a shell that knows nothing of this test run."""
    dropped = {"DJANGO_SETTINGS_MODULE", "PYTHONPATH", "VIRTUAL_ENV", "PYTHONHOME"}
    return {name: value for name, value in os.environ.items() if name not in dropped}


def _django_version() -> str:
    import django

    return django.get_version()


def steps() -> list[Block]:
    """The README's blocks that a stranger follows."""
    found = [block for block in blocks(ROOT / "README.md") if block.name]
    assert {block.name.split()[0] for block in found} >= {"run", "start", "look", "append"}
    return found


@pytest.fixture
def stranger(tmp_path: Path) -> Iterator[Stranger]:
    """Somebody with a new project and a store, but without this checkout."""
    with store_server() as store:
        someone = Stranger(tmp_path, build_wheel(tmp_path / "wheel"), store)
        someone.prepare()
        try:
            yield someone
        finally:
            someone.leave()


WITHOUT_ENSUREPIP = """
import runpy, sys
sys.modules["ensurepip"] = None
sys.argv[:] = sys.argv[1:]
runpy.run_path(sys.argv[0], run_name="__main__")
"""


def test_environment__needs_no_ensurepip(tmp_path):
    """On a Debian without python3-venv the stranger's environment has its pip, too."""
    command = [BASE, "-c", WITHOUT_ENSUREPIP, SCRIPT, "--empty", tmp_path / "e"]
    subprocess.run(command, cwd=ROOT, check=True)
    subprocess.run([tmp_path / "e" / "bin" / "pip", "--version"], check=True)


def test_readme__leads_to_families_on_the_page(stranger):
    """Following the README's steps to the letter ends at a page with ZeroState families."""
    for block in steps():
        stranger.follow(block)
    assert stranger.imports_from_its_environment()
    assert FAMILY.search(stranger.page), stranger.logs()
    assert "zerostate_monitoring_store_up 1" in stranger.page
    assert "zerostate_metrics_registered_total{" in stranger.page
    assert all(process.poll() is None for process in stranger.processes), stranger.logs()
