"""What the stack does when something ends, and what it says."""

from __future__ import annotations

import os
import re
import signal

import pytest

from example_project.demo.options import DemoError
from example_project.demo.processes import Child, end_all
from example_project.stack import (
    deaths,
    programs,
    services,
    table,
)
from example_project.stack.deaths import MOST, PAUSE_SECONDS, SPAN_SECONDS, Deaths
from example_project.stack.options import Options
from example_project.stack.supervisor import Supervisor
from tests.example_project.stack_services import every_service
from tests.servers import wait_until


def test_deaths__started_again_later_each_time():
    """Each death is noted once, and the pause before the next start grows."""
    known, now = Deaths(), 100.0
    for number in range(1, MOST):
        assert known.is_new("web")
        assert not known.note("web", now)
        assert not known.is_new("web")
        assert not known.is_due("web", now + PAUSE_SECONDS * number - 0.01)
        assert known.is_due("web", now := now + PAUSE_SECONDS * number)
    assert known.is_new("beat")
    assert known.note("web", now)


def test_deaths__long_ago_does_not_count():
    """Who dies now and then is started again for ever."""
    known = Deaths()
    for number in range(3 * MOST):
        at = number * SPAN_SECONDS / (MOST - 1)
        assert not known.note("web", at)
        assert known.is_due("web", at + SPAN_SECONDS)


@pytest.fixture
def supervisor(tmp_path, monkeypatch):
    """One whose only server is a program of this test."""
    monkeypatch.setattr(programs, "find", lambda: programs.Found({}, {}))
    monkeypatch.setattr(deaths, "PAUSE_SECONDS", 0.01)
    made = Supervisor(Options(data=tmp_path), said.append)
    said.clear()
    yield made
    end_all(made._children, patience=5)


said: list[str] = []


def brought_up(supervisor: Supervisor, *command: str) -> None:
    service = services.Service(name="server", command=command, purpose="is watched")
    supervisor._environment = dict(os.environ)
    supervisor._bring_up([service])


def test_supervisor__starts_again_what_was_killed(supervisor):
    """A server that was killed runs again, and whoever watches is told."""
    brought_up(supervisor, "sleep", "60")
    (child,) = supervisor._children
    child.signal(signal.SIGKILL)
    child.process.wait()

    def is_again() -> bool:
        supervisor._follow()
        return bool(supervisor._children[0].pid != child.pid)

    wait_until(is_again)
    assert supervisor._children[0].ended() is None
    assert "server ended by itself (code -9); it is started again." in said


def test_supervisor__gives_up(supervisor, tmp_path):
    """A server that ends again and again ends the stack, which shows the end of its log."""
    brought_up(supervisor, "sh", "-c", "echo no such directory; exec sleep 0.01")
    with pytest.raises(DemoError, match=f"ended {MOST} times(.|\n)*no such directory"):
        wait_until(supervisor._follow)


def test_child__log_goes_on(tmp_path):
    """A child that is started again writes on; one that is started anew begins its log."""

    def log(*, is_again: bool) -> str:
        child = Child("c", ["echo", "here"], tmp_path / "log", os.environ, is_again=is_again)
        wait_until(lambda: child.ended() is not None)
        return child.log.read_text()

    assert [log(is_again=again) for again in (False, True, False)] == [
        "here\n", "here\nhere\n", "here\n",
    ]  # fmt: skip


def test_child__asked_by_its_own_signal(tmp_path):
    """A child that ends by another signal than SIGTERM is asked by that one."""
    lines = (
        "import signal, sys, time",
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)",
        "signal.signal(signal.SIGINT, lambda *_: sys.exit(7))",
        "print('ready', flush=True)",
        "time.sleep(60)",
    )
    command = ["python3", "-c", "\n".join(lines)]
    child = Child("c", command, tmp_path / "log", os.environ, stop=signal.SIGINT)
    wait_until(lambda: "ready" in child.log.read_text())
    end_all([child], patience=20)
    assert child.ended() == 7


def test_table__says_what_is_where_and_what_is_missing(tmp_path):
    """Each server has its address and its log; what was not started has its reason."""
    options = Options(data=tmp_path, lapse=10)
    made = every_service(tmp_path)
    text = table.table(options, made, {"loki": "no loki on PATH"}, tmp_path / "logs", 3.0)
    for service in made:
        pattern = rf"^  {service.name} .*{service.place}.*/{service.name}\.log"
        assert re.search(pattern, text, re.MULTILINE)
    assert "loki           not started: no loki on PATH" in text
    assert "10 times faster" in text
