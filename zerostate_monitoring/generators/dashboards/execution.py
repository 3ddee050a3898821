"""Execution: do tasks get done, in time, and why not?"""

from __future__ import annotations

from typing import Final

from zerostate_monitoring.generators.dashboards.execution_work import (
    FAILURES,
    GUILDS,
    PAPERS,
    RESOURCES,
)
from zerostate_monitoring.generators.dashboards.selectors import (
    ENDED,
    OF_TYPE,
    a_minute,
    rate,
)
from zerostate_monitoring.generators.dashboards.values import (
    Colour,
    Dashboard,
    Limits,
    Row,
    Rule,
    Unit,
)
from zerostate_monitoring.generators.dashboards.words import (
    DATA_SOURCE,
    FILTERS,
    heatmap,
    label,
    lines,
    q,
    quantiles,
    tile,
)

_MIB: Final = 1024.0 * 1024.0

"""The sandbox's limit: the rule begins at 80 % of it."""


_FIRST: Final = Row(
    title="",
    panels=(
        tile(
            "Tasks ended",
            f"sum(rate({ENDED}[5m]))",
            Unit.TASKS_PER_SECOND,
            "Tasks that were completed or failed, each second of the last five minutes.",
            spark=True,
        ),
        tile(
            "Success, 1 h",
            '1 - sum(increase(zerostate_tasks_total{status="failed"}[1h]))'
            f" / sum(increase({ENDED}[1h]))",
            Unit.RATIO,
            "Share of the tasks of the last hour that were completed.",
            limits=Limits(
                amber=Rule("TaskBudgetBurnSlow", "share", of_one=True),
                red=Rule("TaskBudgetBurnFast", "share", of_one=True),
                below=True,
            ),
            to="zerostate-slo",
            rules=("TasksFailing", "TaskBudgetBurnFast"),
            traces=True,
        ),
        tile(
            "Task time p95",
            "histogram_quantile(0.95, sum by (le) "
            "(rate(zerostate_task_duration_seconds_bucket[10m])))",
            Unit.SECONDS,
            "Nineteen in twenty tasks end within this time. A task is cut off at 30 s.",
            limits=Limits(amber=Rule("TaskDurationHigh", "limit"), red=30),
            rules=("TaskDurationHigh",),
        ),
        tile(
            "Waiting",
            "sum(zerostate_task_queue_depth)",
            Unit.TASKS,
            "Tasks that wait for an executor. The queue has 1,000 places.",
            limits=Limits(
                amber=Rule("TaskQueueNearFull", "limit", times=0.625),
                red=Rule("TaskQueueNearFull", "limit"),
            ),
            rules=("TaskQueueNearFull", "TasksStalled"),
        ),
        tile(
            "Wait p95",
            "histogram_quantile(0.95, sum by (le) "
            "(rate(zerostate_task_queue_latency_seconds_bucket[10m])))",
            Unit.SECONDS,
            "Nineteen in twenty tasks wait no longer than this.",
            limits=Limits(amber=10, red=30),
        ),
        tile(
            "Executors online",
            'sum(zerostate_agents{status=~"online|busy"})',
            Unit.AGENTS,
            "Agents that can take a task.",
            limits=Limits(red=1, below=True),
            rules=("ExecutorsUnavailable",),
        ),
        tile(
            "Executor load",
            "sum(zerostate_agent_load) / sum(zerostate_agent_capacity)",
            Unit.RATIO,
            "Tasks that agents have, of those that they can have at once.",
            limits=Limits(amber=0.8, red=0.95),
        ),
        tile(
            "Timeouts, 1 h",
            'sum(increase(zerostate_timeout_errors_total{type="execution"}[1h]))'
            f" / sum(increase({ENDED}[1h]))",
            Unit.RATIO,
            "Tasks that were cut off at their limit, of those that ended.",
            limits=Limits(amber=0.05),
            rules=("TaskDurationHigh",),
        ),
        tile(
            "WASM memory p95",
            "histogram_quantile(0.95, sum by (le) (rate(zerostate_wasm_memory_bytes_bucket[10m])))",
            Unit.BYTES,
            "Nineteen in twenty runs need no more than this. The sandbox ends at 128 MiB.",
            limits=Limits(amber=Rule("WasmMemoryNearLimit", "limit"), red=128 * _MIB),
            rules=("WasmMemoryNearLimit",),
        ),
    ),
)

_FLOW: Final = Row(
    title="Flow",
    panels=(
        lines(
            "Tasks by state",
            Unit.TASKS_PER_SECOND,
            "Where more are submitted than end, a queue grows.",
            q(rate("tasks_total", "status"), "{{status}}"),
            rules=("TasksFailing", "TasksStalled"),
            traces=True,
        ),
        lines(
            "Active tasks",
            Unit.TASKS,
            "Submitted and not yet ended, by type.",
            q(f"sum by (type) (zerostate_tasks_active{{{OF_TYPE}}})", "{{type}}"),
            stacked=True,
        ),
        lines(
            "Queue by priority",
            Unit.TASKS,
            "What waits; the line is where TaskQueueNearFull begins.",
            q("sum by (priority) (zerostate_task_queue_depth)", "{{priority}}"),
            limits=Limits(red=Rule("TaskQueueNearFull", "limit")),
            stacked=True,
            rules=("TaskQueueNearFull",),
        ),
        lines(
            "Agents by status",
            Unit.AGENTS,
            "Who could work.",
            q("sum by (status) (zerostate_agents)", "{{status}}"),
            stacked=True,
            rules=("ExecutorsUnavailable",),
        ),
        lines(
            "Load of the executors",
            Unit.TASKS,
            "Tasks that agents have, and could have.",
            q("sum(zerostate_agent_load)", "load", Colour.PLAIN),
            q("sum(zerostate_agent_capacity)", "capacity", Colour.MUTED),
        ),
        lines(
            "The orchestrator",
            Unit.COUNT,
            "Workers that are busy, and agents of its registry by the status that they announce.",
            q("sum(zerostate_orchestrator_active_workers)", "busy workers"),
            q("sum by (status) (zerostate_runtime_agents)", "agents: {{status}}"),
        ),
        lines(
            "Tasks capped",
            Unit.PER_MINUTE,
            "Tasks whose cost stopped at the limit of their manifest, by type.",
            q(
                a_minute("task_cost_capped_total", "type", OF_TYPE),
                "{{type}}",
                Colour.AMBER,
            ),
        ),
    ),
)

_TIME: Final = Row(
    title="Time",
    panels=(
        heatmap(
            "Task time, all tasks",
            Unit.SECONDS,
            "How many tasks took how long. A second band above the first is a kind of task, or a"
            " kind of node, of its own.",
            q(
                f"sum by (le) (increase(zerostate_task_duration_seconds_bucket{{{OF_TYPE}}}[5m]))",
                "{{le}}",
            ),
            width=12,
            height=10,
        ),
        lines(
            "Task time by type",
            Unit.SECONDS,
            "The slowest twentieth; the line is where TaskDurationHigh begins.",
            *quantiles(
                "zerostate_task_duration_seconds", OF_TYPE, by="type", window="10m", of=(0.95,)
            ),
            limits=Limits(red=Rule("TaskDurationHigh", "limit")),
            width=12,
            height=10,
            rules=("TaskDurationHigh",),
            traces=True,
        ),
        lines(
            "From submission to the end",
            Unit.SECONDS,
            "The time of a whole task, waiting included.",
            *quantiles("zerostate_task_duration_seconds", OF_TYPE),
        ),
        lines(
            "Waiting time",
            Unit.SECONDS,
            "How long tasks wait for an executor.",
            *quantiles("zerostate_task_queue_latency_seconds"),
        ),
        lines(
            "Compiling and running",
            Unit.SECONDS,
            "The slowest twentieth of checking a module before its run, and of the run itself.",
            q(
                "histogram_quantile(0.95, sum by (le) "
                "(rate(zerostate_wasm_validation_duration_seconds_bucket[5m])))",
                "checking p95",
            ),
            q(
                "histogram_quantile(0.95, sum by (le) "
                "(rate(zerostate_wasm_execution_duration_seconds_bucket[5m])))",
                "running p95",
                exemplars=True,
            ),
        ),
    ),
)


DASHBOARD: Final = Dashboard(
    uid="zerostate-execution",
    title="Execution",
    question="Do tasks get done, in time, and why not?",
    variables=(
        DATA_SOURCE,
        label("type", "Task type", "zerostate_task_duration_seconds_count", "Kind of task."),
        FILTERS,
    ),
    rows=(_FIRST, _FLOW, _TIME, FAILURES, RESOURCES, PAPERS, GUILDS),
    layers=("execution",),
)
