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
_incoming = partial(
    Definition,
    kind=Kind.COUNTER,
    layer=Layer.MONITORING,
    feeds=(Feed.INSTRUMENT,),
    measure=Measure.COUNTER,
)
_lines = partial(
    Definition,
    kind=Kind.COUNTER,
    layer=Layer.SERVICE,
    feeds=(Feed.INSTRUMENT,),
    labels=("logger", "level"),
    values={"level": ("debug", "info", "warning", "error", "critical")},
    unbounded=("logger",),
    measure=Measure.COUNTER,
)

_OF_PROCESSES: Final = "Of those that publish; other is a command, or one of which nobody knows."
_process = partial(
    Definition,
    layer=Layer.MONITORING,
    feeds=(Feed.INSTRUMENT,),
    labels=("role",),
    values={"role": ("web", "worker", "beat", "other")},
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
    _incoming(
        name="zerostate_monitoring_alertmanager_messages_total",
        help="Messages of an Alertmanager to this app's webhook, by the status of the answer.",
        labels=("status",),
        note="200 is taken; 5xx it sends again, and nothing else.",
    ),
    _incoming(
        name="zerostate_monitoring_alertmanager_alerts_total",
        help="Alerts that an Alertmanager told of, by what became of them.",
        labels=("outcome",),
        values={"outcome": ("fired", "resolved", "unchanged", "truncated", "without_rule")},
        note="truncated were left out by Alertmanager; without_rule are counted elsewhere, too.",
    ),
    _process(
        name="zerostate_monitoring_process_memory_bytes",
        kind=Kind.GAUGE,
        help="Memory that the project's processes hold in RAM together, by what they are for.",
        unit="bytes",
        measure=Measure.STATE,
        across="sum",
        note=f"{_OF_PROCESSES} Absent where the system has no /proc.",
    ),
    _process(
        name="zerostate_monitoring_process_cpu_seconds_total",
        kind=Kind.COUNTER,
        help="Processor time that the project's processes have used, by what they are for.",
        unit="seconds",
        note=_OF_PROCESSES,
    ),
    _process(
        name="zerostate_monitoring_process_starts_total",
        kind=Kind.COUNTER,
        help="Processes of the project that began to publish, by what they are for.",
        note=_OF_PROCESSES,
    ),
    _incoming(
        name="zerostate_monitoring_page_answers_total",
        help="Answers with the page, by who asked and where they came from.",
        labels=("scraper", "page"),
        values={
            "scraper": (
                *("prometheus", "alloy", "vmagent", "opentelemetry", "telegraf", "curl"),
                "other",
            ),
            "page": ("kept", "made", "part"),
        },
        note="kept is the page of an earlier answer, for nothing had changed; part was asked for"
        " by name. Who asks is who the request says it is.",
    ),
    _incoming(
        name="zerostate_monitoring_evaluation_queries_total",
        help="Expressions of rules that were asked for, by whether there was an answer.",
        labels=("outcome",),
        values={"outcome": ("answered", "failed")},
        note="Each rule of a group counts at each slot, unless it is known that it is dormant.",
    ),
    _lines(
        name="zerostate_log_events_total",
        help="Events that were logged, by logger and level.",
        note="Also those that sampling leaves out, and none below a logger's level.",
    ),
    _lines(
        name="zerostate_log_events_dropped_total",
        help="Log lines that were lost, by logger, level and reason.",
        labels=("logger", "level", "reason"),
        values={
            "level": ("debug", "info", "warning", "error", "critical"),
            "reason": ("sampling", "export"),
        },
        note="sampling has left it out; export: it was written, but OpenTelemetry did not take it.",
    ),
)
