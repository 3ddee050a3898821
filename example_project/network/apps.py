"""The network as a Django app: a command, a view and a collector of its own."""

from __future__ import annotations

from django.apps import AppConfig


class NetworkConfig(AppConfig):
    name = "example_project.network"
    label = "example_network"
    verbose_name = "Example network"
