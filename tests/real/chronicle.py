"""The example project in one process, a quarter of an hour of it within seconds.

``python -m tests.real.chronicle PROFILE DIRECTORY`` lives seven minutes well and another
ten broken: nodes are scraped over HTTP, the platform's tables are read, requests are answered,
tasks run, rules are evaluated, messages sent; history, recorded series and ALERTS are what the
app makes of that. Only the clock is turned. It puts every panel's queries to the app's own query
API at the end of each half, and writes down the counts and all series. Its lines go to standard
error.
"""

from __future__ import annotations

import json
import os
import pickle
import sys
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import django
import time_machine

STEP_SECONDS: Final = 30
STEPS: Final = 14
"""Of each half."""
FAULTS: Final = (
    *(
        "bootnode",
        "nodes",
        "restarts",
        "messages",
        "dht",
        "tasks",
        "receipts",
        "guilds",
        "payments",
    ),
    *("settlement", "funds", "disputes", "slow-disputes", "blacklist", "cardinality"),
    *("api", "collector", "receiver"),
)
DAY_SECONDS: Final = 86_400
YESTERDAYS_SLOTS: Final = 8
BEATEN: Final = ("celery", "monitoring", "economic", "execution")
"""Collectors that have an entry of their own in beat's schedule."""
SELDOM: Final = (".prune", ".keep_evidence", ".collect_due")
LATER: Final = ("nodes",)
FIRST_PORT, LAST_PORT = 12_000, 30_000
PHASES: Final = ("well", "broken")
PASSWORD: Final = "of the chronicle"
ALERTMANAGER: Final = {
    "version": "4",
    "groupKey": "{}",
    "status": "firing",
    "receiver": "us",
    "alerts": [
        {
            "status": "firing",
            "labels": {"alertname": "Elsewhere", "severity": "warning"},
            "annotations": {},
            "startsAt": "2026-01-01T00:00:00Z",
            "endsAt": "0001-01-01T00:00:00Z",
            "fingerprint": "0123456789abcdef",
        }
    ],
}


class _Heart(BaseHTTPRequestHandler):
    """Whoever watches from outside."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()

    do_POST = do_GET  # noqa: N815 - as http.server wants it

    def log_message(self, *arguments: Any) -> None:
        """Say nothing."""


class Chronicle:
    """One installation whose clock is turned."""

    def __init__(self, profile: str, steps: int = 2 * STEPS + 6) -> None:
        """It begins ``steps`` ago."""
        from django.contrib.auth.models import User
        from django.core.management import call_command
        from django.test import Client

        from example_project.celery import app
        from example_project.demo.receivers import route_to_mailbox
        from example_project.network.runner import Runner
        from example_project.network.simulation.config import Config
        from example_project.network.switches import switches
        from zerostate_monitoring.collectors import celery

        self.app = app
        self.app.loader.import_default_modules()
        self.now = float(int(time.time()) // 30 * 30 - steps * STEP_SECONDS)
        with self.at():
            call_command("migrate", verbosity=0, interactive=False)
            self.user = User.objects.create_superuser("admin", password=PASSWORD)
            route_to_mailbox()
            config = Config(agents=12, users=5, nodes=8, speed=5.0, profile=profile)
            self.switches = switches()
            self.runner = Runner(config, self.switches, self.now)
            self._yesterday()
        self._start_nodes()
        # No worker answers here: it is not waited for.
        celery.TIMEOUT_SECONDS = 0.05  # type: ignore[misc]
        self.client = Client(raise_request_exception=False)

    def _yesterday(self) -> None:
        """What would be kept of the day before, at the hour of this chronicle."""
        from zerostate_monitoring.storage.kept import SLOT_MS, keep

        labels = (("__name__", "zerostate:value_locked:avg5m"),)
        first = int(self.now - DAY_SECONDS) * 1000 // SLOT_MS * SLOT_MS
        for place in range(YESTERDAYS_SLOTS):
            keep(first + place * SLOT_MS, [(labels, 100.0 + place)])

    def _start_nodes(self) -> None:
        """On ports that the system gives to nobody, so that one that was down gets its own back."""
        for first in range(FIRST_PORT + os.getpid() % 500 * 16, LAST_PORT, 16):
            try:
                self.runner.start(first)
            except OSError:
                continue
            return
        raise AssertionError("no ports are free")

    def at(self) -> Any:
        """The clock as this chronicle has it; it goes on while something is done."""
        return time_machine.travel(datetime.fromtimestamp(self.now, UTC), tick=True)

    # -- life ------------------------------------------------------------------------

    def live(self, steps: int) -> None:
        for _ in range(steps):
            self.now += STEP_SECONDS
            with self.at():
                self._step()

    def _step(self) -> None:
        from django.core.cache import cache
        from django.db import connections

        from zerostate_monitoring.collectors import COLLECTORS
        from zerostate_monitoring.instrumentation import publisher
        from zerostate_monitoring.schedule import beat_schedule

        self.runner.step(self.now)
        self._requests()
        cache.set("seen", self.now)
        cache.get("seen")
        connections["default"].close()
        publisher.flush()
        for entry in beat_schedule().values():
            is_asked = entry["args"] != ["celery"] or self.now // STEP_SECONDS % 4 == 0
            if is_asked and not entry["task"].endswith(SELDOM):
                self._run(entry["task"], entry["args"])
        # Beat's own tick sends messages for these; nobody takes them here.
        for name in sorted(set(COLLECTORS.intervals()) - {"p2p", *BEATEN}):
            self._run("zerostate_monitoring.collect", [name])
        if "api" in self.switches.broken():
            self._errors()
        publisher.flush()

    def _errors(self) -> None:
        """A task that fails and a statement that cannot be: each is counted."""
        from django.db import DatabaseError, connections

        self._run("zerostate_monitoring.collect", ["unknown"])
        with suppress(DatabaseError), connections["default"].cursor() as cursor:
            cursor.execute("SELECT nothing FROM nowhere")

    def _requests(self) -> None:
        for path in ("/api/agents", "/api/agents", "/metrics", "/admin/login/", "/nowhere"):
            answer = self.client.get(path)
            b"".join(answer) if answer.streaming else answer.content
        self.client.post(
            "/monitoring/api/v1/alertmanager/webhook",
            json.dumps(ALERTMANAGER),
            content_type="application/json",
            headers={"authorization": "Bearer t0ken"},
        )

    def _run(self, name: str, arguments: Iterable[Any]) -> None:
        """Run a task as a worker does that has taken its message from the queue."""
        from celery.app.trace import build_tracer

        task = self.app.tasks[name]
        options = {"forced": True} if name.endswith((".collect", ".collect_nodes")) else {}
        ident = str(uuid4())
        request = {
            "id": ident,
            "delivery_info": {"routing_key": "zerostate_monitoring"},
            "zerostate_sent_at": time.time() - 0.2,
        }
        tracer = build_tracer(name, task, app=self.app)
        tracer(ident, list(arguments), options, request)

    def step_now(self) -> None:
        """A step by the real clock."""
        self._step()

    def break_(self) -> None:
        self.switch(name for name in FAULTS if name not in LATER)
        self.live(6)
        # One alert ends, too; the node that invents peers was heard before it goes down.
        self.switches.clear("bootnode")
        self.switch(LATER)

    def switch(self, names: Iterable[str]) -> None:
        """Let these faults begin."""
        for name in names:
            self.switches.set(name, datetime.fromtimestamp(self.now, UTC))

    def judge(self) -> None:
        """Somebody logs in, takes an alert on, and says of one that it was useful."""
        from django.test import Client

        from zerostate_monitoring.alerting.acknowledging import acknowledge
        from zerostate_monitoring.alerting.noting import judge
        from zerostate_monitoring.models import Alert, Silence
        from zerostate_monitoring.models.words import Verdict

        with self.at():
            now = datetime.fromtimestamp(self.now, UTC)
            login = {"username": self.user.username, "password": PASSWORD, "next": "/admin/"}
            assert Client().post("/admin/login/", login).status_code == 302
            verdicts = (Verdict.USEFUL, Verdict.NOISE, Verdict.NOISE)
            firing = Alert.objects.filter(state="firing").exclude(severity="none")
            for alert, verdict in zip(firing[:3], verdicts, strict=False):
                acknowledge(alert, self.user, "looking", None)
                judge(alert, self.user, verdict, now)
            for alert in firing[3:4]:
                Silence.objects.create(
                    matchers="\n".join(f'{k}="{v}"' for k, v in alert.labels.items()),
                    starts_at=now,
                    ends_at=now + timedelta(hours=1),
                    comment="known",
                    author=self.user.username,
                )

    # -- what it says -----------------------------------------------------------------

    def answers(self) -> Iterator[dict[str, Any]]:
        """How many series each query gives by the app's own API; an error is one, too."""
        from tests.real.panel_questions import questions

        with self.at():
            for question in questions(self.now):
                answer = self.client.get(
                    f"/monitoring/api/v1/{question.path}",
                    question.parameters,
                    headers={"authorization": "Bearer s3cret"},
                ).json()
                asked = [question.path, question.parameters]
                yield {"key": question.key, "asked": asked, **counted(answer)}

    def rows(self) -> list[Any]:
        """Every series of history with its samples, stale markers among them."""
        from tests.real.panel_questions import every_row

        with self.at():
            return list(every_row(self.now))

    def close(self) -> None:
        self.runner.close()


def counted(answer: dict[str, Any]) -> dict[str, Any]:
    """Series of an answer, and those that say a number."""
    if answer["status"] != "success":
        return {"series": 0, "numbers": 0, "error": answer["error"]}
    found = answer["data"]["result"]
    if answer["data"]["resultType"] == "scalar":
        found = [{"value": found}]
    values = [[v for _, v in one.get("values", [one.get("value")])] for one in found]
    return {
        "series": len(found),
        "numbers": sum(any(value != "NaN" for value in each) for each in values),
        "error": "",
    }


def main(profile: str, directory: Path) -> None:
    """Live, ask, write down."""
    heart = HTTPServer(("127.0.0.1", 0), _Heart)
    threading.Thread(target=heart.serve_forever, daemon=True).start()
    os.environ["HEARTBEAT_URL"] = f"http://127.0.0.1:{heart.server_port}/"
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.real.settings_chronicle"
    Path(os.environ["DATA"]).mkdir(parents=True, exist_ok=True)
    django.setup()
    chronicle = Chronicle(profile)
    found: dict[str, Any] = {"profile": profile}
    try:
        for phase in PHASES:
            if phase == "broken":
                chronicle.break_()
            chronicle.live(STEPS // 2)
            chronicle.judge()
            chronicle.live(STEPS // 2)
            found[phase] = {"now": chronicle.now, "answers": list(chronicle.answers())}
        (directory / f"{profile}.rows").write_bytes(pickle.dumps(chronicle.rows()))
    finally:
        chronicle.close()
        heart.shutdown()
    (directory / f"{profile}.json").write_text(json.dumps(found))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
