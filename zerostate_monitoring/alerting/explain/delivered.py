"""Who was told of an alert, who was not, and why: what its page and a terminal say of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from zerostate_monitoring.alerting.explain.values import moment
from zerostate_monitoring.alerting.routing import load as load_routes
from zerostate_monitoring.alerting.suppression import load as load_suppressions
from zerostate_monitoring.models import Alert, OutboxEntry
from zerostate_monitoring.models.outbox import Notice, OutboxState
from zerostate_monitoring.models.words import EventKind, in_words

MOST: int = 30
_HOLDING = (
    EventKind.SUPPRESSED,
    EventKind.UNSUPPRESSED,
    EventKind.UNROUTED,
    EventKind.REROUTED,
    EventKind.ACKNOWLEDGED,
)
_TEXTS = ("text", "reason")


def held_back(alert: Alert, at: datetime, now: datetime) -> Iterator[str]:
    """What held it back until ``at``, and what does now."""
    events = alert.events.filter(kind__in=_HOLDING, at__lte=at).order_by("at", "pk")
    for event in list(events)[-MOST:]:
        known = next((str(found) for key in _TEXTS if (found := event.detail.get(key))), "")
        text = in_words(known) or str(event.detail.get("comment") or "")
        kind = EventKind(event.kind).label
        yield f"{moment(event.at)}: {kind}{f': {text}' if text else ''}"
    if alert.is_live:
        reason = load_suppressions(now).reason_for(alert)
        if reason:
            yield _("Now: %(reason)s") % {"reason": in_words(reason.text)}
        else:
            yield _("Now nothing holds it back.")


def routed(alert: Alert) -> Iterator[str]:
    """Each route as it is now, and what came of it."""
    looks = load_routes().explain(alert.labels)
    if not looks:
        yield _("There is no route.")
    for look in looks:
        names = _(", then ").join(step.receiver_name for step in look.taken.steps)
        to = f" → {names}" if look.takes and names else ""
        yield f"{look.taken.route.name}{to}: {look.reason}"
    if looks and not any(look.takes for look in looks):
        yield _("No route takes it: nobody is told.")


def told(alert: Alert, at: datetime) -> Iterator[str]:
    """What became of each thing that a receiver was to be told until ``at``."""
    rows = OutboxEntry.objects.filter(alert=alert, created_at__lte=at)
    rows = rows.select_related("receiver", "message").order_by("created_at", "pk")
    found = list(rows)
    for row in found[-MOST:]:
        yield _entry(row)
    if not found:
        yield _("Nobody was to be told anything.")


def _entry(row: OutboxEntry) -> str:
    said = _("%(at)s: %(receiver)s is told “%(notice)s”: %(state)s")
    text = said % {
        "at": moment(row.created_at),
        "receiver": row.receiver,
        "notice": Notice(row.notice).label,
        "state": OutboxState(row.state).label,
    }
    message = row.message
    if message is not None and message.sent_at is not None:
        text += _(" at %(time)s") % {"time": moment(message.sent_at)}
    if message is not None and message.attempts > 1:
        n = message.attempts
        text += ngettext(", %(n)d try", ", %(n)d tries", n) % {"n": n}
    if row.reason:
        text += f" ({in_words(row.reason)})"
    if message is not None and (message.answer or message.status):
        told = in_words(message.answer)
        answer = " ".join(str(part) for part in (message.status, told) if part)
        text += _(". Answer: %(answer)s") % {"answer": answer[:200]}
    return text
