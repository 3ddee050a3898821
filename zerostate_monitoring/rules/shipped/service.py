"""Built-in rules about the control plane: HTTP, Celery, the platform's database."""

from __future__ import annotations

from functools import partial
from typing import Final

from zerostate_monitoring.rules.shipped.definition import (
    ShippedRule,
    minutes,
    number,
    ratio,
    seconds,
    window,
)

_rule = partial(ShippedRule, layer="service")

RULES: Final = (
    _rule(
        name="ApiErrorsHigh",
        severity="critical",
        fault="api_errors",
        switch="api",
        for_=minutes(2),
        keep_firing_for=minutes(2),
        parameters=(
            ratio("share", 0.05, 0.001, 0.9, "Fires above this share of answers with 5xx."),
            number("requests", 50, 1, 1e6, "With at least so many requests in the window."),
            window("window", 300, 60, 1800, "In which requests are counted."),
        ),
        expr='sum(increase(zerostate_http_requests_total{status=~"5.."}[<window>]))'
        " / sum(increase(zerostate_http_requests_total[<window>])) > <share>"
        " and sum(increase(zerostate_http_requests_total[<window>])) >= <requests>",
        summary="{{ $value | humanizePercentage }} of the HTTP requests are answered with 5xx"
        " (limit <share> over <window>).",
        description="Users of the control plane see errors. Look at errors by route, at the last"
        " deployment, at the database.",
    ),
    _rule(
        name="LogErrorsHigh",
        severity="warning",
        fault="log_errors",
        switch="api",
        for_=minutes(2),
        keep_firing_for=minutes(5),
        parameters=(
            number("events", 30, 1, 1e6, "Fires from so many errors of one logger on."),
            window("window", 300, 60, 3600, "In which they are counted."),
        ),
        # What Django says of suspicious requests, such as one with another host, is strangers'.
        expr='sum by (logger) (increase(zerostate_log_events_total{level=~"error|critical",'
        ' logger!~"django[.]security[.].*"}[<window>])) >= <events>',
        summary="{{ $labels.logger }} logs {{ $value | humanize }} errors within <window>"
        " (limit <events>).",
        description="A part of the control plane fails again and again. Read its lines: the"
        " logger says which part, the event what failed.",
    ),
    _rule(
        name="ApiLatencyHigh",
        severity="warning",
        fault="api_latency",
        switch="api-slow",
        for_=minutes(10),
        keep_firing_for=minutes(5),
        parameters=(
            seconds("limit", 0.5, 0.01, 9, "Fires above this 95th percentile."),
            number("requests", 100, 1, 1e6, "With at least so many requests in the window."),
            window("window", 600, 60, 1800, "In which requests are counted."),
        ),
        expr="histogram_quantile(0.95,"
        " sum by (le) (rate(zerostate_http_request_duration_seconds_bucket[<window>]))) > <limit>"
        " and sum(increase(zerostate_http_request_duration_seconds_count[<window>]))"
        " >= <requests>",
        summary="One HTTP request in twenty takes longer than {{ $value | humanizeDuration }}"
        " (limit <limit>).",
        description="The control plane is slow. Look for the slowest routes, and at one slow"
        " request.",
    ),
    _rule(
        name="PlatformSourceDown",
        severity="critical",
        fault="platform",
        switch="platform",
        for_=minutes(3),
        expr='zerostate_monitoring_source_up{source="platform"} == 0',
        summary="The platform's database cannot be read (up is {{ $value }}, 1 is expected).",
        description="Figures of tasks and money grow old. Look at the database, its credentials,"
        " the limit of connections, the statement timeout.",
    ),
    _rule(
        name="CeleryQueueWaitLong",
        severity="warning",
        fault="celery_wait",
        switch="celery",
        for_=minutes(10),
        keep_firing_for=minutes(5),
        parameters=(
            seconds("limit", 60, 1, 299, "Fires above this 95th percentile."),
            window("window", 600, 60, 1800, "In which tasks are counted."),
        ),
        expr="histogram_quantile(0.95, sum by (le, queue)"
        " (rate(zerostate_celery_task_queue_wait_seconds_bucket[<window>]))) > <limit>",
        summary="One Celery task in twenty waits longer than {{ $value | humanizeDuration }} in"
        " queue {{ $labels.queue }} (limit <limit>).",
        description="Work is late. Are workers alive on that queue, which task is the longest,"
        " is the broker well?",
    ),
)
