"""How a room below ``tasks`` asks for what only Celery can do; ``tasks`` receives."""

from __future__ import annotations

from typing import Final

from django.dispatch import Signal

run_requested: Final = Signal()
"""Somebody wants a collector to run soon. Argument: ``name``."""

workers_requested: Final = Signal()
"""Somebody wants to know who works. Argument: ``timeout`` (seconds). The answer maps a
worker's name to the names of the queues that it consumes."""
