"""The test site's app: configures tracing where every process comes by."""

from __future__ import annotations

from django.apps import AppConfig

from zerostate_monitoring import tracing


class RealConfig(AppConfig):
    name = "tests.real"
    label = "tests_real"

    def ready(self) -> None:
        """Set OpenTelemetry up, if the test asks for it."""
        tracing.configure()
