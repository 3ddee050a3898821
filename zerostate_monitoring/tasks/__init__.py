"""Celery's door: what a worker runs, each a few lines over the rooms below.

Results are ignored, nothing is retried (the next run is never far), and a message is
acknowledged before its run: a run that dies with its worker is not run again later with
numbers that have gone stale.
"""

from __future__ import annotations

from zerostate_monitoring.tasks.alerting import (
    deliver,
    evaluate,
    keep_evidence,
    prune,
    wake_delivery,
)
from zerostate_monitoring.tasks.collecting import (
    collect,
    collect_due,
    collect_nodes,
    record_history,
    request_run,
    scrape_nodes,
)
from zerostate_monitoring.tasks.options import (
    Collection,
)
from zerostate_monitoring.tasks.workers import (
    list_queues,
    list_workers,
)

__all__ = [
    "Collection",
    "collect",
    "collect_due",
    "collect_nodes",
    "deliver",
    "evaluate",
    "keep_evidence",
    "list_queues",
    "list_workers",
    "prune",
    "record_history",
    "request_run",
    "scrape_nodes",
    "wake_delivery",
]
