"""Send a task that runs for a minute."""

from __future__ import annotations

from tests.real.celery_app import app

app.send_task("tests.real.revoked", queue="celery")
