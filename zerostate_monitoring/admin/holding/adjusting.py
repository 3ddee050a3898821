"""Ends of silences and windows that are changed in place; nothing where somebody was quicker."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.contrib.admin.models import LogEntry
from django.contrib.admin.options import get_content_type_for_model
from django.utils.translation import gettext as _

from zerostate_monitoring.admin import words
from zerostate_monitoring.alerting.suppression.criticals import holding_saved
from zerostate_monitoring.alerting.suppression.tending import end_silence
from zerostate_monitoring.models import MaintenanceWindow, Silence
from zerostate_monitoring.models.suppression import LONGEST_SILENCE

LENGTHS: Final[Mapping[str, timedelta]] = {
    "1h": timedelta(hours=1),
    "4h": timedelta(hours=4),
    "1d": timedelta(days=1),
}
END: Final = "end"
DISABLE: Final = "disable"


@dataclass(frozen=True, slots=True)
class Done:
    """What came of it: a sentence for whoever asked, and one for the log, empty if nothing was."""

    said: str
    log: str = ""


def adjust(row: Any, what: str, seen: str, now: datetime) -> Done:
    """Do ``what`` to a silence or a window, if it still ends when the operator saw it end.

    Args:
        row: as it stands in the database.
        what: a key of ``LENGTHS``, ``END`` or ``DISABLE``.
        seen: the end that stood on the page (ISO 8601); empty for a window of every week.
        now: the moment.
    """
    if seen_of(row) != seen:
        return Done(overtaken(row))
    if what in LENGTHS:
        return _extend(row, row.ends_at + LENGTHS[what], now) if row.ends_at else _unknown()
    if what == END and isinstance(row, Silence):
        return _end_silence(row, now)
    if what == END and row.ends_at:
        return _end_window(row, now)
    return _disable(row) if what == DISABLE and isinstance(row, MaintenanceWindow) else _unknown()


def seen_of(row: Any) -> str:
    """What stands on the page of the end of a row, to be compared when it is sent."""
    is_open = isinstance(row, Silence) or row.enabled
    end = row.ends_at.isoformat() if row.ends_at else "weekly"
    return end if is_open else f"{end} disabled"


def _unknown() -> Done:
    return Done(_("That cannot be done to it."))


def overtaken(row: Any) -> str:
    """Who changed it meanwhile, and how it stands."""
    key = {"content_type": get_content_type_for_model(row), "object_id": str(row.pk)}
    last = LogEntry.objects.filter(**key).select_related("user").order_by("-pk").first()
    who = last.user.get_username() if last is not None else _("Somebody")
    said = last.get_change_message() if last is not None else ""
    state = _("It ends at %s now.") % words.clock(row.ends_at) if row.ends_at else ""
    values = {"who": who, "said": f" ({said.rstrip('.')})" if said else "", "state": state}
    return _("%(who)s changed it meanwhile%(said)s. Nothing was done. %(state)s") % values


def _rows(row: Any) -> Any:
    """The row, as long as nobody has changed its end."""
    rows = type(row).objects.filter(pk=row.pk, ends_at=row.ends_at)
    return rows if isinstance(row, Silence) else rows.filter(enabled=row.enabled)


def _extend(row: Any, ends_at: datetime, now: datetime) -> Done:
    if row.ends_at <= now:
        return Done(_("What has ended cannot be changed. Repeat it to silence again."))
    if ends_at - row.starts_at > LONGEST_SILENCE:
        said = _("It would last more than %d days. Edit it, and confirm that this is meant.")
        return Done(said % LONGEST_SILENCE.days)
    changes: dict[str, Any] = {"ends_at": ends_at}
    if isinstance(row, Silence):
        changes["reminded_at"] = None
    if not _rows(row).update(**changes):
        return _lost(row)
    row.ends_at = ends_at
    # An update sends no signal, and who silences what is critical is told to the log.
    holding_saved(type(row), row)
    at = words.clock(ends_at)
    return Done(_("%(name)s ends at %(at)s now.") % _of(row, at), _("Extended until %s.") % at)


def _end_silence(row: Silence, now: datetime) -> Done:
    if not end_silence(row, now):
        return Done(_("It has ended already."))
    said = _("%(name)s has ended: what still fires is told.")
    return Done(said % _of(row, ""), _("Ended."))


def _end_window(row: MaintenanceWindow, now: datetime) -> Done:
    """One that has not begun would end before it begins: that one is switched off."""
    if row.starts_at and row.starts_at >= now:
        return _disable(row)
    if row.ends_at and row.ends_at <= now:
        return Done(_("It has ended already."))
    if not _rows(row).update(ends_at=now):
        return _lost(row)
    said = _("%(name)s has ended: what still fires is told.")
    return Done(said % _of(row, ""), _("Ended."))


def _disable(row: MaintenanceWindow) -> Done:
    if not _rows(row).update(enabled=False):
        return _lost(row)
    said = _("%(name)s is switched off: it holds nothing back until somebody enables it.")
    return Done(said % _of(row, ""), _("Disabled."))


def _lost(row: Any) -> Done:
    """Somebody was quicker by a moment."""
    row.refresh_from_db()
    return Done(overtaken(row))


def _of(row: Any, at: str) -> dict[str, str]:
    name = row.comment or row.matchers if isinstance(row, Silence) else row.name
    return {"name": str(name)[:80], "at": at}
