"""What can be done to one alert where it is listed: acknowledge, silence, comment in place."""

from __future__ import annotations

from typing import Any, Final

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from zerostate_monitoring.admin.alerts.acting import LASTS, UNTIL, may, seen_of
from zerostate_monitoring.models import Alert
from zerostate_monitoring.models.words import AlertState

_TEMPLATE: Final = "admin/zerostate_monitoring/alert/doing.html"
_KNOWN: Final = "_zerostate_monitoring_doings"
# Stand for an alert's key and name until they are filled in; no address or text holds them.
_KEY: Final = "zsm-the-key"
_NAME: Final = "zsm-the-name"


def doing_of(alert: Alert, request: HttpRequest) -> SafeString | str:
    """Fields and buttons that belong to the form ``zsm-act-KEY``; nothing where nothing may be.

    The form itself stands elsewhere: within the form of a list there can be no other.
    """
    allowed = allowed_to(alert, request)
    if not any(allowed.values()):
        return ""
    text = _drawn(request, tuple(sorted(allowed.items())))
    filled = text.replace(_KEY, str(alert.pk)).replace(_NAME, escape(alert.rule_name))
    # The template's own text, a number, and an escaped name.
    return mark_safe(filled)  # noqa: S308


def _drawn(request: HttpRequest, allowed: tuple[tuple[str, bool], ...]) -> str:
    """The fields for all alerts of which the same may be done: a list has few kinds of them."""
    known: dict[Any, str] = request.__dict__.setdefault(_KNOWN, {})
    if allowed not in known:
        context = {"key": _KEY, "name": _NAME, "lasts": LASTS, "untils": UNTIL}
        known[allowed] = render_to_string(_TEMPLATE, {**context, **dict(allowed)})
    return known[allowed]


def allowed_to(alert: Alert, request: HttpRequest) -> dict[str, bool]:
    """What whoever asks may do to it as it is."""
    is_firing = alert.state == AlertState.FIRING
    is_taken = alert.acknowledged_at is not None
    is_other = is_taken and alert.acknowledged_by_id != request.user.pk
    may_take = may(request, "acknowledge") and is_firing
    return {
        "acknowledges": may_take and not is_taken,
        "takes_over": may_take and is_other,
        "takes_back": may_take and is_taken,
        "silences": may(request, "silence") and alert.is_live,
        "comments": may(request, "acknowledge") and alert.is_live,
    }


def form_of(alert: Alert) -> dict[str, Any]:
    """What the form of an alert's line holds beside its fields."""
    return {"pk": alert.pk, "seen": seen_of(alert)}
