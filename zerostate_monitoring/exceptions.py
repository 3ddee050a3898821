"""Everything this app raises on purpose; one base class, few leaves."""

from __future__ import annotations

from collections.abc import Sequence
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


class QueryError(MonitoringError):
    """A query that has no answer; base of its errors. ``kind`` is Prometheus's word for it."""

    kind = "execution"


class QuerySyntaxError(QueryError):
    """A text that is no query, or one whose types do not fit.

    ``start`` and ``end`` are positions in the text, in characters; ``end`` is exclusive.
    """

    kind = "bad_data"

    def __init__(self, message: str, start: int = 0, end: int = 0) -> None:
        super().__init__(message)
        self.message = message
        self.start = start
        self.end = end


class QueryLimitError(QueryError):
    """A query that would take too many samples, series or steps."""


class QueryTimeoutError(QueryError):
    """A query that took too long."""

    kind = "timeout"


class RuleError(MonitoringError):
    """A rule, or a part of one, that cannot work; base of its errors."""


class DurationError(RuleError):
    """A text that is no duration, or a duration that Prometheus cannot write."""


class TemplateError(RuleError):
    """A text that is no template, or a template that cannot be filled in.

    ``start`` and ``end`` are positions in the text, in characters; ``end`` is exclusive.
    """

    def __init__(self, message: str, start: int = 0, end: int = 0) -> None:
        super().__init__(message)
        self.message = message
        self.start = start
        self.end = end


class RuleFileError(RuleError):
    """A file of rules that is not taken, or rules that cannot be written into one.

    ``faults`` are sentences, all of them; each names its line where the file has one.
    """

    def __init__(self, faults: Sequence[str]) -> None:
        super().__init__("; ".join(faults))
        self.faults = tuple(faults)


class OverrideError(RuleError):
    """Changes of a built-in rule that cannot be; ``faults`` are sentences, all of them."""

    def __init__(self, faults: Sequence[str]) -> None:
        super().__init__("; ".join(faults))
        self.faults = tuple(faults)


class ExportError(MonitoringError):
    """Files that were generated cannot be put where they should go; says what to do."""
