"""How a collector is: its state, since when, why, and what to do; and what it gives."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from django.template.defaultfilters import date
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from zerostate_monitoring.admin import display, words
from zerostate_monitoring.admin.live import Live
from zerostate_monitoring.charts.text import printable
from zerostate_monitoring.collectors.base import COLLECTORS
from zerostate_monitoring.doctor.collection import STALE_INTERVALS, advice_on
from zerostate_monitoring.models import Collector, Metric
from zerostate_monitoring.models.words import in_words

_MOST_ERROR: Final = 120
_MOST_FAMILIES: Final = 200


def idle_reason(row: Collector) -> str:
    """Why there is nothing for it to read; empty if there is."""
    definition = COLLECTORS.get(row.name)
    reason = definition.idle() if definition else ""
    return _(reason) if reason else ""


def state_of(row: Collector, now: float) -> tuple[str, str]:
    """Tone and word for how a collector is."""
    if not row.enabled:
        return "off", _("disabled")
    if row.failures_in_a_row:
        return "bad", _("failing")
    if row.last_success_at is None:
        return "none", _("never run")
    age = now - row.last_success_at.timestamp()
    return (
        ("warn", _("stale")) if age > STALE_INTERVALS * row.interval_seconds else ("good", _("ok"))
    )


def stale_since(row: Collector, now: datetime) -> datetime | None:
    """When its numbers left the page: three intervals after its last success, if that is past."""
    if not row.enabled or row.last_success_at is None or idle_reason(row):
        return None
    at = row.last_success_at + timedelta(seconds=STALE_INTERVALS * row.interval_seconds)
    return at if at <= now else None


def since(row: Collector, now: datetime) -> SafeString | str:
    """Since when it is stale; nothing of one that is not."""
    at = stale_since(row, now)
    if at is None:
        return ""
    local = timezone.localtime(at)
    is_today = local.date() == timezone.localtime(now).date()
    clock = f"{date(local, 'H:i' if is_today else 'Y-m-d H:i')} {local.tzname() or ''}".rstrip()
    return format_html(_("since {}, {}"), clock, words.ago(at, now))


def why(row: Collector, now: datetime) -> str:
    """Why it gives nothing, in a sentence; empty where it does."""
    if row.failures_in_a_row:
        return printable(f"{row.last_error_kind}: {in_words(row.last_error)[:_MOST_ERROR]}")
    if stale_since(row, now) is None:
        return ""
    every = display.age(row.interval_seconds)
    return _("A run is due every %s, and none was made: it did not fail.") % every


def what_to_do(row: Collector, now: datetime) -> str:
    """What to do next about it; empty where there is nothing to do."""
    if row.failures_in_a_row:
        return advice_on(row.last_error_kind)
    if stale_since(row, now) is not None:
        return _(
            "See that beat runs and a worker consumes its queue: the doctor says which is "
            "missing. Or run it now."
        )
    return ""


def families(row: Collector, live: Live, page: Callable[[int], str]) -> SafeString | str:
    """The families that it gives now, each with the page of its metric; one query."""
    frame = live.frames.get(f"collector:{row.name}")
    names = sorted(family.name for family in frame.schema.families) if frame is not None else []
    if not names:
        return _("None now: no frame of it is in the store.") if live.up else display.EMPTY
    wanted = [*names, *(f"{name}_total" for name in names)]
    known = dict(Metric.objects.filter(name__in=wanted).values_list("name", "pk"))
    shown = [_family(name, known, page) for name in names[:_MOST_FAMILIES]]
    return format_html(
        '<details class="zsm-gives" id="families"><summary>{}</summary>'
        '<ul class="zsm-reasons">{}</ul></details>',
        ngettext("%(n)d family", "%(n)d families", len(names)) % {"n": len(names)},
        format_html_join("", "<li>{}</li>", ((one,) for one in shown)),
    )


def _family(name: str, known: dict[str, int], page: Callable[[int], str]) -> SafeString | str:
    key = known.get(name, known.get(f"{name}_total"))
    return name if key is None else format_html('<a href="{}">{}</a>', page(key), name)
