"""What the lint says, and of what it speaks."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from difflib import get_close_matches
from enum import StrEnum
from typing import Final

from zerostate_monitoring.promql.nodes import Expr, Span, children
from zerostate_monitoring.rules.schema import Schema


class Severity(StrEnum):
    """Whether a rule is refused, or kept with a note."""

    ERROR = "error"
    WARNING = "warning"


class Code(StrEnum):
    """The kinds of findings; docs/rules.md says of each what it means and what to do."""

    UNKNOWN_METRIC = "unknown-metric"
    UNKNOWN_LABEL = "unknown-label"
    UNKNOWN_VALUE = "unknown-value"
    RATE_OF_GAUGE = "rate-of-gauge"
    RATE_OF_SUM = "rate-of-sum"
    DELTA_OF_COUNTER = "delta-of-counter"
    RAW_COUNTER = "raw-counter"
    SHORT_RANGE = "short-range"
    BEYOND_BUCKETS = "beyond-buckets"
    QUANTILE_WITHOUT_LE = "quantile-without-le"
    NEVER_TRUE = "never-true"
    ALWAYS_TRUE = "always-true"
    NO_MATCH = "no-match"
    BOOL_IN_ALERT = "bool-in-alert"
    NO_CONDITION = "no-condition"
    LABEL_LOST = "label-lost"
    VALUE_IN_LABEL = "value-in-label"
    QUERY_IN_TEMPLATE = "query-in-template"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that the lint says of a rule.

    ``field`` is ``expr``, or ``labels.<name>`` or ``annotations.<name>``; ``start`` and
    ``end`` are the place in its text, in characters. ``message`` says what is wrong and what
    to do about it.
    """

    severity: Severity
    code: Code
    message: str
    start: int = 0
    end: int = 0
    field: str = "expr"

    def within(self, field: str) -> Finding:
        """The same finding, in another field."""
        return replace(self, field=field)


@dataclass(frozen=True, slots=True)
class Subject:
    """An expression, and what is known of the metrics that it names."""

    text: str
    expr: Expr
    schema: Schema
    interval_s: float | None = None
    """Seconds between two samples of metrics that do not say it themselves."""


def error(code: Code, message: str, span: Span) -> Finding:
    """A finding that refuses the rule."""
    return Finding(Severity.ERROR, code, message, span.start, span.end)


def warning(code: Code, message: str, span: Span) -> Finding:
    """A finding that is shown and kept."""
    return Finding(Severity.WARNING, code, message, span.start, span.end)


def parts(expr: Expr) -> Iterator[Expr]:
    """The expression and all that stand in it, outer ones first."""
    yield expr
    for child in children(expr):
        yield from parts(child)


_MOST_NEAREST: Final = 3
_MOST_LISTED: Final = 8


def nearest(word: str, words: Collection[str]) -> str:
    """The words that look like ``word``, as the end of a sentence."""
    found = get_close_matches(word, sorted(words), n=_MOST_NEAREST, cutoff=0.7)
    return f"; did you mean {' or '.join(found)}?" if found else "."


def listed(words: Collection[str]) -> str:
    """The words in order; the first ones where there are many."""
    first, more = sorted(words)[:_MOST_LISTED], len(words) - _MOST_LISTED
    if not first:
        return "none"
    return ", ".join(first) + (f" and {more} more" if more > 0 else "")
