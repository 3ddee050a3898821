"""Commands that read rows: a database that cannot be asked is told, not traced."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

_ADVICE = (
    "Tables that are missing are made by manage.py migrate; manage.py monitoring_doctor says what "
    "else is away."
)


class RowsCommand(BaseCommand):
    """Ends with an error that says what to do where the database does not answer."""

    broken_returncode = 1

    def execute(self, *args: Any, **options: Any) -> str | None:
        """See ``BaseCommand``.

        Raises:
            CommandError: also where a table is missing, or the database is away.
        """
        try:
            return super().execute(*args, **options)
        except DatabaseError as error:
            said = f"the database cannot be asked: {str(error).strip()}\n{_ADVICE}"
            raise CommandError(said, returncode=self.broken_returncode) from error
