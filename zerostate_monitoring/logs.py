"""Log lines that say all: events of this app have keys, which most formatters leave out."""

from __future__ import annotations

import logging
from typing import Final

_KNOWN: Final = frozenset(
    {*vars(logging.LogRecord("", 0, "", 0, "", None, None)), "message", "asctime", "taskName"}
)


class KeyValueFormatter(logging.Formatter):
    """A formatter that puts ``key=value`` behind the line for all that ``extra`` holds.

    In LOGGING: ``{"()": "zerostate_monitoring.logs.KeyValueFormatter", "format": …}``.
    """

    def formatMessage(self, record: logging.LogRecord) -> str:
        """The formatted line, before a traceback, with its keys."""
        pairs = [
            f"{key}={' '.join(str(value).split())}"
            for key, value in vars(record).items()
            if key not in _KNOWN and not key.startswith("_")
        ]
        return " ".join([super().formatMessage(record), *pairs])
