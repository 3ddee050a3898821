"""How an alert stood at an instant, from its row and the times in it.

Pure but for the language, which is that of who asks.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.utils.translation import gettext as _

from zerostate_monitoring.alerting.explain.values import lasted, moment
from zerostate_monitoring.models import Alert
from zerostate_monitoring.models.words import AlertState, EndReason, in_words
from zerostate_monitoring.rules.definitions import AlertingRule


def standing(alert: Alert, rule: AlertingRule, at: datetime) -> Iterator[str]:
    """Sentences about one alert at ``at``."""
    fired = alert.fired_at is not None and alert.fired_at <= at
    if alert.ended_at is not None and alert.ended_at <= at:
        yield _("It was first seen at %(at)s, and is over.") % {"at": moment(alert.started_at)}
        if alert.fired_at:
            yield _("It fired at %(at)s.") % {"at": moment(alert.fired_at)}
        else:
            yield _("It never fired.")
    elif alert.fired_at is not None and fired:
        said = _("It fires since %(at)s, for %(length)s.")
        yield said % {"at": moment(alert.fired_at), "length": lasted(at - alert.fired_at)}
        yield _("It was first seen at %(at)s.") % {"at": moment(alert.started_at)}
        yield from _keeping(alert, rule, at)
    else:
        yield from _pending(alert, rule, at)
    if alert.held:
        yield _("Kept without data: %(reason)s") % {"reason": in_words(alert.held)}
    yield from _ended(alert, at)


def _pending(alert: Alert, rule: AlertingRule, at: datetime) -> Iterator[str]:
    been, wanted = at - alert.active_at, rule.for_
    said = _("It is pending since %(at)s: true for %(lasted)s of %(wanted)s.")
    yield said % {"at": moment(alert.active_at), "lasted": lasted(been), "wanted": lasted(wanted)}
    if been < wanted:
        yield _("It fires at %(at)s if it lasts.") % {"at": moment(alert.active_at + wanted)}


def _keeping(alert: Alert, rule: AlertingRule, at: datetime) -> Iterator[str]:
    if alert.keep_since is None or alert.keep_since > at or alert.state != AlertState.FIRING:
        return
    until = alert.keep_since + rule.keep_firing_for
    said = _(
        "The expression gives it no longer since %(at)s; it fires on until %(until)s "
        "(keep_firing_for)."
    )
    yield said % {"at": moment(alert.keep_since), "until": moment(until)}


def _ended(alert: Alert, at: datetime) -> Iterator[str]:
    if alert.ended_at is None:
        return
    reason = EndReason(alert.end_reason).label if alert.end_reason else ""
    when = moment(alert.ended_at) + (f": {reason}" if reason else "")
    is_past = alert.ended_at <= at
    said = _("It ended at %(when)s.") if is_past else _("Later it ended, at %(when)s.")
    yield said % {"when": when}
