"""Would somebody outside hear of it if no alert left here any more?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from zerostate_monitoring.conf import conf
from zerostate_monitoring.doctor.finding import Finding, error, ok, warning
from zerostate_monitoring.models import Heartbeat
from zerostate_monitoring.models.heartbeat import FRESH
from zerostate_monitoring.models.words import in_words

_NAME: Final = "heartbeat"
_CANARY: Final = gettext_noop(
    "The alert Watchdog must fire, its route must lead to the receiver canary, and both must be "
    "enabled: look at the alert's page in admin. See docs/delivery.md."
)
_ADDRESS: Final = gettext_noop(
    "Look at ZEROSTATE_MONITORING_HEARTBEAT_URL, and whether this host may reach it."
)


def examine_heartbeat() -> Iterator[Finding]:
    """Whether the canary arrives, and whether the address outside is called."""
    row = Heartbeat.objects.order_by("pk").first()
    yield judge_heartbeat(row, timezone.now(), is_called=bool(conf.HEARTBEAT_URL))


def judge_heartbeat(row: Heartbeat | None, now: datetime, *, is_called: bool) -> Finding:
    """What the canary's row says; ``is_called``: an address outside is set."""
    if not is_called:
        return ok(_NAME, _("no address outside is called: ZEROSTATE_MONITORING_HEARTBEAT_URL"))
    if row is None or row.arrived_at is None:
        said = _("the canary has never arrived, so nobody is called")
        return error(_NAME, said, _(_CANARY))
    if not row.is_alive(now):
        age = max((now - row.arrived_at).total_seconds(), 0)
        said = _("the canary arrived %(age).0f s ago, or of an old slot: nobody is called")
        return error(_NAME, said % {"age": age}, _(_CANARY))
    if row.called_at is None or now - row.called_at > FRESH:
        said = _("the address outside does not answer: %(error)s") % {"error": in_words(row.error)}
        return warning(_NAME, said, _(_ADDRESS))
    age = max((now - row.called_at).total_seconds(), 0)
    return ok(_NAME, _("called %(age).0f s ago") % {"age": age})
