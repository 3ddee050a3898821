"""The collector of Celery: workers that answer, queues that they take from."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from zerostate_monitoring import wiring
from zerostate_monitoring.collectors.celery import celery
from zerostate_monitoring.collectors.items import Absent
from zerostate_monitoring.collectors.runner import run
from zerostate_monitoring.collectors.signals import (
    Worker,
    Workforce,
    queues_requested,
    workers_requested,
)


@contextmanager
def answering(workforce: Any, depths: dict[str, int | None]) -> Iterator[None]:
    """Let these answer in the place of the broker."""

    def workers(sender: object, **kwargs: Any) -> Any:
        if isinstance(workforce, Exception):
            raise workforce
        return workforce

    def queues(sender: object, queues: list[str], **kwargs: Any) -> dict[str, int | None]:
        return {name: depths.get(name, 0) for name in queues}

    workers_requested.disconnect(wiring.list_workers)
    queues_requested.disconnect(wiring.list_queues)
    workers_requested.connect(workers)
    queues_requested.connect(queues)
    try:
        yield
    finally:
        workers_requested.disconnect(workers)
        queues_requested.disconnect(queues)
        workers_requested.connect(wiring.list_workers)
        queues_requested.connect(wiring.list_queues)


def readings(items):
    return {(i.definition.name, *i.labels): i.value for i in items if not isinstance(i, Absent)}


def test_celery__counts_workers_and_what_waits():
    """All workers, and each queue once: those taken from and the app's own."""
    force = Workforce({"a": Worker(("mail", "slow")), "b": Worker(("mail",))})
    with answering(force, {"mail": 7, "zerostate_monitoring": 2}):
        assert readings(celery()) == {
            ("zerostate_celery_workers",): 2,
            ("zerostate_celery_queue_depth", "mail"): 7,
            ("zerostate_celery_queue_depth", "slow"): 0,
            ("zerostate_celery_queue_depth", "zerostate_monitoring"): 2,
        }


def test_celery__without_workers_is_0():
    """Nobody answers: that is a number, and an important one."""
    with answering(Workforce({}), {}):
        assert readings(celery())["zerostate_celery_workers",] == 0


def test_celery__a_queue_that_nobody_can_tell_of_is_absent():
    """Never a 0 in its place."""
    with answering(Workforce({"a": Worker(("mail",))}), {"mail": None}):
        items = list(celery())
    assert ("zerostate_celery_queue_depth", "mail") not in readings(items)
    assert [i.family for i in items if isinstance(i, Absent)] == ["zerostate_celery_queue_depth"]


@pytest.mark.django_db
def test_celery__a_broker_that_is_away_is_an_error_with_its_kind(store):
    """The run fails, and says why."""
    with answering(ConnectionError("refused"), {}):
        outcome = run("celery", store=store, forced=True)
    assert not outcome.ok
    assert store.counts("collector_errors")["celery|refused"] == 1
