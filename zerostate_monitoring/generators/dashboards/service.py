"""Django and Celery: does the control plane answer, and do its workers keep up?"""

from __future__ import annotations

from typing import Final

from zerostate_monitoring.generators.dashboards.service_tasks import BENEATH, TASKS
from zerostate_monitoring.generators.dashboards.values import (
    Dashboard,
    Limits,
    Row,
    Rule,
    Unit,
)
from zerostate_monitoring.generators.dashboards.words import (
    DATA_SOURCE,
    FILTERS,
    label,
    lines,
    q,
    quantiles,
    tile,
    top,
)

_ROUTE: Final = 'path=~"$route"'


_FIRST: Final = Row(
    title="",
    panels=(
        tile(
            "Requests",
            "sum(rate(zerostate_http_requests_total[5m]))",
            Unit.REQUESTS_PER_SECOND,
            "Requests that were answered.",
            spark=True,
        ),
        tile(
            "Server errors",
            'sum(rate(zerostate_http_requests_total{status=~"5.."}[5m]))'
            " / sum(rate(zerostate_http_requests_total[5m]))",
            Unit.RATIO,
            "Share of the answers that are our fault.",
            limits=Limits(
                amber=Rule("ApiErrorsHigh", "share", times=0.2), red=Rule("ApiErrorsHigh", "share")
            ),
            empty_when_well=True,
            fault="api",
            rules=("ApiErrorsHigh",),
            traces=True,
        ),
        tile(
            "Time p95",
            "histogram_quantile(0.95, sum by (le) "
            "(rate(zerostate_http_request_duration_seconds_bucket[5m])))",
            Unit.SECONDS,
            "Nineteen in twenty answers take no longer. The objective is 0.1 s.",
            limits=Limits(
                amber=Rule("ApiLatencyHigh", "limit", times=0.2),
                red=Rule("ApiLatencyHigh", "limit"),
            ),
            rules=("ApiLatencyHigh",),
            traces=True,
        ),
        tile(
            "Active requests",
            "sum(zerostate_http_requests_active)",
            Unit.COUNT,
            "Requests that are being answered at this moment.",
        ),
        tile(
            "Celery workers",
            "sum(zerostate_celery_workers)",
            Unit.COUNT,
            "Workers that answer. Without them nothing is collected, evaluated or sent.",
            limits=Limits(red=1, below=True),
            rules=("CollectorStale",),
        ),
        tile(
            "Queue length",
            "sum by (queue) (zerostate_celery_queue_depth)",
            Unit.TASKS,
            "Tasks that wait for a worker.",
            legend="{{queue}}",
            limits=Limits(amber=100),
        ),
        tile(
            "Queue wait p95",
            "histogram_quantile(0.95, sum by (le, queue) "
            "(rate(zerostate_celery_task_queue_wait_seconds_bucket[10m])))",
            Unit.SECONDS,
            "Nineteen in twenty tasks wait no longer.",
            legend="{{queue}}",
            limits=Limits(amber=10, red=Rule("CeleryQueueWaitLong", "limit")),
            rules=("CeleryQueueWaitLong",),
        ),
        tile(
            "Task failures",
            'sum(rate(zerostate_celery_tasks_total{outcome="failure"}[10m]))'
            " / sum(rate(zerostate_celery_tasks_total[10m]))",
            Unit.RATIO,
            "Share of the Celery tasks that ended in an error.",
            limits=Limits(amber=0.01),
            empty_when_well=True,
            fault="a task that fails",
            traces=True,
        ),
    ),
)

_ROUTES: Final = Row(
    title="Routes",
    panels=(
        top(
            "Slowest routes",
            "topk(10, histogram_quantile(0.95, sum by (le, path) "
            f"(rate(zerostate_http_request_duration_seconds_bucket{{{_ROUTE}}}[5m]))))",
            "{{path}}",
            Unit.SECONDS,
            "By p95 of five minutes.",
            limits=Limits(
                amber=Rule("ApiLatencyHigh", "limit", times=0.2),
                red=Rule("ApiLatencyHigh", "limit"),
            ),
            rules=("ApiLatencyHigh",),
        ),
        top(
            "Routes with the most errors",
            "topk(10, sum by (path, status) (rate(zerostate_http_requests_total"
            f'{{status=~"4..|5..", {_ROUTE}}}[5m])))',
            "{{path}} {{status}}",
            Unit.REQUESTS_PER_SECOND,
            "4xx is the client's fault, 5xx ours.",
            empty_when_well=True,
            fault="api",
            rules=("ApiErrorsHigh",),
        ),
        top(
            "Routes with the largest answers",
            "topk(10, sum by (path) (rate(zerostate_http_response_size_bytes_sum"
            f"{{{_ROUTE}}}[5m])) / sum by (path)"
            f" (rate(zerostate_http_response_size_bytes_count{{{_ROUTE}}}[5m])))",
            "{{path}}",
            Unit.BYTES,
            "At the mean of five minutes.",
        ),
        lines(
            "Requests by status",
            Unit.REQUESTS_PER_SECOND,
            "All answers, by status code.",
            q(
                f"sum by (status) (rate(zerostate_http_requests_total{{{_ROUTE}}}[5m]))",
                "{{status}}",
            ),
            stacked=True,
            rules=("ApiErrorsHigh",),
            traces=True,
        ),
        lines(
            "Time of answers",
            Unit.SECONDS,
            "The line is where ApiLatencyHigh begins for p95.",
            *quantiles("zerostate_http_request_duration_seconds", _ROUTE),
            limits=Limits(red=Rule("ApiLatencyHigh", "limit")),
            rules=("ApiLatencyHigh",),
            traces=True,
        ),
        lines(
            "Answers under way",
            Unit.COUNT,
            "By route. One that does not go down hangs.",
            q(f"sum by (path) (zerostate_http_requests_active{{{_ROUTE}}})", "{{path}}"),
        ),
        lines(
            "Size of requests and answers",
            Unit.BYTES,
            "The largest twentieth.",
            q(
                "histogram_quantile(0.95, sum by (le) "
                f"(rate(zerostate_http_request_size_bytes_bucket{{{_ROUTE}}}[5m])))",
                "requests p95",
            ),
            q(
                "histogram_quantile(0.95, sum by (le) "
                f"(rate(zerostate_http_response_size_bytes_bucket{{{_ROUTE}}}[5m])))",
                "answers p95",
            ),
            width=12,
        ),
    ),
)


DASHBOARD: Final = Dashboard(
    uid="zerostate-service",
    title="Django and Celery",
    question="Does the control plane answer, and do its workers keep up?",
    variables=(
        DATA_SOURCE,
        label(
            "route",
            "Route",
            "zerostate_http_requests_total",
            "Pattern of a route.",
            label_name="path",
        ),
        label("queue", "Queue", "zerostate_celery_queue_depth", "Celery queue."),
        label("task", "Task", "zerostate_celery_tasks_total", "Celery task."),
        FILTERS,
    ),
    rows=(_FIRST, _ROUTES, TASKS, BENEATH),
    layers=("service",),
)
