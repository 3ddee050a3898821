"""What silences do by themselves: end when their alerts have ended, and remind before their end."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.db.models import QuerySet
from django.utils import translation
from django.utils.translation import gettext as _

from zerostate_monitoring.alerting.suppression.hits import Hits, hits_among, live_alerts
from zerostate_monitoring.conf import conf
from zerostate_monitoring.models import Alert, Silence

logger: Final = logging.getLogger(__name__)

REMIND_BEFORE: Final = timedelta(minutes=15)
_MOST_MAILS: Final = 5
"""How many reminders one turn sends: each may take as long as its timeout."""


def tend(now: datetime) -> int:
    """End silences that have nothing left to hold back. How many.

    Reads live alerts once, and only if there is anything to look at.
    """
    watched = list(_active(now).filter(ends_on_resolve=True))
    if not watched:
        return 0
    alerts = live_alerts()
    return sum(_tend_one(silence, alerts, now) for silence in watched)


def remind(now: datetime) -> int:
    """Tell authors by mail that their silences end soon, once each. How many were due.

    Each mail may take as long as its timeout: nothing that is urgent should come after it.
    """
    due = _due(now)
    if due:
        alerts = live_alerts()
        for silence in due:
            _remind(silence, alerts, now)
    return len(due)


def reminder_at(silence: Silence) -> datetime:
    """A quarter of an hour before its end, or a tenth of its length if that is less."""
    length = silence.ends_at - silence.starts_at
    return silence.ends_at - min(REMIND_BEFORE, length / 10)


def _tend_one(silence: Silence, alerts: Sequence[Alert], now: datetime) -> bool:
    """Note that it has hit alerts, or end it when none is left."""
    hits = hits_among(silence.matchers, alerts)
    if hits.fault:
        return False
    if hits.alerts:
        if not silence.had_alerts:
            Silence.objects.filter(pk=silence.pk).update(had_alerts=True)
        return False
    return silence.had_alerts and end_silence(silence, now)


def end_silence(silence: Silence, now: datetime) -> bool:
    """End ``silence`` at ``now``; one that has not begun ends before it does anything.

    Returns:
        Whether it had not ended before.
    """
    starts_at = min(silence.starts_at, now - timedelta(microseconds=1))
    open_rows = Silence.objects.filter(pk=silence.pk, ends_at__gt=now)
    if not open_rows.update(ends_at=now, starts_at=starts_at):
        return False
    silence.starts_at, silence.ends_at = starts_at, now
    logger.info("silence_ended", extra={"silence": silence.pk})
    return True


def _active(now: datetime) -> QuerySet[Silence]:
    return Silence.objects.filter(starts_at__lte=now, ends_at__gt=now)


def _due(now: datetime) -> list[Silence]:
    """Silences whose authors are to be reminded now."""
    soon = _active(now).filter(reminded_at=None, ends_at__lte=now + REMIND_BEFORE)
    rows = soon.select_related("created_by").order_by("ends_at")
    return [silence for silence in rows if reminder_at(silence) <= now][:_MOST_MAILS]


def _remind(silence: Silence, alerts: Sequence[Alert], now: datetime) -> None:
    """Tell the author once, at most: noted before it is sent."""
    unnoted = Silence.objects.filter(pk=silence.pk, reminded_at=None)
    address = getattr(silence.created_by, "email", "")
    if not unnoted.update(reminded_at=now) or not address:
        return
    try:
        connection = get_connection(timeout=conf.DELIVERY_TIMEOUT_SECONDS)
        # As all messages: nobody's language is at work here.
        with translation.override(settings.LANGUAGE_CODE):
            subject, body = _text(silence, hits_among(silence.matchers, alerts), now)
        EmailMessage(subject, body, _sender(), [address], connection=connection).send()
    except Exception as error:  # noqa: BLE001 - a reminder delays nothing; admin shows the end, too
        extra = {"silence": silence.pk, "reason": str(error)}
        logger.warning("silence_reminder_failed", extra=extra)


def _sender() -> str:
    return str(settings.DEFAULT_FROM_EMAIL)


def _text(silence: Silence, hits: Hits, now: datetime) -> tuple[str, str]:
    minutes = max(1, round((silence.ends_at - now).total_seconds() / 60))
    said = _("Silence %(pk)d ends in %(minutes)d min: %(comment)s")
    subject = said % {"pk": silence.pk, "minutes": minutes, "comment": silence.comment}
    lines = [
        _("Your silence ends at %s UTC.") % f"{silence.ends_at:%Y-%m-%d %H:%M}",
        "",
        silence.matchers,
        "",
        hits.sentence(),
        *(f"- {alert.rule_name} {alert.labels}" for alert in hits.firing[:20]),
        "",
        _("What still fires then is told. To go on, extend the silence by an hour, or repeat it:"),
        f"{conf.BASE_URL or 'admin'} → {_('Silences')} → {silence.pk}",
    ]
    return " ".join(subject.split())[:200], "\n".join(lines)
