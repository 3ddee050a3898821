"""The entrance: Django finds the app here."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from zerostate_monitoring.promql.bursts import loading


class ZeroStateMonitoringConfig(AppConfig):
    """Observability of a ZeroState network."""

    name = "zerostate_monitoring"
    verbose_name = _("ZeroState monitoring")
    default_auto_field = "django.db.models.BigAutoField"

    def import_models(self) -> None:
        """See ``AppConfig``; models bring the rooms below them, of which nothing is garbage."""
        with loading():
            super().import_models()

    def ready(self) -> None:
        """Register checks, collectors and receivers; nothing is read or opened here."""
        # Models are loaded only now, and the rooms behind this door use them.
        with loading():
            from zerostate_monitoring.wiring import connect  # noqa: PLC0415

        connect(self)
