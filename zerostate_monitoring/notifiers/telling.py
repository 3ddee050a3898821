"""What a message tells of each alert, before it is given a form.

Pure but for the language, which is that of who composes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from urllib.parse import urlsplit

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from zerostate_monitoring.charts.scale import short
from zerostate_monitoring.charts.sparkline import sparkline
from zerostate_monitoring.notifiers.base import AlertView, Batch
from zerostate_monitoring.notifiers.comparisons import comparison_of
from zerostate_monitoring.notifiers.facts import lasted, name_of, worth_telling
from zerostate_monitoring.notifiers.numbers import duration, instant, number
from zerostate_monitoring.notifiers.subjects import cut, ended_word, state_word

MOST_TOLD: Final = 20
"""Alerts that a message tells in full; of the others it says how many there are."""

PAST: Final = gettext_noop("Last values")
"""The line that a picture says better."""

_LABELS: Final = gettext_noop("Labels")
_EXPRESSION: Final = gettext_noop("Expression")
_CODES: Final = frozenset({_LABELS, _EXPRESSION})
_LONGEST_TEXT: Final = 2_000
_LONGEST_LABEL: Final = 200
_LONGEST_LABELS: Final = 1_000
_LONGEST_EXPR: Final = 400
_OWN_LINES: Final = frozenset({"summary", "description", "runbook_url"})
_TEST: Final = gettext_noop("This is a test. Nothing is wrong.")


@dataclass(frozen=True, slots=True)
class Row:
    """A line; ``href`` is an address that may be followed.

    ``name`` is the same in every language. It is an annotation's, or one of ours.
    """

    name: str
    text: str
    href: str = ""
    is_ours: bool = True

    @property
    def heading(self) -> str:
        """What stands before the line."""
        return _(self.name) if self.is_ours else self.name

    @property
    def is_code(self) -> bool:
        """Whether it is to be read letter by letter."""
        return self.is_ours and self.name in _CODES


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """One alert in words. ``tone`` is a severity, or ``resolved``."""

    alert: AlertView
    state: str
    tone: str
    name: str
    summary: str
    description: str
    rows: Sequence[Row]
    runbook: str
    url: str


def tellings(batch: Batch) -> list[Telling]:
    """The alerts that are told in full."""
    return [telling(alert) for alert in batch.alerts[:MOST_TOLD]]


def untold(batch: Batch) -> int:
    """How many alerts are not told in full."""
    return max(len(batch.alerts) - MOST_TOLD, 0) + batch.truncated


def opening(batch: Batch) -> str:
    """What stands above all alerts; empty for alerts that are meant."""
    return _(_TEST) if batch.purpose == "test" else ""


def telling(alert: AlertView) -> Telling:
    """One alert in words."""
    severity = alert.labels.get("severity", "")
    state = state_word([alert]) if alert.is_firing else ended_word(lasted(alert))
    told = alert.annotations
    return Telling(
        alert=alert,
        state=f"{state} {severity}".strip() if alert.is_firing else state,
        tone=severity if alert.is_firing else "resolved",
        name=name_of(alert),
        summary=_summary(alert),
        # What is to be done about it stands in the present tense, and is not to be done any more.
        description=cut(told.get("description", ""), _LONGEST_TEXT) if alert.is_firing else "",
        rows=list(_rows(alert)),
        runbook=followed(told.get("runbook_url", "")),
        url=followed(alert.url),
    )


def _summary(alert: AlertView) -> str:
    """What its rule says of it; of one that has ended, as what was."""
    text = alert.annotations.get("summary", "")
    was = _("It was: %(text)s")
    return cut(text if alert.is_firing or not text else was % {"text": text}, _LONGEST_TEXT)


def followed(address: str) -> str:
    """``address`` if a reader may follow it, else nothing."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return ""
    is_plain = address.isprintable() and " " not in address
    return address if parts.scheme in {"http", "https"} and parts.netloc and is_plain else ""


def _rows(alert: AlertView) -> Iterator[Row]:
    yield from _value(alert)
    yield from _times(alert)
    if line := past(alert):
        yield Row(PAST, line)
    told = worth_telling(alert.labels)
    labels = " ".join(f"{name}={cut(value, _LONGEST_LABEL)}" for name, value in told.items())
    if labels:
        yield Row(_LABELS, cut(labels, _LONGEST_LABELS))
    for name, text in sorted(alert.annotations.items()):
        if name not in _OWN_LINES and text:
            yield Row(name, cut(text, _LONGEST_TEXT), followed(text), is_ours=False)
    if alert.expr:
        yield Row(_EXPRESSION, cut(" ".join(alert.expr.split()), _LONGEST_EXPR))


def _value(alert: AlertView) -> Iterator[Row]:
    if alert.value is None:
        return
    comparison = comparison_of(alert.expr, alert.value)
    told = number(alert.value) + (f", {comparison}" if comparison else "")
    yield Row(gettext_noop("Value") if alert.is_firing else gettext_noop("Value then"), told)


def _times(alert: AlertView) -> Iterator[Row]:
    name = gettext_noop("Since") if alert.is_firing else gettext_noop("Fired")
    yield Row(name, instant(alert.starts_at) + _so_far(alert))
    if alert.is_firing and alert.notice == "escalated":
        yield Row(gettext_noop("Passed on"), _("nobody has acknowledged it in time"))
    if not alert.is_firing and alert.ends_at is not None:
        yield Row(gettext_noop("Resolved"), instant(alert.ends_at))


def _so_far(alert: AlertView) -> str:
    """How long it has been firing, by the newest value that is known."""
    if not alert.is_firing or not alert.samples:
        return ""
    newest = datetime.fromtimestamp(alert.samples[-1][0] / 1000, UTC)
    lasts = newest - alert.starts_at
    if lasts < timedelta(minutes=1):
        return ""
    return _(", for %(length)s") % {"length": duration(lasts.total_seconds())}


def past(alert: AlertView) -> str:
    """The samples as a line, with what they span; empty where there are none."""
    line = sparkline(alert.samples)
    if len(line) < 2:
        return ""
    values = [value for _at, value in alert.samples if value == value]  # noqa: PLR0124 - NaN
    seconds = (alert.samples[-1][0] - alert.samples[0][0]) / 1000
    said = _("%(lowest)s … %(highest)s in %(length)s")
    lowest, highest = short(min(values)), short(max(values))
    spanned = said % {"lowest": lowest, "highest": highest, "length": duration(seconds)}
    return f"{line}  {spanned}"
