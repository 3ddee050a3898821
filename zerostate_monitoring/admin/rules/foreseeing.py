"""What an edit does to alerts, as the page of a rule shows it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from zerostate_monitoring.admin import words
from zerostate_monitoring.alerting.outlook import SECONDS, Outlook, outlook
from zerostate_monitoring.models import Alert, Rule
from zerostate_monitoring.rules.durations import format_duration

_MOST: Final = 10


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that happens, to how many alerts, and the labels of the first of them."""

    what: str
    count: int
    labels: tuple[SafeString, ...]

    @property
    def more(self) -> int:
        """How many are not shown."""
        return self.count - len(self.labels)


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What the page says; ``told`` are receivers with the number of alerts they hear of."""

    lines: tuple[Line, ...]
    told: tuple[tuple[str, int], ...] = ()
    unrouted: int = 0
    problem: str = ""


def foreseen_of(before: Rule | None, after: Rule, seconds: float = SECONDS) -> Foreseen:
    """What becomes of alerts when ``after`` is saved in place of what is stored."""
    stored = None if before is None else Rule.objects.select_related("group").get(pk=before.pk)
    found = outlook(stored, after, seconds=seconds)
    lines = tuple(line for line in _lines(found, after) if line.count)
    return Foreseen(lines, tuple(found.told.items()), found.unrouted, found.problem)


def _lines(found: Outlook, rule: Rule) -> Iterable[Line]:
    yield _of_alerts(_("end at once, when it is saved"), found.impact.closed)
    yield _of_alerts(
        _("end at the next evaluation: the expression gives them no longer"), found.over
    )
    wait = format_duration(rule.for_duration)
    said = _("begin to wait, and fire after %s") % wait if rule.for_duration else _("begin to fire")
    yield _line(said, [dict(labels) for labels in found.begun])
    yield _of_alerts(
        _("go back to waiting, for they fire shorter than For"), found.impact.back_to_pending
    )
    goes_on = len(found.impact.kept) - len(found.over)
    yield Line(_("go on"), goes_on, ())


def _of_alerts(what: str, alerts: Iterable[Alert]) -> Line:
    return _line(what, [alert.labels for alert in alerts])


def _line(what: str, labels: list[dict[str, Any]]) -> Line:
    shown = tuple(words.labels_that_matter(one) for one in labels[:_MOST])
    return Line(what, len(labels), shown)
