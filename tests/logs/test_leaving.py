"""The end of a process whose lines go to a collector that hangs."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
from contextlib import closing, suppress

import pytest

from tests.packages import ROOT

_SHIPS = """
import logging
from opentelemetry._logs import set_logger_provider
from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter
from opentelemetry.sdk._logs import LoggerProvider
from zerostate_monitoring import logs
from zerostate_monitoring.logs.exporting import Batches, CountedExporter

logs.configure(otlp=True, first=0)
provider = LoggerProvider()
provider.add_log_record_processor(Batches(CountedExporter(OTLPLogExporter())))
set_logger_provider(provider)
for number in range(1_000):
    logging.getLogger("shop").warning("sold", extra={"number": number})
"""


def take(server: socket.socket, *, says_something: bool) -> None:
    """Take one connection and never answer; or begin to, a byte now and then, without end."""
    ended = threading.Event()
    with suppress(OSError), closing(server.accept()[0]) as taken:
        while taken.recv(65_536) and says_something:
            taken.sendall(b"HTTP/1.1 200 OK\r\n")
            while not ended.wait(0.5):
                taken.sendall(b"X-More: to come\r\n")


@pytest.mark.parametrize("says_something", [False, True])
def test_process__ends_though_its_collector_hangs(says_something):
    """All lines are written, and OpenTelemetry's own patience, half a minute, is not had."""
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        arguments = {"says_something": says_something}
        threading.Thread(target=take, args=(server,), kwargs=arguments, daemon=True).start()
        done = subprocess.run(
            [sys.executable, "-c", _SHIPS],
            env={
                **os.environ,
                "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{server.getsockname()[1]}",
                "OTEL_EXPORTER_OTLP_TIMEOUT": "1000",
            },
            cwd=ROOT,
            capture_output=True,
            timeout=25,
            check=False,
        )
    assert done.returncode == 0, done.stderr
    assert sum(b'"number":' in line for line in done.stderr.splitlines()) == 1_000
