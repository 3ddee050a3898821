"""How what holds alerts back looks in lists."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from zerostate_monitoring.admin import display
from zerostate_monitoring.alerting.suppression.hits import Hits
from zerostate_monitoring.alerting.suppression.tending import reminder_at
from zerostate_monitoring.models import Inhibition, MaintenanceWindow, Silence

Badge = tuple[str, str, str]
"""Tone, word, and what is said of it."""


def silence_state(row: Silence, now: datetime) -> Badge:
    """Whether it holds anything back; one that is broken holds nothing."""
    if row._state.adding:
        return "none", _("new"), ""
    if row.ends_at <= now:
        return "none", _("ended"), ""
    faults = row.faults()
    if faults:
        return _broken(faults)
    if row.starts_at > now:
        return "off", _("to come"), ""
    return "good", _("active"), ""


def window_state(row: MaintenanceWindow, now: datetime) -> Badge:
    """Whether it is open."""
    if not row.enabled:
        return "off", _("disabled"), ""
    faults = row.faults()
    if faults:
        return _broken(faults)
    schedule = row.schedule()
    if schedule.open_at(now) is not None:
        return "good", _("open"), ""
    return ("none", _("to come"), "") if schedule.after(now, 1) else ("none", _("over"), "")


def inhibition_state(row: Inhibition) -> Badge:
    """Whether it holds anything back when its sources fire."""
    if not row.enabled:
        return "off", _("disabled"), ""
    faults = row.faults()
    return _broken(faults) if faults else ("good", _("ready"), "")


def _broken(faults: Sequence[str]) -> Badge:
    return "bad", _("broken"), _("It holds nothing back. %s") % " ".join(faults)


def left(row: Silence, now: datetime) -> str:
    """When a silence ends; how soon, where it has begun; marked where it is soon."""
    at = timezone.localtime(row.ends_at)
    told = f"{at:%Y-%m-%d %H:%M %Z}"
    seconds = (row.ends_at - now).total_seconds()
    if seconds <= 0 or row.starts_at > now:
        return told
    soon = _("in %s") % display.age(seconds)
    if reminder_at(row) > now:
        return format_html("{}<br>{}", told, soon)
    return format_html("{}<br>{}", told, display.badge("warn", soon, _("It ends soon.")))


def hits_text(hits: Hits) -> str:
    """How many live alerts are hit."""
    if hits.fault:
        return display.EMPTY
    firing = ngettext("%d firing", "%d firing", len(hits.firing)) % len(hits.firing)
    if not hits.pending:
        return firing
    return format_html("{}<br>{}", firing, _("%d pending") % len(hits.pending))
