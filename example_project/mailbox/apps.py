"""The mailbox as Django finds it."""

from __future__ import annotations

from django.apps import AppConfig


class MailboxConfig(AppConfig):
    """It has templates and no models."""

    name = "example_project.mailbox"
    label = "example_mailbox"
