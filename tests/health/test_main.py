"""The probe for where there is no shell and no curl."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from tests.packages import ROOT
from tests.servers import free_port
from zerostate_monitoring.health.__main__ import main
from zerostate_monitoring.health.pulse import DRAINING, READY, Life, write


@pytest.fixture
def web():
    """A server that answers each address with the status that it names."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(int(self.path[1:]))
            self.send_header("X-Seen", self.headers.get("X-Forwarded-Proto", ""))
            self.end_headers()

        def log_message(self, *args):
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize(("state", "live", "ready"), [(READY, 0, 0), (DRAINING, 0, 1)])
def test_main__reads_a_pulse(tmp_path, capsys, state, live, ready):
    """0 while it passes, 1 if not; the reason on the stream that fits."""
    file = tmp_path / "pulse"
    write(file, Life("worker", "w@h", state), time.monotonic())
    assert main(["live", str(file)]) == live
    assert f"w@h is {state}" in capsys.readouterr().out
    assert main(["ready", str(file)]) == ready
    shown = capsys.readouterr()
    assert f"w@h is {state}" in (shown.err if ready else shown.out)
    assert main(["live", str(tmp_path / "none")]) == 1


def test_main__asks_a_web_process(web, capsys):
    """200 passes; 503, a port where nobody listens, and what is no address do not."""
    assert main(["get", f"{web}/200"]) == 0
    assert main(["get", f"{web}/503"]) == 1
    assert main(["get", f"http://127.0.0.1:{free_port()}/200"]) == 1
    assert main(["get", "file:///etc/passwd"]) == 1
    assert "answers 503" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [[], ["live"], ["dance", "x"], ["live", "a", "b"]])
def test_main__says_how_it_is_used(arguments, capsys):
    """What it does not know is 2, with its usage."""
    assert main(arguments) == 2
    assert "Use: python -m" in capsys.readouterr().err


def test_main__loads_neither_django_nor_celery(tmp_path):
    """A probe is started again and again: it must not load what it does not need."""
    file = tmp_path / "pulse"
    write(file, Life("beat", "b", READY), time.monotonic())
    code = (
        "import sys; from zerostate_monitoring.health.__main__ import main; "
        "code = main(['live', sys.argv[1]]); "
        "heavy = {'django', 'celery', 'numpy', 'redis', 'prometheus_client'} & set(sys.modules); "
        "print(heavy or 'light'); sys.exit(code)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(file)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines()[-1] == "light"
