"""Which slot an instant belongs to, whether it was evaluated, and what is said of that."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from django.utils.translation import gettext as _

from zerostate_monitoring.alerting.evaluation.slots import spacing
from zerostate_monitoring.alerting.explain.values import moment
from zerostate_monitoring.conf import conf
from zerostate_monitoring.models import Evaluation, Rule

GRACE_MS: Final = 15_000
"""So long after its interval an evaluation that has not ended is still no missed one."""


@dataclass(frozen=True, slots=True)
class Slot:
    """The slot that is explained; ``due_ms`` is a newer one whose evaluation is awaited, or 0."""

    at_ms: int
    evaluated: Evaluation | None = None
    last: Evaluation | None = None
    due_ms: int = 0


def slot_of(row: Rule, at: datetime, now: datetime) -> Slot:
    """The slot of ``at``; the one before it, if that was evaluated, while it is but due."""
    width = spacing(row.group.interval_ms, round(conf.HISTORY_INTERVAL_SECONDS * 1000))
    slot_ms = _ms(at) // width * width
    rows = Evaluation.objects.filter(group=row.group, slot_ms__lte=slot_ms)
    last = rows.order_by("-slot_ms").first()
    if last is not None and last.slot_ms == slot_ms:
        return Slot(slot_ms, last)
    is_young = _ms(now) - slot_ms < width + GRACE_MS
    if not (is_young and conf.EVALUATE and row.enabled and row.group.enabled):
        return Slot(slot_ms, last=last)
    if last is None:
        return Slot(slot_ms, due_ms=slot_ms)
    # Where more than one is lacking, it is not only this one that is late.
    is_next = slot_ms - last.slot_ms <= width + GRACE_MS
    return Slot(last.slot_ms, last, due_ms=slot_ms) if is_next else Slot(slot_ms, last=last)


def slot_lines(slot: Slot) -> Iterator[str]:
    """Whether it was evaluated, and when; which one is awaited."""
    if slot.due_ms:
        yield _("Slot %(slot)s: is due, not evaluated yet.") % {"slot": _told(slot.due_ms)}
    if slot.evaluated is not None:
        if slot.due_ms:
            yield _("What stands here is of the last one before:")
        said = _("Slot %(slot)s: evaluated at %(at)s in %(seconds).3f s.")
        yield said % {
            "slot": _told(slot.at_ms),
            "at": moment(slot.evaluated.started_at),
            "seconds": slot.evaluated.duration_seconds,
        }
    elif not slot.due_ms:
        said = _("Slot %(slot)s: not evaluated, or so long ago that it is no longer known.")
        yield said % {"slot": _told(slot.at_ms)}
        if slot.last is not None:
            yield _("The last one before: %(slot)s.") % {"slot": _told(slot.last.slot_ms)}


def _ms(at: datetime) -> int:
    return round(at.timestamp() * 1000)


def _told(slot_ms: int) -> str:
    return moment(datetime.fromtimestamp(slot_ms / 1000, UTC))
