"""The database of children that work on PostgreSQL."""

from __future__ import annotations

from typing import Any

from tests.sources.platform.cluster import ROLE


def postgresql(port: int) -> dict[str, Any]:
    """``DATABASES`` of a project whose database is that of ``tests…cluster`` at a port."""
    alias = {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": "postgres",
        "USER": ROLE,
        "PASSWORD": ROLE,
        "HOST": "127.0.0.1",
        "PORT": str(port),
    }
    return {"default": alias}
