"""Is the whole switched on?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from zerostate_monitoring.conf import conf
from zerostate_monitoring.doctor.finding import Finding, ok, warning

SWITCHED_OFF: Final = gettext_noop("monitoring is switched off (ZEROSTATE_MONITORING_ENABLED)")


def examine_switch() -> Iterator[Finding]:
    """Whether the whole is switched on."""
    if conf.ENABLED:
        yield ok("switch", _("ZEROSTATE_MONITORING_ENABLED is on"))
    else:
        advice = _("Set it to True to collect and to show metrics.")
        yield warning("switch", _(SWITCHED_OFF), advice)
