"""Built-in rules about tasks and what runs them."""

from __future__ import annotations

from functools import partial
from typing import Final

from zerostate_monitoring.rules.shipped.definition import (
    Parameter,
    ShippedRule,
    Unit,
    minutes,
    number,
    ratio,
    seconds,
    window,
)

_rule = partial(ShippedRule, layer="execution")
_share = partial(ratio, "share")

_TASKS: Final = (
    _rule(
        name="TasksFailing",
        severity="critical",
        fault="task_failures",
        switch="tasks",
        for_=minutes(2),
        keep_firing_for=minutes(2),
        parameters=(
            _share(0.5, 0.01, 0.99, "Fires above this share of tasks that failed."),
            number("tasks", 10, 1, 1e6, "With at least so many tasks ended in the window."),
            window("window", 300, 120, 1800, "In which tasks are counted."),
            number("few", 5, 2, 1e6, "Where traffic is low: so many failed and none completed."),
            window("long", 1800, 300, 1800, "In which they are counted where traffic is low."),
        ),
        expr='(sum(increase(zerostate_tasks_total{status="failed"}[<window>]))'
        ' / sum(increase(zerostate_tasks_total{status=~"completed|failed"}[<window>])) > <share>'
        ' and sum(increase(zerostate_tasks_total{status=~"completed|failed"}[<window>]))'
        " >= <tasks>)"
        ' or (sum(increase(zerostate_tasks_total{status="failed"}[<long>])) >= <few>'
        ' and sum(increase(zerostate_tasks_total{status="completed"}[<long>])) == 0)',
        # One branch gives a share, the other a count of at least <few>.
        summary="{{ if le $value 1.0 }}{{ $value | humanizePercentage }} of the tasks fail (limit"
        ' <share> over <window>).{{ else }}{{ printf "%.0f" $value }} tasks failed within <long>'
        " and none was completed (limit <few>).{{ end }}",
        description="Users get no results. Look at execution errors by reason and exit code, and"
        " at one task that failed.",
    ),
    _rule(
        name="TaskDurationHigh",
        severity="warning",
        fault="task_duration",
        switch="slow",
        for_=minutes(10),
        keep_firing_for=minutes(5),
        parameters=(
            seconds("limit", 25, 1, 299, "Fires above this 95th percentile."),
            number("tasks", 20, 1, 1e6, "With at least so many tasks in the window."),
            window("window", 600, 120, 1800, "In which tasks are counted."),
        ),
        expr="histogram_quantile(0.95,"
        " sum by (le, type) (rate(zerostate_task_duration_seconds_bucket[<window>]))) > <limit>"
        " and sum by (type) (increase(zerostate_task_duration_seconds_count[<window>]))"
        " >= <tasks>",
        summary="One {{ $labels.type }} task in twenty takes longer than"
        " {{ $value | humanizeDuration }} (limit <limit>; tasks are stopped after 30s).",
        description="Tasks are about to be stopped before they end. Look at where the time goes:"
        " queue, compilation or run.",
    ),
    _rule(
        name="TaskQueueNearFull",
        severity="critical",
        fault="task_queue",
        switch="queue",
        for_=minutes(3),
        keep_firing_for=minutes(2),
        parameters=(
            number("limit", 800, 1, 1e6, "Fires above so many waiting tasks; 1,000 have room."),
        ),
        expr="sum by (node) (zerostate_task_queue_depth) > <limit>",
        summary="{{ $value }} tasks wait{{ with $labels.node }} at {{ . }}{{ end }} (limit <limit>"
        " of 1,000 places).",
        description="Submissions will soon be refused. Are executors online, do tasks end, does"
        " one user flood the queue?",
    ),
    _rule(
        name="TasksStalled",
        severity="critical",
        fault="task_stall",
        switch="stall",
        for_=minutes(5),
        keep_firing_for=minutes(2),
        parameters=(window("window", 600, 240, 1800, "In which no task has ended."),),
        expr="min_over_time(sum(zerostate_task_queue_depth)[<window>:1m]) > 0"
        ' and sum(increase(zerostate_tasks_total{status=~"completed|failed"}[<window>])) == 0',
        summary="At least {{ $value }} tasks have been waiting for <window>, and none has ended.",
        description="Nothing is being done. Look at the orchestrator's process, at executors, at"
        " the creation of guilds.",
    ),
    _rule(
        name="ExecutorsUnavailable",
        severity="critical",
        fault="executors",
        switch="executors",
        for_=minutes(2),
        keep_firing_for=minutes(2),
        expr='sum(zerostate_agents{status=~"online|busy"}) == 0'
        " and sum(zerostate_task_queue_depth) > 0",
        summary="{{ $value }} agents are online or busy while tasks wait (at least 1 is expected).",
        description="No task can begin. Look at agents by status and last seen; are the nodes"
        " that carry them down?",
    ),
)

_RUNS: Final = (
    _rule(
        name="WasmMemoryNearLimit",
        severity="warning",
        fault="wasm_memory",
        switch="memory",
        for_=minutes(10),
        keep_firing_for=minutes(10),
        parameters=(
            Parameter(
                *("limit", 107_374_182, Unit.BYTES, 1024**2, 536_870_912),
                "Fires above this 95th percentile; the sandbox ends at 128 MiB.",
            ),
            number("runs", 20, 1, 1e6, "With at least so many runs in the window."),
            window("window", 600, 120, 1800, "In which runs are counted."),
        ),
        expr="histogram_quantile(0.95,"
        " sum by (le) (rate(zerostate_wasm_memory_bytes_bucket[<window>]))) > <limit>"
        " and sum(increase(zerostate_wasm_memory_bytes_count[<window>])) >= <runs>",
        summary="One WASM run in twenty needs more than {{ $value | humanize1024 }}B of memory"
        " (limit <limit>; the sandbox ends at 128 MiB).",
        description="Runs are about to be ended for lack of memory. Look at memory by type of"
        " task, and for the largest modules.",
    ),
    _rule(
        name="ReceiptsRejected",
        severity="warning",
        fault="receipts",
        switch="receipts",
        keep_firing_for=minutes(15),
        parameters=(
            number("receipts", 3, 1, 1e6, "Fires from so many refused receipts in the window."),
            _share(0.01, 0.001, 0.9, "And above this share of those that were checked."),
            window("window", 900, 120, 1800, "In which receipts are counted."),
        ),
        expr='sum(increase(zerostate_receipts_verified_total{result="failed"}[<window>]))'
        " >= <receipts>"
        ' and sum(increase(zerostate_receipts_verified_total{result="failed"}[<window>]))'
        " / sum(increase(zerostate_receipts_verified_total[<window>])) > <share>",
        summary='{{ printf "%.0f" $value }} receipts failed their verification within <window>'
        " (limit <receipts>, and <share> of all).",
        description="They are forged, or keys are out of step. Which executor signed them; were"
        " keys changed; is a clock wrong?",
    ),
    _rule(
        name="GuildOperationsFailing",
        severity="warning",
        fault="guilds",
        switch="guilds",
        for_=minutes(10),
        keep_firing_for=minutes(5),
        parameters=(
            _share(0.2, 0.01, 0.9, "Fires above this share of operations that fail."),
            number("operations", 10, 1, 1e6, "With at least so many of a kind in the window."),
            window("window", 900, 120, 1800, "In which operations are counted."),
        ),
        expr="sum by (operation)"
        ' (increase(zerostate_guild_operations_total{status="failed"}[<window>]))'
        " / sum by (operation) (increase(zerostate_guild_operations_total[<window>])) > <share>"
        " and sum by (operation) (increase(zerostate_guild_operations_total[<window>]))"
        " >= <operations>",
        summary="{{ $value | humanizePercentage }} of the guild operations {{ $labels.operation }}"
        " fail (limit <share> over <window>).",
        description="Agents cannot work together. Look at errors by kind (full, closed,"
        " signature) and at the members' heartbeats.",
    ),
)

RULES: Final = (*_TASKS, *_RUNS)
