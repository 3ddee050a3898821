"""Has a network that has just begun collected at once, not at beat's first tick."""

from __future__ import annotations

from celery import current_app

from zerostate_monitoring.schedule import beat_schedule


def collect_now() -> None:
    """Send every entry of the app's beat schedule once."""
    for entry in beat_schedule().values():
        current_app.send_task(entry["task"], args=entry["args"], **entry["options"])
