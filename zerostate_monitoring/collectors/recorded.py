"""The collector of recorded series, for the page: where a setting says so."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from django.utils.translation import gettext_noop
from prometheus_client import Metric
from prometheus_client.core import GaugeMetricFamily

from zerostate_monitoring.collectors.base import collector
from zerostate_monitoring.conf import conf
from zerostate_monitoring.promql.data import NAME
from zerostate_monitoring.storage.recorded import ALERTS, FOR_STATE, recorded
from zerostate_monitoring.storage.store import current_store

INTERVAL_SECONDS: Final = 15.0
_HELP: Final = "What a recording rule gives."


def _why_not() -> str:
    if not conf.EXPOSE_RECORDED:
        return gettext_noop("ZEROSTATE_MONITORING_EXPOSE_RECORDED is False")
    return "" if conf.HISTORY > 0 else gettext_noop("ZEROSTATE_MONITORING_HISTORY is 0")


@collector("recorded", interval=INTERVAL_SECONDS, idle=_why_not)
def recorded_series() -> Iterator[Metric]:
    """Yield what each rule gave last, as gauges; never names with colons, and no alerts.

    Whoever scrapes the page records them again, and knows colons as the sign of its own rules.
    """
    held = recorded(current_store())
    held.refresh()
    found: dict[str, list[tuple[dict[str, str], float]]] = {}
    for labels, value, _ in held.newest():
        pairs = dict(labels)
        name = pairs.pop(NAME)
        if ":" not in name and name not in {ALERTS, FOR_STATE}:
            found.setdefault(name, []).append((pairs, value))
    for name, series in sorted(found.items()):
        family = GaugeMetricFamily(name, _HELP)
        for pairs, value in series:
            family.add_sample(name, pairs, value)
        yield family
