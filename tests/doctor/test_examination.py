"""All examinations together."""

from __future__ import annotations

import queue
import threading
import time
from functools import partial, wraps

import pytest
from django.utils import translation

from zerostate_monitoring import wiring
from zerostate_monitoring.collectors.signals import Worker, Workforce, workers_requested
from zerostate_monitoring.doctor import Level, examination
from zerostate_monitoring.doctor.collection import examine_nodes
from zerostate_monitoring.doctor.examination import examine
from zerostate_monitoring.doctor.finding import ok
from zerostate_monitoring.doctor.project import (
    examine_access,
    examine_migrations,
    examine_time_zone,
)
from zerostate_monitoring.doctor.server import examine_caches, examine_store
from zerostate_monitoring.doctor.switch import examine_switch
from zerostate_monitoring.models import Collector, Node

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def workers():
    """A worker on our queue, without a broker."""

    def answer(sender, timeout, queue, **kwargs):
        return Workforce({"w1": Worker((queue,), "thread")}, waiting=7)

    workers_requested.disconnect(wiring.list_workers)
    workers_requested.connect(answer)
    yield
    workers_requested.disconnect(answer)
    workers_requested.connect(wiring.list_workers)


def by_name(findings):
    return {finding.name: finding for finding in findings}


def test_examine__finds_a_living_store(store):
    """With a store and a worker those findings are fine."""
    store.note("beat", {"tick": {"at": time.time()}})

    findings = by_name(examine())

    assert {findings[name].level for name in ("store", "worker", "beat", "clock")} == {Level.OK}
    assert findings["migrations"].level is Level.OK


def test_examine__tells_of_queue_and_pool():
    """What waits in the queue, and a pool that cannot end what hangs, are findings."""
    findings = by_name(examine())

    assert findings["queue"].message == "7 messages wait in zerostate_monitoring"
    assert findings["worker pool"].level is Level.WARNING


def test_examine__says_what_to_do_without_a_store():
    """A store that is away is one error with advice; the rest is examined all the same."""
    findings = by_name(examine())

    assert findings["store"].level is Level.ERROR
    assert "REDIS_URL" in findings["store"].advice
    assert findings["beat"].level is Level.UNKNOWN
    assert "collector economic" in findings


def test_nodes__are_not_missed_where_p2p_is_disabled(store):
    """Nobody waits for what an operator has switched off."""
    Node.objects.create(name="n1", base_url="http://n1.example")
    assert by_name(examine_nodes())["nodes"].level is Level.WARNING
    Collector.objects.update_or_create(name="p2p", defaults={"enabled": False})
    finding = by_name(examine_nodes())["nodes"]
    assert (finding.level, "disabled" in finding.message) == (Level.OK, True)


def test_examine__one_that_hangs_is_unknown(monkeypatch):
    """A party that does not answer costs the timeout, and no more."""
    released = threading.Event()

    def examine_moon():
        released.wait(30)
        return []

    monkeypatch.setattr(examination, "ELSEWHERE", (examine_moon,))
    try:
        findings = by_name(examine(timeout=0.05))
    finally:
        released.set()

    assert findings["moon"].level is Level.UNKNOWN


def test_examine__all_speak_the_language_of_who_asks(monkeypatch):
    """Those that are asked in threads of their own, too; names are the same in each."""

    def examine_tongue(name):
        return [ok(name, str(translation.get_language()))]

    for name in ("HERE", "ELSEWHERE", "AFTERWARDS"):
        one = wraps(examine_tongue)(partial(examine_tongue, name))
        monkeypatch.setattr(examination, name, (one,))
    for language in ("de", "ar"):
        with translation.override(language):
            assert [(one.name, one.message) for one in examine()] == [
                ("HERE", language),
                ("ELSEWHERE", language),
                ("AFTERWARDS", language),
            ]


def test_examine__one_that_breaks_is_an_error(monkeypatch, caplog):
    """A broken examination is told and logged; the others go on."""

    def examine_sun():
        raise ZeroDivisionError("too bright")

    monkeypatch.setattr(examination, "HERE", (examine_sun, lambda: [ok("rest", "fine")]))
    monkeypatch.setattr(examination, "ELSEWHERE", (lambda: [ok("moon", "fine")],))

    findings = by_name(examine())

    assert findings["sun"].level is Level.ERROR
    assert "too bright" in findings["sun"].message
    assert findings["rest"].level is findings["moon"].level is Level.OK
    assert "examination_failed" in [record.message for record in caplog.records]


@pytest.mark.parametrize(
    ("name", "value", "level", "words"),
    [
        ("METRICS_TOKEN", "secret", Level.OK, "token"),
        ("METRICS_ALLOWED_NETWORKS", ["10.0.0.0/8"], Level.OK, "10.0.0.0/8"),
        ("METRICS_TOKEN", "", Level.WARNING, "this host only"),
    ],
)
def test_access(settings, name, value, level, words):
    """Who may read the page, and which settings change it."""
    setattr(settings, f"ZEROSTATE_MONITORING_{name}", value)

    (finding,) = examine_access()

    assert finding.level is level
    assert words in finding.message
    assert "secret" not in finding.message


def test_access__with_debug_on(settings):
    """DEBUG opens the page, which must not go into production."""
    settings.DEBUG = True

    (finding,) = examine_access()

    assert finding.level is Level.WARNING


def test_switch(settings):
    """Switched off is said, for nothing else would explain the silence."""
    settings.ZEROSTATE_MONITORING_ENABLED = False

    assert next(iter(examine_switch())).level is Level.WARNING


def test_time_zone(settings):
    """Naive times are a warning."""
    settings.USE_TZ = False

    assert next(iter(examine_time_zone())).level is Level.WARNING


def test_migrations__are_applied():
    """The tests' own database is up to date."""
    assert {finding.level for finding in examine_migrations()} == {Level.OK}


def test_caches__in_the_stores_database(settings):
    """A shared database is an error: clear() would wipe the metrics."""
    settings.CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": settings.ZEROSTATE_MONITORING_REDIS_URL,
        }
    }

    (finding,) = examine_caches()

    assert finding.level is Level.ERROR


def test_store__a_bad_address_is_told(settings):
    """A setting that cannot be read is an error with its name, no traceback."""
    settings.ZEROSTATE_MONITORING_REDIS_URL = "http://nonsense"

    (finding,) = examine_store()

    assert finding.level is Level.ERROR
    assert "REDIS_URL" in finding.message


def test_examine__switched_off_is_all_there_is_to_say(settings):
    """Nothing is examined that is off on purpose, and it is no error."""
    settings.ZEROSTATE_MONITORING_ENABLED = False

    (finding,) = examine()

    assert finding.level is Level.WARNING
    assert "switched off (ZEROSTATE_MONITORING_ENABLED)" in finding.message


def test_examine__all_together_take_one_timeout(monkeypatch):
    """Several that hang are waited for at the same time, by threads that hold nobody up."""
    released = threading.Event()
    threads = []

    def examine_moon():
        threads.append(threading.current_thread())
        released.wait(30)
        return []

    waited = []
    monkeypatch.setattr(examination, "ELSEWHERE", (examine_moon,) * 3)
    monkeypatch.setattr(examination, "SimpleQueue", lambda: Waiting(waited))
    try:
        findings = [finding for finding in examine(timeout=0.2) if finding.name == "moon"]
    finally:
        released.set()

    assert [finding.level for finding in findings] == [Level.UNKNOWN] * 3
    assert waited[1:] == pytest.approx([0, 0], abs=0.1)
    assert all(thread.daemon for thread in threads)


class Waiting(queue.SimpleQueue[object]):
    """A queue that remembers how long it was asked to wait."""

    def __init__(self, waited):
        super().__init__()
        self.waited = waited

    def get(self, block=True, timeout=None):
        self.waited.append(timeout)
        return super().get(block, timeout)
