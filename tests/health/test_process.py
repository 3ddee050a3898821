"""Whether a process has started, and whether it leaves."""

from __future__ import annotations

import signal
from types import SimpleNamespace

import pytest

from tests.health.checks import in_child
from zerostate_monitoring.health import drain, hold, process, release, undrain
from zerostate_monitoring.health.states import Status


class Server:
    """As gunicorn's worker or uvicorn's server: a method of it handles SIGTERM."""

    def __init__(self, **said):
        self.__dict__.update(said)

    def handle_exit(self, number, frame):
        """Never called here."""


@pytest.fixture(autouse=True)
def _as_before():
    handler = signal.getsignal(signal.SIGTERM)
    yield
    signal.signal(signal.SIGTERM, handler)
    undrain()


def test_started__until_each_hold_is_released():
    """Two reasons, one of them twice: all must be done."""
    assert process.started().status is Status.HEALTHY
    for reason in ("cache", "cache", "models"):
        hold(reason)
    assert process.started().message == "starting: cache, models"
    release("models")
    release("cache")
    assert process.present().message == "starting: cache"
    release("cache")
    assert process.present().status is Status.HEALTHY
    release("never held")


def test_drain__and_back():
    """A hook of the project's own can say so, and take it back."""
    drain()
    assert process.present().message == "draining: it was told so"
    undrain()
    assert process.present().status is Status.HEALTHY


def test_drain__is_of_one_process():
    """A child that is forked afterwards does not leave with its parent."""
    drain()
    assert in_child(lambda: process.present().status.value)() == "healthy"


@pytest.mark.parametrize(
    ("server", "leaves"),
    [
        (Server(alive=True), False),
        (Server(alive=False), True),
        (Server(should_exit=False), False),
        (Server(should_exit=True), True),
        (Server(), False),
    ],
)
def test_server_leaves__is_its_own_word(server, leaves):
    """gunicorn's worker says it by ``alive``, uvicorn's server by ``should_exit``."""
    signal.signal(signal.SIGTERM, server.handle_exit)
    assert process.server_leaves() is leaves
    assert (process.present().status is Status.UNHEALTHY) is leaves


@pytest.mark.parametrize("handler", [signal.SIG_DFL, signal.SIG_IGN, lambda number, frame: None])
def test_server_leaves__says_nothing_of_other_handlers(handler):
    """A plain function, or none: nothing is known, so it stays."""
    signal.signal(signal.SIGTERM, handler)
    assert process.server_leaves() is False


def test_leaving__by_a_file_and_back(tmp_path):
    """While the drain file is there; a path that cannot be is none."""
    file = tmp_path / "drain"
    assert process.leaving(str(file)) == ""
    file.touch()
    assert process.present(str(file)).message == "draining: the drain file is there"
    file.unlink()
    assert process.present(str(file)).status is Status.HEALTHY
    assert process.leaving("/dev/null/none") == ""


def test_leaving__together(monkeypatch):
    """What gunicorn's master says holds for all of its workers."""
    said = SimpleNamespace(leaves=False)
    monkeypatch.setattr(process, "leaving_together", [lambda: said.leaves])
    assert process.leaving() == ""
    said.leaves = True
    assert process.leaving() == "the server got SIGTERM"


def test_started__in_a_child_that_was_forked_while_somebody_held_the_lock():
    """gunicorn forks while a thread of its master says that it warms up: no probe hangs."""
    with process._lock:
        said = in_child(lambda: process.started().status.value)
    assert said() == "healthy"
