"""Keep rows and store in step with what is declared, saved and deleted."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterator
from datetime import datetime
from functools import partial
from typing import Any

from django.db import connections, router, transaction

from zerostate_monitoring.catalogue import CATALOGUE
from zerostate_monitoring.collectors import nodes
from zerostate_monitoring.collectors.base import COLLECTORS
from zerostate_monitoring.collectors.feeders import let_go
from zerostate_monitoring.collectors.record import tell_off
from zerostate_monitoring.collectors.runner import DISABLED
from zerostate_monitoring.collectors.signals import run_requested
from zerostate_monitoring.conf import conf
from zerostate_monitoring.exceptions import ConfigurationError, StoreError
from zerostate_monitoring.models import Collector, Metric, Node, Rule
from zerostate_monitoring.models.rule_readers import readers_of, refresh_findings
from zerostate_monitoring.models.sync import sync_collectors, sync_metrics
from zerostate_monitoring.schedule import NODES
from zerostate_monitoring.storage.store import current_store

logger = logging.getLogger(__name__)


def sync_rows(using: str, now: datetime) -> None:
    """Make metric and collector rows follow the code, where this database holds them.

    Not where the app is switched off: ``sync_missing`` makes up for it.
    """
    if not conf.ENABLED or not router.allow_migrate_model(using, Metric):
        return
    tables = set(connections[using].introspection.table_names())
    if not {Metric._meta.db_table, Collector._meta.db_table} <= tables:
        return  # migrated to a point before they exist
    synced = sync_metrics(CATALOGUE, now, using=using)
    sync_collectors(dict(_declared()), using=using)
    details = {"added": synced.added, "updated": synced.updated, "withdrawn": synced.withdrawn}
    logger.info("metrics_synced", extra={"database": using, **details})
    if synced.withdrawn and Rule._meta.db_table in tables:
        _tell_rules(using)


def _tell_rules(using: str) -> None:
    """No family is withdrawn from rules without a word: the log names each that reads one."""
    gone = Metric.objects.using(using).exclude(withdrawn_at=None)
    readers = readers_of(list(gone.values_list("name", flat=True)))
    for name, rules in sorted(readers.items()):
        refresh_findings(rules)
        names = sorted(rule.name for rule in rules)
        logger.warning("rules_read_a_withdrawn_metric", extra={"metric": name, "rules": names})


def sync_missing(now: datetime) -> None:
    """Sync if a family has no row, as after a ``migrate`` while the app was switched off.

    Nothing more is looked for: a worker of an older version must not undo a newer one's rows.
    """
    known = set(Metric.objects.values_list("name", flat=True))
    if not known.issuperset(definition.name for definition in CATALOGUE):
        sync_rows(router.db_for_write(Metric), now)


def _declared() -> Iterator[tuple[str, tuple[str, float]]]:
    """Collectors by name, each with its source and its interval in seconds.

    One whose interval cannot be had gets its row from its first run, which tells why.
    """
    for name, definition in COLLECTORS.items():
        try:
            yield name, (definition.source, definition.checked_interval())
        except ConfigurationError as error:
            logger.warning("collector_not_synced", extra={"collector": name, "error": str(error)})


def forget_nodes(names: Collection[str]) -> None:
    """Take nodes off the page once the present transaction is committed."""
    _on_commit(names, nodes.forget)


def forget_collectors(names: Collection[str]) -> None:
    """Take collectors' series off the page once the present transaction is committed."""
    _on_commit(names, _switch_off)


def node_saved(sender: type[Node], instance: Node, **kwargs: Any) -> None:
    """Forget a node that was disabled, and the former name of one that was renamed."""
    names = {instance.loaded_name} - {instance.name, ""}
    forgotten = names if instance.enabled else {*names, instance.name}
    instance.loaded_name = instance.name
    if forgotten:
        forget_nodes(sorted(forgotten))


def node_deleted(sender: type[Node], instance: Node, **kwargs: Any) -> None:
    """Forget a node that was deleted."""
    forget_nodes([instance.name])


def metric_saved(sender: type[Metric], instance: Metric, **kwargs: Any) -> None:
    """Have a family's producers run soon if an operator has decided otherwise about it."""
    decided = (instance.enabled, instance.feed)
    changed = instance.loaded not in {None, decided}
    instance.loaded = decided
    if changed:
        ask_for_runs([instance])


def ask_for_runs(metrics: Collection[Metric]) -> None:
    """Ask for a run of every collector that may give these families, once that is committed.

    What an operator decides holds from a producer's next run on. Until the old one has run
    its series stand beside the new one's, and a sum counts twice.
    """
    decided = [metric for metric in metrics if not metric.always_on]
    feeds = {feed for metric in decided for feed in metric.feeds}
    families = {metric.name for metric in decided}
    readers = [
        name
        for name, d in COLLECTORS.items()
        if d.feed in feeds and not d.idle() and (not d.families or d.families & families)
    ]
    _on_commit(readers, _request)


def _request(collectors: Collection[str]) -> None:
    for name in collectors:
        answers = run_requested.send_robust(sender=Metric, name=name)
        if not any(answer is True for _, answer in answers):
            # It would be the same for the others, and somebody waits for this page.
            logger.warning("run_not_requested", extra={"collector": name})
            return


def collector_saved(sender: type[Collector], instance: Collector, **kwargs: Any) -> None:
    """Forget the series of a collector that was disabled, and what is told of its runs."""
    if not instance.enabled:
        forget_collectors([instance.name])


def _on_commit(names: Collection[str], forget: Callable[[Collection[str]], None]) -> None:
    if names and conf.ENABLED:
        transaction.on_commit(partial(_try, list(names), forget), robust=True)


def _switch_off(collectors: Collection[str]) -> None:
    store = current_store()
    producers = [f"collector:{name}" for name in collectors]
    store.remove(producers)
    let_go(store, producers)
    if NODES in collectors:
        # Each node has a frame of its own.
        nodes.forget_all()
    for name in collectors:
        tell_off(store, name, DISABLED)


def _try(names: list[str], forget: Callable[[Collection[str]], None]) -> None:
    try:
        forget(names)
    except StoreError as error:
        # Their TTL ends them.
        logger.warning("series_not_removed", extra={"names": names, "error": str(error)})
