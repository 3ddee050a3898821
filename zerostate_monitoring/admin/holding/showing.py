"""What forms and pages show of alerts, as text ready for a template."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from itertools import islice
from typing import Any, Final

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from zerostate_monitoring.admin import display
from zerostate_monitoring.alerting.suppression.hits import Hits
from zerostate_monitoring.alerting.suppression.reasons import labels_of
from zerostate_monitoring.models import Alert
from zerostate_monitoring.models.words import AlertState
from zerostate_monitoring.rules.windows import Span

MOST_LINES: Final = 20


@dataclass(frozen=True, slots=True)
class AlertLine:
    """A live alert in a table."""

    name: str
    badge: SafeString
    severity: str
    since: datetime
    labels: str


@dataclass(frozen=True, slots=True)
class Part:
    """Alerts that something hits."""

    title: str
    sentence: str
    rules: str
    lines: Sequence[AlertLine]
    more: int


def part_of(hits: Hits, title: str = "") -> Part:
    """What ``hits`` says, with its first alerts."""
    rules = [f"{name} ({count})" for name, count in hits.rules]
    more = max(0, len(hits.alerts) - MOST_LINES)
    said = f"{hits.counts()}." if title and not hits.fault else hits.sentence()
    said = f"{said} {hits.note}".strip()
    return Part(title, said, display.some(rules, 10), alert_lines(hits.alerts), more)


def alert_lines(alerts: Iterable[Alert], most: int = MOST_LINES) -> list[AlertLine]:
    """The first ``most`` of ``alerts``."""
    return [
        AlertLine(
            alert.rule_name,
            state_badge(alert),
            alert.severity or str(display.EMPTY),
            alert.started_at,
            labels_line(labels_of(alert)),
        )
        for alert in islice(alerts, most)
    ]


def state_badge(alert: Alert) -> SafeString:
    """Pending or firing, with a sign."""
    tone = "bad" if alert.state == AlertState.FIRING else "warn"
    return display.badge(tone, str(alert.get_state_display()))


def labels_line(labels: Mapping[str, Any]) -> str:
    """Labels without the name, in the order of their names."""
    rest = ((name, str(labels[name])) for name in sorted(labels) if name != "alertname")
    return display.labels_text(tuple(rest))


def matchers_line(text: str) -> str:
    """Matchers in a line."""
    return ", ".join(line.strip().rstrip(",") for line in text.splitlines() if line.strip())


def matchers_code(text: str) -> SafeString:
    """Matchers in a line, which may be broken after a comma or a bar."""
    parts = re.split(r"(?<=[,|])", matchers_line(text))
    return format_html(
        "<code>{}</code>", format_html_join(mark_safe("<wbr>"), "{}", ((part,) for part in parts))
    )


def with_faults(shown: str, faults: Sequence[str]) -> str:
    """What stands in a list, with what is wrong with it below."""
    if not faults:
        return shown
    return format_html('{}<div class="zsm-fault">{}</div>', shown, " ".join(faults))


def span_lines(span: Span, zone: tzinfo) -> tuple[str, str, str]:
    """A window in its zone, in UTC, and what is unusual about it."""
    start, end = span.starts_at.astimezone(UTC), span.ends_at.astimezone(UTC)
    utc = f"{start:%Y-%m-%d %H:%M} – {_end(start, end)}"
    return span_text(span, zone), utc, span.remark


def span_text(span: Span, zone: tzinfo) -> str:
    """A window on the clock of its zone."""
    start, end = span.starts_at.astimezone(zone), span.ends_at.astimezone(zone)
    return f"{_(start.strftime('%a'))} {start:%Y-%m-%d %H:%M} – {_end(start, end)}"


def _end(start: datetime, end: datetime) -> str:
    return f"{end:%H:%M}" if start.date() == end.date() else f"{end:%Y-%m-%d %H:%M}"
