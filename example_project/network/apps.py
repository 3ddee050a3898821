"""The network as a Django app: a command, a view and a collector of its own."""

from __future__ import annotations

from django.apps import AppConfig

from zerostate_monitoring import tracing


class NetworkConfig(AppConfig):
    name = "example_project.network"
    label = "example_network"
    verbose_name = "Example network"

    def ready(self) -> None:
        """Every process of the project comes by here; does nothing unless TRACING says so."""
        tracing.configure()
