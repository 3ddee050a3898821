"""The dead man's switch: a call leaves only while an alert comes the whole way."""

from __future__ import annotations

from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest
from django.utils import timezone

from zerostate_monitoring.alerting.delivery import heartbeat
from zerostate_monitoring.models import GroupState, Heartbeat, Message, Receiver
from zerostate_monitoring.notifiers import canary
from zerostate_monitoring.notifiers.base import DeliveryError
from zerostate_monitoring.notifiers.heartbeat import call

SECRET = "0b6c2a"


@pytest.fixture
def calls(monkeypatch, settings, house):
    """Times of calls of the address."""
    settings.ZEROSTATE_MONITORING_HEARTBEAT_URL = "https://outside.example/ping"
    made = []
    monkeypatch.setattr(heartbeat, "call", lambda url, timeout: made.append(house.now))
    monkeypatch.setattr(timezone, "now", lambda: house.now)
    return made


@pytest.fixture
def watchdog(house):
    """An alert that always fires, with a route to the canary as it is shipped."""
    receiver = Receiver.objects.create(name="canary", kind="canary")
    house.route(receiver, group_interval_seconds=15.0, repeat_interval_seconds=60.0)
    evaluate(house)
    return house.fire("watchdog")


def evaluate(house):
    slot = int(house.now.timestamp() // 15) * 15_000
    GroupState.objects.update(last_slot_ms=slot)


def live(house, seconds):
    """Evaluation and delivery go on."""
    for _ in range(seconds // 10):
        evaluate(house)
        house.deliver(10)


def test_heartbeat__leaves_each_minute(house, watchdog, calls):
    """About one call a minute, and one message of the canary's."""
    live(house, 300)
    assert 4 <= len(calls) <= 6
    assert 4 <= Message.objects.filter(purpose="canary", state="sent").count() <= 6
    row = Heartbeat.objects.get()
    assert house.now - row.called_at <= timedelta(seconds=70)


def test_heartbeat__stops_when_evaluation_stops(house, watchdog, calls):
    """The alert fires on in the database and is told again; but its slot is old."""
    live(house, 120)
    for _ in range(30):
        house.deliver(10)
    assert house.now - calls[-1] > timedelta(seconds=120)
    assert len(calls) == len(set(calls))
    last = calls[-1]
    house.deliver(60)
    assert calls[-1] == last
    live(house, 120)
    assert house.now - calls[-1] <= timedelta(seconds=70)


def test_heartbeat__stops_when_messages_do_not_arrive(house, watchdog, calls, monkeypatch):
    """Evaluation goes on, and the delivery calls nobody, for nothing arrives."""
    live(house, 120)

    def fail(*args, **options):
        raise DeliveryError("no")

    monkeypatch.setattr(canary.CanaryNotifier, "send", fail)
    live(house, 300)
    assert house.now - calls[-1] > timedelta(seconds=120)


def test_heartbeat__stops_when_the_outbox_stands(house, watchdog, calls, monkeypatch):
    """Messages are sent, but none is made."""
    live(house, 120)
    monkeypatch.setattr(
        "zerostate_monitoring.alerting.delivery.running.flush_due", lambda *args, **options: 0
    )
    live(house, 300)
    assert house.now - calls[-1] > timedelta(seconds=120)


def test_heartbeat__is_not_doubled_by_many(house, watchdog, calls):
    """Whoever asks within the minute, after a restart or beside another worker, calls nobody."""
    live(house, 120)
    before = len(calls)
    assert [heartbeat.beat(house.now) for _ in range(5)].count(True) <= 1
    assert len(calls) - before <= 1


def test_canary__without_a_slot_does_not_arrive(house, calls):
    """A message that names no evaluation proves nothing."""
    receiver = Receiver.objects.create(name="canary", kind="canary")
    house.route(receiver)
    house.fire("watchdog")
    house.deliver()
    assert not Heartbeat.objects.exists()
    assert house.message().state == "dead"


class OutsideServer(HTTPServer):
    """Keeps the paths that it was asked for."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Outside)
        self.paths = []


class Outside(BaseHTTPRequestHandler):
    server: OutsideServer

    def do_GET(self):
        self.server.paths.append(self.path)
        self.send_response(302 if self.path == "/moved" else 200)
        self.send_header("Location", "/elsewhere")
        self.end_headers()

    def log_message(self, *args):
        pass


@pytest.fixture
def outside():
    server = OutsideServer()
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def test_call__is_a_get(outside):
    """The address is asked as it is written."""
    url = f"http://127.0.0.1:{outside.server_port}/{SECRET}?a=b"
    assert call(url, timeout=5).status == 200
    assert outside.paths == [f"/{SECRET}?a=b"]


@pytest.mark.parametrize("path", ["/moved", ""])
def test_call__that_fails_says_why_without_the_secret(outside, path):
    """No redirect is followed; neither path nor query stands in the error."""
    port = outside.server_port if path else 1
    with pytest.raises(DeliveryError) as caught:
        call(f"http://127.0.0.1:{port}{path or '/' + SECRET}", timeout=5)
    assert SECRET not in str(caught.value)
    assert outside.paths in ([], ["/moved"])


@pytest.mark.parametrize(
    "url", ["file:///etc/passwd", "http://169.254.169.254/latest", "http://a:b@x.example/"]
)
def test_call__goes_nowhere_that_is_refused(url):
    """The same addresses are refused as for messages."""
    with pytest.raises(DeliveryError) as caught:
        call(url, timeout=1)
    assert caught.value.is_permanent
