"""Keep Django's own work off the platform's database."""

from __future__ import annotations

from typing import Any

from django.db import DEFAULT_DB_ALIAS
from django.db.models import Model

from zerostate_monitoring.conf import conf

APP_LABEL = "zerostate_monitoring"


class PlatformRouter:
    """Never migrate the platform's database, never keep this app's rows there.

    Put its path into ``DATABASE_ROUTERS``. A platform that lives in the project's
    default database is left alone: its migrations are the project's.
    """

    def db_for_read(self, model: type[Model], **hints: Any) -> str | None:
        """Send this app's rows to the default database where they would follow a hint."""
        return self._alias(model, hints)

    def db_for_write(self, model: type[Model], **hints: Any) -> str | None:
        """As ``db_for_read``."""
        return self._alias(model, hints)

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool | None:
        """Refuse every app on the platform's alias, and say nothing of the others."""
        del app_label, hints
        return False if db == _foreign() else None

    def _alias(self, model: type[Model], hints: dict[str, Any]) -> str | None:
        if model._meta.app_label != APP_LABEL:
            return None
        instance = hints.get("instance")
        follows = instance is not None and instance._state.db == _foreign()
        return DEFAULT_DB_ALIAS if follows else None


def _foreign() -> str | None:
    alias = conf.PLATFORM_DATABASE
    return None if alias in {"", DEFAULT_DB_ALIAS} else alias
