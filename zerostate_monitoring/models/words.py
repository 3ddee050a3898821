"""The words that columns of rules and alerts hold."""

from __future__ import annotations

from typing import Final

from django.db import models
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from zerostate_monitoring.models.sentences import BOOK
from zerostate_monitoring.models.sentences.matching import NESTED, Found, Value


class Origin(models.TextChoices):
    """Who wrote a definition."""

    SHIPPED = "built-in", _("built-in")
    OWN = "own", _("own")


class RuleKind(models.TextChoices):
    """What becomes of what a rule's expression gives."""

    ALERTING = "alerting", _("alerting")
    RECORDING = "recording", _("recording")


class Severity(models.TextChoices):
    """Who must act, and when."""

    CRITICAL = "critical", _("critical")
    WARNING = "warning", _("warning")
    INFO = "info", _("info")
    NONE = "none", _("none")


class RuleLayer(models.TextChoices):
    """What a rule is about."""

    P2P = "p2p", _("P2P")
    EXECUTION = "execution", _("execution")
    ECONOMIC = "economic", _("economic")
    SLO = "slo", _("objectives")
    SERVICE = "service", _("service")
    MONITORING = "monitoring", _("monitoring")
    OUTSIDE = "outside", _("outside")


class NoDataPolicy(models.TextChoices):
    """What becomes of alerts when a rule's data is missing because its producer is."""

    KEEP = "keep", _("keep the state")
    RESOLVE = "resolve", _("resolve")
    FIRE = "fire", _("fire")


class ErrorPolicy(models.TextChoices):
    """What becomes of alerts when a rule cannot be evaluated."""

    KEEP = "keep", _("keep the state")
    FIRE = "fire", _("fire")


class Health(models.TextChoices):
    """How a rule's last evaluation ended."""

    UNKNOWN = "unknown", _("not evaluated yet")
    OK = "ok", _("ok")
    ERROR = "error", _("error")
    NO_DATA = "no_data", _("no data")
    STALE = "stale", _("value too old")
    WAITING = "waiting", _("needs history")
    DORMANT = "dormant", _("dormant")


class AlertState(models.TextChoices):
    """Where an alert stands. The first two are live: there is one such row per identity."""

    PENDING = "pending", _("pending")
    FIRING = "firing", _("firing")
    RESOLVED = "resolved", _("resolved")
    EXPIRED = "expired", _("ended before it fired")


LIVE = (AlertState.PENDING, AlertState.FIRING)


class EndReason(models.TextChoices):
    """Why an alert ended."""

    RESOLVED = "resolved", _("the expression gives it no longer")
    EDITED = "rule_edited", _("its rule was edited: name or labels are others")
    DISABLED = "rule_disabled", _("its rule was disabled")
    DELETED = "rule_deleted", _("its rule was deleted")
    DORMANT = "rule_dormant", _("a family of its rule is no longer fed")
    LIMIT = "limit", _("its rule exceeded its limit")


class Verdict(models.TextChoices):
    """What a person thought of an alert afterwards."""

    NONE = "", _("none")
    USEFUL = "useful", _("useful")
    NOISE = "noise", _("noise")


ALERTMANAGER: Final = "alertmanager"
"""Source, in the details of events, of what an Alertmanager told."""


class EventKind(models.TextChoices):
    """What happened to an alert. The first group are transitions of the state machine."""

    PENDING = "pending", _("pending")
    FIRING = "firing", _("firing")
    BACK_TO_PENDING = "back_to_pending", _("pending again: for was raised")
    RESOLVED = "resolved", _("resolved")
    EXPIRED = "expired", _("ended before it fired")

    HELD = "held", _("kept without data")
    RELEASED = "released", _("data is back")
    GAP = "gap", _("evaluation was interrupted")

    ACKNOWLEDGED = "acknowledged", _("acknowledged")
    UNACKNOWLEDGED = "unacknowledged", _("acknowledgement ended")
    COMMENTED = "commented", _("comment")
    VERDICT = "verdict", _("verdict")

    SUPPRESSED = "suppressed", _("not sent")
    UNSUPPRESSED = "unsuppressed", _("no longer held back")
    UNROUTED = "unrouted", _("no receiver")
    REROUTED = "rerouted", _("others are told, too")
    SENT = "sent", _("sent")
    DEAD = "dead", _("could not be delivered")
    ESCALATED = "escalated", _("passed to the next receiver")


_BETWEEN: Final = "; "


def in_words(text: str) -> str:
    """A text as it is kept, which is English, in the language of who reads it.

    Where it holds values, it is found among the sentences that are known; several of them may
    stand one after another. What is none of them is looked up as it stands.
    """
    if not text:
        return ""
    found, parts = BOOK.find(text), text.split(_BETWEEN)
    if len(parts) > 1 and not (found and _BETWEEN in str(found.wording)):
        known = [BOOK.find(part) for part in parts]
        if all(known) or (found is None and any(known)):
            return _BETWEEN.join(map(in_words, parts))
    return gettext(text) if found is None else _told(found)


def _told(found: Found) -> str:
    wording, values = found.wording, {k: _value(k, one) for k, one in found.values.items()}
    if not isinstance(wording, str):
        n = values.get("n", 1)
        wording = ngettext(*wording, n if isinstance(n, int) else 1)
    else:
        wording = gettext(wording)
    return wording % values if values else wording


def _value(name: str, value: Value) -> Value:
    return in_words(value) if name in NESTED and isinstance(value, str) else value
