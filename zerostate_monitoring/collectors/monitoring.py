"""The collector of what this app knows about itself."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from django.db.models import Count
from django.utils import timezone

from zerostate_monitoring.catalogue import CATALOGUE
from zerostate_monitoring.catalogue.definition import Feed, Kind
from zerostate_monitoring.collectors.base import collector
from zerostate_monitoring.collectors.feeders import NODES_TOGETHER, Feeder, feeders, hold
from zerostate_monitoring.collectors.items import Item
from zerostate_monitoring.collectors.node_names import producer
from zerostate_monitoring.collectors.policy import load_policy
from zerostate_monitoring.collectors.record import seen
from zerostate_monitoring.collectors.rows import sync_missing
from zerostate_monitoring.collectors.store_figures import store_figures
from zerostate_monitoring.collectors.tables import table_rows
from zerostate_monitoring.conf import conf
from zerostate_monitoring.models import Metric
from zerostate_monitoring.schedule import MONITORING_INTERVAL_SECONDS, ttl
from zerostate_monitoring.storage.log_levels import announce
from zerostate_monitoring.storage.reader import COLLECTOR, FEEDING_NOTE
from zerostate_monitoring.storage.snapshot import Snapshot
from zerostate_monitoring.storage.store import Store, current_store

LEAST_RETENTION_SECONDS: Final = 600.0
"""Running code declares its families every minute; a shorter retention would end those."""


@collector("monitoring", interval=MONITORING_INTERVAL_SECONDS, feed=Feed.SELF)
def monitoring() -> Iterator[Item]:
    """Count the registered families by type, enabled and not withdrawn; and rows of tables.

    On the way it makes rows that are missing, writes down which families the store has
    samples of, whoever gave them, leaves word of those that nodes feed, notes which are not
    for the project's own code to feed, and has the store forget producers that ended long
    ago and families that no code declares any more.
    """
    store, now = current_store(), timezone.now()
    sync_missing(now)
    snapshot = store.snapshot()
    seen(families_in_store(snapshot), now)
    _hold_for_nodes(store, snapshot, now.timestamp())
    store.sweep()
    store.retire(max(conf.PROCESS_RETENTION_SECONDS, LEAST_RETENTION_SECONDS))
    # Whoever set a level while the store was away, or before it was emptied, meant it.
    announce(store, now)
    store.note(COLLECTOR, {FEEDING_NOTE: {"refused": sorted(kept_from_processes())}})
    definition = CATALOGUE["zerostate_metrics_registered_total"]
    rows = Metric.objects.filter(enabled=True, withdrawn_at=None).order_by()
    counts = dict(rows.values_list("kind").annotate(Count("pk")))
    for kind in Kind:
        yield definition.reading(counts.get(kind.value, 0), type=kind.value)
    yield from table_rows()
    yield from store_figures(store, snapshot)


def kept_from_processes() -> set[str]:
    """Names of the families that the project's own code may not feed here."""
    policy = load_policy()
    fed = (d for d in CATALOGUE if Feed.INSTRUMENT in d.feeds)
    return {d.name for d in fed if policy.refusal(d, Feed.INSTRUMENT)}


def _hold_for_nodes(store: Store, snapshot: Snapshot, now: float) -> None:
    """Leave word of what nodes give and nobody else feeds.

    Nodes are scraped too often, and by too many, to do it themselves.
    """
    known = feeders(store, now)
    mine = Feeder(NODES_TOGETHER, Feed.NODE)
    given = families_in_store(snapshot, producer(""))
    free = [family for family in given if known.get(family, mine) == mine]
    hold(store, free, mine, at=now, seconds=ttl(MONITORING_INTERVAL_SECONDS))


def families_in_store(snapshot: Snapshot, prefix: str = "") -> set[str]:
    """Names of the catalogued families that have samples, of producers that begin so.

    Every schema is looked at once.
    """
    found = snapshot.packed.items()
    digests = {packed.digest for name, packed in found if name.startswith(prefix)}
    names = {family.name for digest in digests for family in snapshot.schemas[digest].families}
    return {definition.name for name in names if (definition := CATALOGUE.find(name))}
