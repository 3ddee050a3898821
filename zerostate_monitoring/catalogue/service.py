"""Families of the control plane: HTTP, Celery, logs, and what is registered."""

from __future__ import annotations

from functools import partial
from typing import Final

from zerostate_monitoring.catalogue import buckets
from zerostate_monitoring.catalogue.definition import (
    Definition,
    Feed,
    Kind,
    Layer,
    Measure,
)

_METHODS: Final = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "other")
_ROUTE: Final = "path is the route's pattern, never what a client sent."

_http = partial(
    Definition,
    layer=Layer.SERVICE,
    feeds=(Feed.INSTRUMENT,),
    labels=("method", "path"),
    values={"method": _METHODS},
    unbounded=("path",),
    measure=Measure.COUNTER,
    note=_ROUTE,
)
_celery = partial(
    Definition,
    layer=Layer.SERVICE,
    feeds=(Feed.INSTRUMENT,),
    measure=Measure.COUNTER,
)

DEFINITIONS: Final[tuple[Definition, ...]] = (
    Definition(
        name="zerostate_metrics_registered_total",
        kind=Kind.GAUGE,
        help="Families that this installation knows, by type.",
        layer=Layer.SERVICE,
        feeds=(Feed.SELF,),
        labels=("type",),
        values={"type": tuple(Kind)},
        note="A gauge in spite of its name, which the network's first version gave it.",
    ),
    _http(
        name="zerostate_http_requests_total",
        kind=Kind.COUNTER,
        help="Requests that were answered, by method, route and status code.",
        labels=("method", "path", "status"),
        note=f"{_ROUTE} status is the number, such as 404.",
    ),
    _http(
        name="zerostate_http_request_duration_seconds",
        kind=Kind.HISTOGRAM,
        help="How long answering a request takes.",
        unit="seconds",
        buckets=buckets.DURATION,
    ),
    _http(
        name="zerostate_http_request_size_bytes",
        kind=Kind.HISTOGRAM,
        help="How large the bodies of requests are.",
        unit="bytes",
        buckets=buckets.BYTES,
    ),
    _http(
        name="zerostate_http_response_size_bytes",
        kind=Kind.HISTOGRAM,
        help="How large the bodies of answers are.",
        unit="bytes",
        buckets=buckets.BYTES,
    ),
    _http(
        name="zerostate_http_requests_active",
        kind=Kind.GAUGE,
        help="Requests that are being answered at this moment.",
        measure=Measure.STATE,
        across="sum",
    ),
    _celery(
        name="zerostate_celery_tasks_total",
        kind=Kind.COUNTER,
        help="Celery tasks that ended, by task and outcome.",
        labels=("task", "outcome"),
        values={"outcome": ("success", "failure", "retry", "revoked", "rejected")},
    ),
    _celery(
        name="zerostate_celery_task_duration_seconds",
        kind=Kind.HISTOGRAM,
        help="How long Celery tasks run, by task.",
        unit="seconds",
        labels=("task",),
        buckets=buckets.TASK_DURATION,
    ),
    _celery(
        name="zerostate_celery_task_queue_wait_seconds",
        kind=Kind.HISTOGRAM,
        help="How long Celery tasks wait for a worker, by queue.",
        unit="seconds",
        labels=("queue",),
        buckets=buckets.TASK_DURATION,
    ),
    _celery(
        name="zerostate_celery_workers",
        kind=Kind.GAUGE,
        help="Celery workers that answer, of all queues.",
        note="One that works in its only thread (pool solo) answers later and is not counted.",
        feeds=(Feed.SELF,),
        measure=Measure.STATE,
    ),
    _celery(
        name="zerostate_celery_queue_depth",
        kind=Kind.GAUGE,
        help="Messages that wait in a Celery queue.",
        feeds=(Feed.SELF,),
        labels=("queue",),
        unbounded=("queue",),
        max_series=200,
        measure=Measure.STATE,
    ),
    Definition(
        name="zerostate_log_events_dropped_total",
        kind=Kind.COUNTER,
        help="Log lines that sampling has left out, by logger and level.",
        layer=Layer.SERVICE,
        feeds=(Feed.INSTRUMENT,),
        labels=("logger", "level"),
        values={"level": ("debug", "info", "warning", "error", "critical")},
        unbounded=("logger",),
        measure=Measure.COUNTER,
        planned="structured logging",
    ),
)
