"""Celery's signals: what a worker says of a run, in an order that real ones have."""

from __future__ import annotations

from contextlib import contextmanager
from typing import Any

import pytest
from celery import Celery
from celery.exceptions import Reject, TimeLimitExceeded, WorkerLostError

from tests.instrumentation.test_records import value
from zerostate_monitoring.instrumentation import celery as listener

OVER = TimeLimitExceeded(1)


def nothing():
    """What the task does."""


@pytest.fixture
def task(monkeypatch):
    app: Any = Celery(set_as_current=False)
    monkeypatch.setattr(listener, "current_app", app)
    return app.task(nothing, name="t", lazy=False, shared=False)


@contextmanager
def run(task, task_id="1"):
    """The request of a run is on top meanwhile, as in the process where it runs."""
    task.push_request(id=task_id, called_directly=False)
    try:
        yield
    finally:
        task.pop_request()


def fails(task, error, *, with_request, task_id="1"):
    """What the worker's main process says of a run that another process had."""
    if not with_request:
        listener._failed(task_id, sender=task, exception=error)
        return
    with run(task, task_id):
        listener._failed(task_id, sender=task, exception=error)


def ended(outcome):
    return value("zerostate_celery_tasks_total", task="t", outcome=outcome)


def test_time_limit__that_is_told_twice_counts_once(task):
    """With the request and then without; and again for the next run of the same id."""
    for number in (1, 2):
        fails(task, OVER, with_request=True)
        fails(task, OVER, with_request=False)
        assert ended("failure") == number


def test_time_limit__that_is_told_once_counts_each_time(task):
    """Where the message goes back to its queue only the second is said, for each run."""
    for number in (1, 2):
        fails(task, OVER, with_request=False)
        assert ended("failure") == number


def test_time_limit__what_is_remembered_is_bounded(task, monkeypatch):
    """Older versions of Celery say only the first."""
    monkeypatch.setattr(listener, "_MOST_REMEMBERED", 10)
    monkeypatch.setattr(listener, "_timed_out", type(listener._timed_out)())
    for number in range(100):
        fails(task, OVER, with_request=True, task_id=str(number))
    assert ended("failure") == 100
    assert len(listener._timed_out) == 10


@pytest.mark.parametrize("error", [Reject("no", requeue=False), LookupError()])
def test_failure__of_a_run_that_has_told_its_end(task, error):
    """What the process that ran it has counted, the main process does not count again."""
    with run(task):
        listener._before_run("1", task)
        listener._after_run("1", task, state="REJECTED")
    fails(task, error, with_request=False)
    assert (ended("rejected"), ended("failure")) == (1, 0)


def test_failure__by_the_loss_of_another_task(task):
    """Who waited for a task that was killed fails once, by its own end."""
    with run(task):
        listener._before_run("1", task)
        listener._failed("1", sender=task, exception=WorkerLostError())
        listener._after_run("1", task, state="FAILURE")
    assert ended("failure") == 1


def test_runs__of_one_id_that_overlap_have_durations_of_their_own(task):
    """A quick retry begins before the run that asked for it has ended."""
    with run(task):
        listener._before_run("1", task)
        with run(task):
            listener._before_run("1", task)
            listener._after_run("1", task, state="SUCCESS")
        listener._after_run("1", task, state="RETRY")
    assert value("zerostate_celery_task_duration_seconds_count", task="t") == 2


def test_wait__of_a_retry_begins_with_the_retry():
    """The headers of the message before are carried along, but not its time."""
    headers = {listener.SENT_AT: 1.0}
    listener._before_publish(headers=headers)
    assert headers[listener.SENT_AT] > 1.0
