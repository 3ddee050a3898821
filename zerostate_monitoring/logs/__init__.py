"""Log lines that say all: structured, with the ids of their request, and without secrets.

``LOGGING = logs.logging_settings()`` is all that a project needs; it asks for the extra
``logs``. Without that the app logs by the standard library, with its keys in ``extra``, and
``KeyValueFormatter`` puts them behind the line. Importing this loads nothing but ``logging``.
"""

from __future__ import annotations

from zerostate_monitoring.logs.context import bind, bound
from zerostate_monitoring.logs.fragment import configure, logging_settings
from zerostate_monitoring.logs.lines import KeyValueFormatter

__all__ = ["KeyValueFormatter", "bind", "bound", "configure", "logging_settings"]
