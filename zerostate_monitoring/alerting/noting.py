"""What people leave with an alert: a comment, a verdict, a silence made from it."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from zerostate_monitoring.models import Alert, AlertEvent, Silence
from zerostate_monitoring.models.words import EventKind, Verdict
from zerostate_monitoring.promql.nodes import Matcher
from zerostate_monitoring.rules.matchers import format_matchers

_LONGEST_COMMENT: Final = 4_000


def comment_on(alert: Alert, user: Any, text: str, now: datetime) -> AlertEvent:
    """Write a comment into the trail of ``alert``."""
    detail = {"comment": text[:_LONGEST_COMMENT]}
    return AlertEvent.objects.create(
        alert=alert, kind=EventKind.COMMENTED, at=now, actor=user, detail=detail
    )


def judge(alert: Alert, user: Any, verdict: Verdict, now: datetime) -> None:
    """Keep what somebody thought of ``alert``; it counts for the table of noise."""
    with transaction.atomic():
        Alert.objects.filter(pk=alert.pk).update(verdict=verdict)
        detail = {"verdict": verdict.value}
        AlertEvent.objects.create(
            alert=alert, kind=EventKind.VERDICT, at=now, actor=user, detail=detail
        )
    alert.verdict = verdict


def silence(
    alert: Alert, user: Any, ends_at: datetime, comment: str, now: datetime | None = None
) -> Silence:
    """Silence this one alert, by all its labels, until ``ends_at`` or its end.

    Raises:
        ValidationError: such a silence cannot be.
    """
    made = Silence(
        matchers=matchers_of(alert),
        starts_at=now or timezone.now(),
        ends_at=ends_at,
        comment=comment or _("From the alert %s.") % alert.rule_name,
        created_by=user,
        author=user.get_username(),
        alert=alert,
        ends_on_resolve=True,
    )
    made.had_alerts = True
    made.full_clean()
    made.save()
    return made


def matchers_of(alert: Alert) -> str:
    """Matchers that fit this alert and no other of its rule."""
    labels = {"alertname": alert.rule_name, **alert.labels}
    return format_matchers(Matcher(name, "=", str(text)) for name, text in sorted(labels.items()))
