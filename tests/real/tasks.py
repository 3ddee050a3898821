"""Tasks of the test site; ``python -m tests.real.tasks`` sends them until it is killed."""

from __future__ import annotations

import os
import signal
import time
from typing import Any

import django
from celery import shared_task
from celery.exceptions import Reject

from tests.real.counting import happened

PAUSE_SECONDS = 0.004
QUEUE = "counted"


@shared_task(name="tests.real.hit", ignore_result=True)
def hit() -> None:
    """Count one task."""
    happened("task")


# -- tasks that end in every way ---------------------------------------------------


@shared_task(name="tests.real.fails")
def fails() -> None:
    """Raise."""
    raise LookupError


@shared_task(name="tests.real.retries", bind=True)
def retries(self: Any) -> None:
    """Take a while, and ask to be run again at once; the third run ends well."""
    time.sleep(0.5)
    if self.request.retries < 2:
        raise self.retry(countdown=0)


@shared_task(name="tests.real.rejects", acks_late=True)
def rejects() -> None:
    """Refuse its message."""
    raise Reject("no", requeue=False)


@shared_task(name="tests.real.endless", time_limit=1)
def endless() -> None:
    """Run longer than it may."""
    time.sleep(60)


@shared_task(name="tests.real.endless_late", time_limit=1, acks_late=True)
def endless_late() -> None:
    """The same, acknowledged at its end."""
    time.sleep(60)


@shared_task(name="tests.real.expired")
def expired() -> None:
    """Never run: it is sent too late."""


@shared_task(name="tests.real.killed")
def killed() -> None:
    """Lose its process."""
    os.kill(os.getpid(), signal.SIGKILL)


@shared_task(name="tests.real.revoked")
def revoked() -> None:
    """Run until it is told to end."""
    time.sleep(60)


if __name__ == "__main__":
    django.setup()
    from tests.real.celery_app import app

    with app.connection_for_write() as connection:
        while True:
            app.send_task("tests.real.hit", queue=QUEUE, connection=connection)
            time.sleep(PAUSE_SECONDS)
