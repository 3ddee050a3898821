"""Everything this app raises on purpose; one base class, few leaves."""

from __future__ import annotations

from typing import Final

ERROR_KINDS: Final = (
    "configuration",
    "definition",
    "error",
    "forbidden_address",
    "invalid",
    "late",
    "lost",
    "missing",
    "redirect",
    "refused",
    "store",
    "timeout",
    "tls",
    "too_large",
    "unauthorized",
)
"""How a run can fail, in bounded words; values of the label ``kind``."""


class MonitoringError(Exception):
    """Base of all errors of this app. Do not raise directly."""


class ConfigurationError(MonitoringError):
    """A setting or a row holds something that cannot work; the message names it."""


class DefinitionError(MonitoringError):
    """Two declarations of one family disagree, or a sample does not fit its family."""


class FrameError(MonitoringError):
    """Bytes that are not a frame, or a frame that cannot be built."""


class StoreError(MonitoringError):
    """The store did not do what it was asked; base of the store's errors."""


class StoreUnavailableError(StoreError):
    """The store did not answer within its timeout."""


class StoreFullError(StoreError):
    """The store is out of memory and refuses writes."""


class StaleTokenError(StoreError):
    """A newer run of the same producer has written already; this one must stop."""


class SourceError(MonitoringError):
    """A node or the platform did not give its numbers.

    ``kind`` is one of ``ERROR_KINDS``: it becomes a label value, so it never holds text
    from outside.
    """

    def __init__(self, message: str, *, kind: str = "error") -> None:
        super().__init__(message)
        self.kind = kind
