"""How a setting is read."""

from __future__ import annotations

from typing import Any, Final

from django.conf import settings as django_settings

PREFIX: Final = "ZEROSTATE_MONITORING_"


class Reading:
    """Base of what reads settings."""

    def _get(self, name: str, default: Any) -> Any:
        # None, as os.environ.get() gives it, means that nothing was set.
        value = getattr(django_settings, PREFIX + name, None)
        return default if value is None else value
