"""Django and Celery: tasks, and what lies beneath."""

from __future__ import annotations

from typing import Final

from zerostate_monitoring.generators.dashboards.values import (
    Limits,
    Row,
    Rule,
    Unit,
)
from zerostate_monitoring.generators.dashboards.words import (
    lines,
    q,
    quantiles,
)

_TASK: Final = 'task=~"$task"'

_QUEUE: Final = 'queue=~"$queue"'


TASKS: Final = Row(
    title="Tasks",
    panels=(
        lines(
            "Run time by task",
            Unit.SECONDS,
            "The slowest twentieth.",
            *quantiles(
                "zerostate_celery_task_duration_seconds", _TASK, by="task", window="10m", of=(0.95,)
            ),
            traces=True,
        ),
        lines(
            "Tasks by outcome",
            Unit.PER_MINUTE,
            "Retried ones count each time.",
            q(
                f"60 * sum by (outcome) (rate(zerostate_celery_tasks_total{{{_TASK}}}[10m]))",
                "{{outcome}}",
            ),
        ),
        lines(
            "Failures and retries by task",
            Unit.PER_MINUTE,
            "Which task breaks.",
            q(
                "60 * sum by (task, outcome) (rate(zerostate_celery_tasks_total"
                f'{{outcome=~"failure|retry", {_TASK}}}[10m]))',
                "{{task}}: {{outcome}}",
            ),
            empty_when_well=True,
            fault="a task that fails",
            traces=True,
        ),
        lines(
            "Queues",
            Unit.TASKS,
            "Tasks that wait.",
            q(f"sum by (queue) (zerostate_celery_queue_depth{{{_QUEUE}}})", "{{queue}}"),
            rules=("CeleryQueueWaitLong",),
        ),
        lines(
            "Waiting time by queue",
            Unit.SECONDS,
            "The slowest twentieth; the line is where CeleryQueueWaitLong begins.",
            *quantiles(
                "zerostate_celery_task_queue_wait_seconds",
                _QUEUE,
                by="queue",
                window="10m",
                of=(0.95,),
            ),
            limits=Limits(red=Rule("CeleryQueueWaitLong", "limit")),
            rules=("CeleryQueueWaitLong",),
        ),
        lines(
            "Workers",
            Unit.COUNT,
            "Celery workers that answer.",
            q("sum(zerostate_celery_workers)", "workers"),
        ),
    ),
)

BENEATH: Final = Row(
    title="Database, cache and processes",
    panels=(
        lines(
            "Sources",
            Unit.UP,
            "Whether the platform's database and the nodes could be read.",
            q("min by (source) (zerostate_monitoring_source_up)", "{{source}}"),
            words={"1": "up", "0": "down"},
            limits=Limits(red=1, below=True),
            rules=("PlatformSourceDown",),
            to="zerostate-monitoring",
        ),
        lines(
            "Store",
            Unit.BYTES,
            "What history and recorded series take of the store's memory.",
            q("max(zerostate_monitoring_history_bytes)", "history"),
            q("max(zerostate_monitoring_recorded_bytes)", "recorded"),
            to="zerostate-monitoring",
        ),
        lines(
            "Processes",
            Unit.COUNT,
            "Web processes and workers that publish what they count.",
            q("max(zerostate_monitoring_processes)", "processes"),
        ),
        lines(
            "Memory of processes",
            Unit.BYTES,
            "What all processes of a kind hold in RAM together.",
            q("sum by (role) (zerostate_monitoring_process_memory_bytes)", "{{role}}"),
            stacked=True,
        ),
        lines(
            "Processor of processes",
            Unit.CORES,
            "How many cores all processes of a kind use.",
            q(
                "sum by (role) (rate(zerostate_monitoring_process_cpu_seconds_total[5m]))",
                "{{role}}",
            ),
        ),
        lines(
            "Starts of processes, 1 h",
            Unit.COUNT,
            "How often one of a kind began within an hour. More than a deployment is a crash loop.",
            q(
                "sum by (role) (increase(zerostate_monitoring_process_starts_total[1h]))",
                "{{role}}",
            ),
        ),
        lines(
            "Queries of the database",
            Unit.PER_SECOND,
            "By the Django project, where django-prometheus's database engines are used.",
            q(
                "sum by (alias, vendor) (rate(django_db_execute_total[5m]))",
                "{{alias}} ({{vendor}})",
            ),
            needs="django-prometheus's database engines",
        ),
        lines(
            "Errors and new connections of the database",
            Unit.PER_SECOND,
            "With the same engines. Many new connections: persistent ones are switched off.",
            q("sum by (alias) (rate(django_db_errors_total[5m]))", "errors: {{alias}}", quiet=True),
            q("sum by (alias) (rate(django_db_new_connections_total[5m]))", "new: {{alias}}"),
            needs="django-prometheus's database engines",
            traces=True,
        ),
        lines(
            "Cache hits",
            Unit.RATIO,
            "Of all look-ups, where django-prometheus's caches are used.",
            q(
                "sum by (backend) (rate(django_cache_get_hits_total[5m]))"
                " / sum by (backend) (rate(django_cache_get_total[5m]))",
                "{{backend}}",
            ),
            needs="django-prometheus's caches",
        ),
    ),
)
