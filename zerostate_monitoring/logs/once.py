"""An answer is told of once: Django's own line for it gives way to the one with all its keys."""

from __future__ import annotations

import logging
from typing import Final

from zerostate_monitoring.logs.context import current

DJANGO: Final = "django.request"
"""Who says ``Not Found`` and ``Internal Server Error``, each with its request."""
SERVER: Final = "django.server"
"""Who says the same of each request under ``runserver``."""
IDS: Final = "_zerostate_ids"
"""Attribute of a request whose end gets a line with ids, route, status and exception."""
REASON: Final = "_zerostate_reason"
"""Attribute of such a request: the error for which Django refused it."""


class OnceFilter(logging.Filter):
    """Leaves out what is said anyway; on the logger, so that it is not counted either."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether nobody else tells of this answer."""
        request = getattr(record, "request", None)
        if record.name == SERVER:
            # Its request is a socket; it speaks while the request is still bound.
            return "request_id" not in current()
        if not hasattr(record, "status_code") or not hasattr(request, IDS):
            return True
        if record.exc_info and record.exc_info[1] is not None:
            setattr(request, REASON, record.exc_info[1])
        return False
