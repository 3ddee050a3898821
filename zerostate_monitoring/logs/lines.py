"""Lines of the standard library with their keys, which most formatters leave out."""

from __future__ import annotations

import logging
from typing import Any, Final

from zerostate_monitoring.logs.cleaning import one_line

KNOWN: Final = frozenset(
    {*vars(logging.LogRecord("", 0, "", 0, "", None, None)), "message", "asctime", "taskName"}
)
"""Attributes that every record has; all others came by ``extra``."""


class KeyValueFormatter(logging.Formatter):
    """A formatter that puts ``key=value`` behind the line for all that ``extra`` holds.

    In LOGGING: ``{"()": "zerostate_monitoring.logs.KeyValueFormatter", "format": …}``.
    What somebody sent cannot begin a line of its own, and cannot speak to a terminal.
    """

    def formatMessage(self, record: logging.LogRecord) -> str:
        """The formatted line, before a traceback, with its keys."""
        pairs = [
            f"{key}={one_line(' '.join(str(value).split()))}"
            for key, value in vars(record).items()
            if key not in KNOWN and not key.startswith("_")
        ]
        return " ".join([one_line(super().formatMessage(record)), *pairs])

    def formatException(self, ei: Any) -> str:
        """The traceback, indented: no text of an error passes for a line of its own."""
        return indented(super().formatException(ei))

    def formatStack(self, stack_info: str) -> str:
        """The same of a stack."""
        return indented(super().formatStack(stack_info))


def indented(text: str) -> str:
    """Each row of ``text`` two places in, without what a terminal would obey."""
    return "\n".join(f"  {one_line(row)}" for row in text.splitlines())
