"""gunicorn's configuration of a web server whose lines are exported over OTLP, too."""

from __future__ import annotations

from typing import Any

from tests.real.lines_site import ship


def post_fork(server: Any, worker: Any) -> None:
    """Each worker exports its own."""
    ship()
