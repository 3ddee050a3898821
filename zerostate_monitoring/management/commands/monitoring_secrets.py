"""``manage.py monitoring_secrets``: encrypt the secrets of receivers with another key."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandError, CommandParser

from zerostate_monitoring.exceptions import ConfigurationError
from zerostate_monitoring.management.rows import RowsCommand
from zerostate_monitoring.notifiers.secrets import rotate


class Command(RowsCommand):
    """Rotate."""

    help = "Encrypts the secrets of all receivers anew, with the first key of the settings."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the one thing that it does."""
        parser.add_argument("action", choices=["rotate"])

    def handle(self, *args: Any, **options: Any) -> None:
        """Encrypt, and name what no key decrypts."""
        try:
            done, unreadable = rotate()
        except ConfigurationError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(self.style.SUCCESS(f"encrypted anew: {done}"))
        if unreadable:
            names = ", ".join(unreadable)
            raise CommandError(f"no key decrypts the secrets of: {names}. Enter them in admin.")
