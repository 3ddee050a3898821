"""Celery's signals as the life of a process."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from celery import signals

from zerostate_monitoring.instrumentation import life


@pytest.fixture
def told(monkeypatch):
    said = []
    monkeypatch.setattr(life, "_listeners", [])
    monkeypatch.setattr(life, "_worker", {"name": "", "queues": ()})
    life.connect(lambda *words: said.append(words))
    return said


class Consumer:
    """What sends ``worker_ready``; a sender must be hashable."""

    def __init__(self, *queues):
        amqp = SimpleNamespace(queues=SimpleNamespace(consume_from=dict.fromkeys(queues)))
        self.app = SimpleNamespace(amqp=amqp)


def test_worker__from_its_start_to_its_end(told):
    """Its queues are known once it takes messages, and still while it ends."""
    signals.worker_init.send(sender="w@host")
    signals.worker_ready.send(sender=Consumer("mail", "celery"))
    signals.worker_shutting_down.send(sender="w@host", sig="TERM", how="Warm", exitcode=0)
    assert told == [
        ("worker", "w@host", "starting", ()),
        ("worker", "w@host", "ready", ("celery", "mail")),
        ("worker", "w@host", "draining", ("celery", "mail")),
    ]


def test_beat__is_ready_when_it_begins(told):
    """Its name tells beats on one host from each other."""
    signals.beat_init.send(sender=object())
    ((role, name, state, queues),) = told
    assert (role, state, queues) == ("beat", "ready", ())
    assert name.startswith("beat@")
