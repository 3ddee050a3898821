"""The collector of what this app knows about itself."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Count
from django.utils import timezone

from zerostate_monitoring.catalogue import CATALOGUE
from zerostate_monitoring.catalogue.definition import Feed, Kind
from zerostate_monitoring.collectors.base import collector
from zerostate_monitoring.collectors.items import Item
from zerostate_monitoring.collectors.record import seen
from zerostate_monitoring.collectors.rows import sync_missing
from zerostate_monitoring.models import Metric
from zerostate_monitoring.schedule import MONITORING_INTERVAL_SECONDS
from zerostate_monitoring.storage.snapshot import Snapshot
from zerostate_monitoring.storage.store import current_store


@collector("monitoring", interval=MONITORING_INTERVAL_SECONDS, feed=Feed.SELF)
def monitoring() -> Iterator[Item]:
    """Count the registered families by type: enabled and not withdrawn.

    On the way it makes rows that are missing, writes down which families the store has
    samples of, whoever gave them, and has the store forget producers that ended long ago.
    """
    store, now = current_store(), timezone.now()
    sync_missing(now)
    seen(families_in_store(store.snapshot()), now)
    store.sweep()
    definition = CATALOGUE["zerostate_metrics_registered_total"]
    rows = Metric.objects.filter(enabled=True, withdrawn_at=None).order_by()
    counts = dict(rows.values_list("kind").annotate(Count("pk")))
    for kind in Kind:
        yield definition.reading(counts.get(kind.value, 0), type=kind.value)


def families_in_store(snapshot: Snapshot) -> set[str]:
    """Names of the catalogued families that have samples; every schema is looked at once."""
    digests = {packed.digest for packed in snapshot.packed.values()}
    names = {family.name for digest in digests for family in snapshot.schemas[digest].families}
    return {definition.name for name in names if (definition := CATALOGUE.find(name))}
