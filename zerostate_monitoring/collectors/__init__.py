"""Collectors: functions that turn a source into families, and the one way to run them.

A project's own collector is a function in the ``collectors.py`` of any installed app::

    from collections.abc import Iterator

    from prometheus_client.core import GaugeMetricFamily
    from zerostate_monitoring.collectors import Item, collector

    from shop.models import Order


    @collector("shop", interval=60)
    def shop() -> Iterator[Item]:
        family = GaugeMetricFamily("shop_orders", "Orders by state.", labels=["state"])
        for state in ("open", "paid"):
            family.add_metric([state], Order.objects.filter(state=state).count())
        yield family

It runs in a worker of the queue ``ZEROSTATE_MONITORING_QUEUE``; ``manage.py
monitoring_collect shop`` runs it by hand. What it yields vanishes from the page three
intervals after its last success.
"""

from __future__ import annotations

from zerostate_monitoring.catalogue.definition import Reading
from zerostate_monitoring.collectors.base import (
    COLLECTORS,
    CollectorDefinition,
    CollectorRegistry,
    collector,
)
from zerostate_monitoring.collectors.items import Absent, Collect, Item

__all__ = [
    "COLLECTORS",
    "Absent",
    "Collect",
    "CollectorDefinition",
    "CollectorRegistry",
    "Item",
    "Reading",
    "collector",
]
