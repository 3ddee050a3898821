"""The thread: in real processes that fork, end, and lose their store."""

from __future__ import annotations

import subprocess
import sys
import textwrap
import time

import pytest

from tests.instrumentation.processes import shown
from tests.packages import ROOT
from tests.servers import wait_until
from zerostate_monitoring.instrumentation.publisher import Publisher

PREAMBLE = """
import multiprocessing, os, sys, threading, time
from django.conf import settings
settings.configure(
    INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes", "zerostate_monitoring"],
    DATABASES={{"default": {{"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}}},
    ZEROSTATE_MONITORING_REDIS_URL={url!r}, ZEROSTATE_MONITORING_PUBLISH_INTERVAL_SECONDS={every},
    ZEROSTATE_MONITORING_REDIS_TIMEOUT_SECONDS=20,
)
from zerostate_monitoring.instrumentation import p2p, publisher
def count(number=1):
    for _ in range(number):
        p2p.packet_dropped("test")
"""
KEY = ("zerostate_p2p_packets_dropped_total", (("reason", "test"),))


def run(url: str, code: str, every: float = 60) -> subprocess.CompletedProcess[str]:
    """Run ``code`` in a process of its own; it publishes only at its end."""
    program = PREAMBLE.format(url=url, every=every) + textwrap.dedent(code)
    return subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        timeout=120,
        cwd=ROOT,
        check=False,
    )


ENDS = {
    "returns": "count(3)",
    "sys.exit": "count(3); sys.exit(0)",
    "an exception": "count(3); raise SystemExit('told')",
    "a thread": """
        thread = threading.Thread(target=count, args=(3,)); thread.start(); thread.join()
        """,
    "os.fork": """
        count(1)
        if os.fork() == 0:
            count(2)
            sys.exit(0)
        os.wait()
        """,
    "os.fork of a master that had not published": """
        count(1)
        publisher.wake()
        if os.fork() == 0:
            count(1)
            if os.fork() == 0:
                count(1)
                sys.exit(0)
            os.wait()
            sys.exit(0)
        os.wait()
        """,
    "multiprocessing, forked": """
        count(1)
        child = multiprocessing.get_context("fork").Process(target=count, args=(2,))
        child.start(); child.join()
        """,
    "own instruments alone": """
        import django; django.setup()
        from prometheus_client import Counter
        Counter("zerostate_own", "Test.").inc(3)
        """,
    "stop before os._exit": "count(3); publisher.stop(); os._exit(0)",
}


@pytest.mark.parametrize("way", ENDS)
def test_process__that_ends_cleanly_has_told_all(store, valkey_url, way):
    """However a process ends by itself: the total is what was counted, once."""
    done = run(valkey_url, ENDS[way])
    own = ("zerostate_own_total", ())
    assert shown(store)[own if "own" in way else KEY] == 3, done.stderr
    assert store.snapshot().processes == {}


def test_process__publishes_while_it_lives(store, valkey_url):
    """Every interval, without being asked."""
    code = "count(2); time.sleep(120)"
    program = PREAMBLE.format(url=valkey_url, every=0.1) + code
    process = subprocess.Popen([sys.executable, "-c", program], cwd=ROOT)
    try:
        wait_until(lambda: shown(store).get(KEY) == 2, 60, "the process publishes")
        ((_, entry),) = store.snapshot().processes.items()
        assert entry.about["pid"] == str(process.pid)
    finally:
        process.kill()
        process.wait()


def test_process__whose_store_is_away_ends_in_time():
    """An exit waits no longer than the timeout, and says nothing twice."""
    began = time.monotonic()
    done = run("redis://127.0.0.1:1/0", "count(3); time.sleep(0.5)", every=0.05)
    assert time.monotonic() - began < 15
    assert done.returncode == 0
    assert done.stderr.count("publication_deferred") <= 1


def test_child__of_a_process_with_busy_threads(store, valkey_url):
    """Forks while other threads count and make series do not hang, and count exactly."""
    done = run(
        valkey_url,
        """
        stop = threading.Event()
        def busy(name):
            number = 0
            while not stop.is_set():
                p2p.peer_failed(f"{name}-{number % 50}"); number += 1
        threads = [threading.Thread(target=busy, args=(n,), daemon=True) for n in range(3)]
        for thread in threads: thread.start()
        for _ in range(20):
            if os.fork() == 0:
                count(2)
                publisher.stop()
                os._exit(0)
            os.wait()
        stop.set()
        """,
    )
    assert done.returncode == 0, done.stderr
    assert shown(store)[KEY] == 40


def test_child__forks_without_the_parents_locks(store, valkey_url):
    """A lock that only a thread of the parent could release does not stop a child."""
    done = run(
        valkey_url,
        """
        from prometheus_client import Counter, Enum
        made = Counter("zerostate_many", "Test.", ["k"])
        state = Enum("zerostate_state", "Test.", states=["a", "b"])
        stop = threading.Event()
        def busy():
            number = 0
            while not stop.is_set():
                made.labels(str(number % 300)).inc(); state.state("b"); number += 1
                number % 50 or made.clear()
        for _ in range(3):
            threading.Thread(target=busy, daemon=True).start()
        for _ in range(30):
            if os.fork() == 0:
                count(1)
                made.labels("x").inc()
                publisher.stop()
                os._exit(0)
            os.wait()
        stop.set()
        """,
    )
    assert done.returncode == 0, done.stderr
    assert shown(store)[KEY] == 30


def test_publish__never_raises(settings, monkeypatch):
    """What goes wrong in the thread is logged, and the thread goes on."""
    publisher = Publisher()
    settings.ZEROSTATE_MONITORING_REDIS_URL = "nonsense://"
    assert publisher.publish() is False
    settings.ZEROSTATE_MONITORING_REDIS_URL = "redis://127.0.0.1:1/0"
    monkeypatch.setattr(publisher, "_current", lambda: 1 / 0)
    assert publisher.publish() is False


def test_switched_off__starts_nothing(settings):
    """ENABLED = False: nothing is published."""
    settings.ZEROSTATE_MONITORING_ENABLED = False
    publisher = Publisher()
    publisher.wake()
    assert not publisher.is_running
