"""A network that has lived for an hour, and goes on, with its admin to be looked at.

``python -m tests.real.screens.lived DIRECTORY PORT`` lives well and then broken with a turned
clock, lets people act, writes ``addresses.json``, and serves while the network lives on. Whoever
asks is logged in as the one operator that there is.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from http.server import HTTPServer
from pathlib import Path
from socketserver import ThreadingMixIn
from typing import Any, Final
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

import django

from tests.real.chronicle import DAY_SECONDS, STEP_SECONDS, Chronicle, _Heart

WELL, BROKEN = 100, 30
"""Steps of half a minute."""
YESTERDAYS_SLOTS: Final = 30
"""Of five minutes: longer than it lives, and half an hour beyond."""
YESTERDAY: Final = {
    "zerostate:tasks_ended:increase5m": 702.0,
    "zerostate:tasks_failed:increase5m": 12.0,
    "zerostate:payments_ended:increase5m": 342.0,
    "zerostate:payments_failed:increase5m": 3.0,
    "zerostate:value_locked:avg5m": 2640.0,
}
FAULTS: Final = ("bootnode", "nodes", "tasks", "payments", "collector", "receiver")


class Server(ThreadingMixIn, WSGIServer):
    """Django's own would start threads that outlive it."""

    daemon_threads = True


class Quiet(WSGIRequestHandler):
    """Says nothing of what is asked."""

    def log_message(self, *arguments: Any) -> None:
        pass


class Lived(Chronicle):
    """One of which the day before is known, too."""

    def _yesterday(self) -> None:
        """What would be kept of it, at the hours of this chronicle."""
        from zerostate_monitoring.storage.kept import SLOT_MS, keep

        first = int(self.now - DAY_SECONDS) * 1000 // SLOT_MS * SLOT_MS
        for place in range(YESTERDAYS_SLOTS):
            samples = [((("__name__", name),), value) for name, value in YESTERDAY.items()]
            keep(first + place * SLOT_MS, samples)


def lived() -> Chronicle:
    """Well for most of the time, broken at its end, which is about now."""
    chronicle = Lived("full", WELL + BROKEN)
    chronicle.live(WELL)
    chronicle.switch(FAULTS)
    chronicle.live(BROKEN)
    # Nothing was missed while it lived faster than the clock.
    while time.time() - chronicle.now > STEP_SECONDS:
        chronicle.live(1)
    return chronicle


def go_on(chronicle: Chronicle) -> None:
    """As fast as the clock, for ever; the store forgets who falls silent."""
    while True:
        if time.time() - chronicle.now < STEP_SECONDS / 2:
            time.sleep(0.5)
            continue
        chronicle.now = time.time() - STEP_SECONDS / 2
        chronicle.step_now()


def main(directory: Path, port: int) -> None:
    """Live, tell where what is, serve."""
    heart = HTTPServer(("127.0.0.1", 0), _Heart)
    threading.Thread(target=heart.serve_forever, daemon=True).start()
    os.environ["HEARTBEAT_URL"] = f"http://127.0.0.1:{heart.server_port}/"
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.real.screens.settings"
    Path(os.environ["DATA"]).mkdir(parents=True, exist_ok=True)
    django.setup()
    from django.contrib.staticfiles.handlers import StaticFilesHandler
    from django.core.wsgi import get_wsgi_application
    from django.utils import timezone

    from tests.real.screens.addresses import addresses
    from tests.real.screens.people import act

    chronicle = lived()
    act(chronicle.user, timezone.now())
    server = Server(("127.0.0.1", port), Quiet)
    server.set_app(StaticFilesHandler(get_wsgi_application()))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    told = directory / "addresses.json"
    told.with_suffix(".new").write_text(json.dumps(addresses()))
    told.with_suffix(".new").rename(told)
    # In this thread, whose connections to databases the network has.
    go_on(chronicle)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
