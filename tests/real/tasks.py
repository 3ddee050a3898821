"""Tasks of the test site; ``python -m tests.real.tasks`` sends them until it is killed."""

from __future__ import annotations

import time

import django
from celery import shared_task

from tests.real.counting import happened

PAUSE_SECONDS = 0.004
QUEUE = "counted"


@shared_task(name="tests.real.hit", ignore_result=True)
def hit() -> None:
    """Count one task."""
    happened("task")


if __name__ == "__main__":
    django.setup()
    from tests.real.celery_app import app

    with app.connection_for_write() as connection:
        while True:
            app.send_task("tests.real.hit", queue=QUEUE, connection=connection)
            time.sleep(PAUSE_SECONDS)
