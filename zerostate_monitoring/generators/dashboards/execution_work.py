"""Execution: why tasks fail, what they use, and what comes of them."""

from __future__ import annotations

from typing import Final

from zerostate_monitoring.generators.dashboards.selectors import (
    ENDED,
    OF_TYPE,
    a_minute,
    mean,
    rate,
    share,
)
from zerostate_monitoring.generators.dashboards.values import (
    Colour,
    Limits,
    Row,
    Rule,
    Unit,
)
from zerostate_monitoring.generators.dashboards.words import (
    bars,
    lines,
    now,
    q,
    quantiles,
)

_SANDBOX: Final = Rule("WasmMemoryNearLimit", "limit", times=1 / 0.8)


FAILURES: Final = Row(
    title="Failures",
    panels=(
        lines(
            "Tasks that fail",
            Unit.RATIO,
            "Share of those that ended; the line is where TasksFailing begins.",
            q(
                share('rate(zerostate_tasks_total{status="failed"}[5m])', f"rate({ENDED}[5m])"),
                "failed",
                Colour.RED,
            ),
            limits=Limits(red=Rule("TasksFailing", "share")),
            rules=("TasksFailing",),
            traces=True,
        ),
        lines(
            "Errors by part and reason",
            Unit.PER_MINUTE,
            "What broke, and why.",
            q(
                a_minute("execution_errors_total", "type, reason"),
                "{{type}}: {{reason}}",
            ),
            traces=True,
        ),
        bars(
            "Exit codes, 1 h",
            Unit.COUNT,
            "How runs ended: 0 is well, 137 is cut off for its memory.",
            now(
                "topk(10, sum by (code) (increase(zerostate_wasm_exit_codes_total[1h])))",
                "code {{code}}",
            ),
        ),
        lines(
            "Runs of modules",
            Unit.PER_SECOND,
            "Runs in the sandbox, by how they ended.",
            q(rate("wasm_executions_total", "status"), "{{status}}"),
        ),
        lines(
            "Deadlines that passed",
            Unit.PER_MINUTE,
            "Work that was not done in time, by type.",
            q(a_minute("timeout_errors_total", "type"), "{{type}}"),
            traces=True,
        ),
        lines(
            "Inputs that were refused",
            Unit.PER_MINUTE,
            "What validation has refused, by type and reason.",
            q(
                a_minute("validation_errors_total", "type, reason"),
                "{{type}}: {{reason}}",
            ),
            traces=True,
        ),
    ),
)

RESOURCES: Final = Row(
    title="Resources",
    panels=(
        lines(
            "WASM memory",
            Unit.BYTES,
            "The line is where WasmMemoryNearLimit begins; red is the sandbox's limit.",
            *quantiles("zerostate_wasm_memory_bytes", window="10m"),
            limits=Limits(amber=Rule("WasmMemoryNearLimit", "limit"), red=_SANDBOX),
            rules=("WasmMemoryNearLimit",),
        ),
        lines(
            "Memory set aside",
            Unit.BYTES,
            "The largest twentieth, by kind of run.",
            *quantiles(
                "zerostate_execution_memory_allocated_bytes", by="type", window="10m", of=(0.95,)
            ),
            limits=Limits(red=_SANDBOX),
        ),
        lines(
            "Processor time of a run",
            Unit.SECONDS,
            "The slowest twentieth, by kind of run.",
            *quantiles("zerostate_execution_cpu_seconds", by="type", window="10m", of=(0.95,)),
        ),
        lines(
            "Storage of results",
            Unit.BYTES,
            "Disk space that results take.",
            q("sum by (type) (zerostate_execution_storage_used_bytes)", "{{type}}"),
        ),
    ),
)

PAPERS: Final = Row(
    title="Receipts, manifests, cost",
    panels=(
        lines(
            "Receipts",
            Unit.PER_MINUTE,
            "Written, signed and checked.",
            q(a_minute("receipts_generated_total"), "written"),
            q(a_minute("receipts_signed_total", "signer"), "signed by {{signer}}"),
            q(a_minute("receipts_verified_total", "result"), "checked: {{result}}"),
        ),
        lines(
            "Receipts that are refused",
            Unit.RATIO,
            "Share of those that were checked; the line is where ReceiptsRejected begins.",
            q(
                share(
                    'increase(zerostate_receipts_verified_total{result="failed"}[15m])',
                    "increase(zerostate_receipts_verified_total[15m])",
                ),
                "refused",
                Colour.RED,
            ),
            limits=Limits(red=Rule("ReceiptsRejected", "share")),
            rules=("ReceiptsRejected",),
            traces=True,
        ),
        lines(
            "Manifests",
            Unit.PER_MINUTE,
            "Written by type, and checked by result.",
            q(a_minute("manifests_created_total", "type"), "written: {{type}}"),
            q(a_minute("manifest_validation_total", "result"), "checked: {{result}}"),
        ),
        lines(
            "Estimated and actual cost",
            Unit.UNITS,
            "Means of five minutes, by type: are estimates worth anything?",
            q(
                mean("task_cost_estimated_units", "type", OF_TYPE),
                "estimated: {{type}}",
            ),
            q(
                mean("task_cost_actual_units", "type", OF_TYPE),
                "actual: {{type}}",
            ),
        ),
        lines(
            "Cost of a task",
            Unit.UNITS,
            "What tasks did cost.",
            *quantiles("zerostate_task_cost_actual_units", OF_TYPE),
        ),
        lines(
            "Size of receipts and manifests",
            Unit.BYTES,
            "The largest twentieth.",
            q(
                "histogram_quantile(0.95, sum by (le) "
                "(rate(zerostate_receipt_size_bytes_bucket[5m])))",
                "receipts p95",
            ),
            q(
                "histogram_quantile(0.95, sum by (le) "
                "(rate(zerostate_manifest_size_bytes_bucket[5m])))",
                "manifests p95",
            ),
        ),
    ),
)

GUILDS: Final = Row(
    title="Guilds",
    panels=(
        lines(
            "Guilds",
            Unit.COUNT,
            "Guilds that nodes know of by state, and the members of all.",
            q("sum by (state) (zerostate_guilds)", "{{state}}"),
            q("sum(max by (guild_id) (zerostate_guild_members))", "members"),
        ),
        lines(
            "Operations that fail",
            Unit.RATIO,
            "By operation; the line is where GuildOperationsFailing begins.",
            q(
                'sum by (operation) (increase(zerostate_guild_operations_total{status="failed"}'
                "[15m])) / sum by (operation) (increase(zerostate_guild_operations_total[15m]))",
                "{{operation}}",
            ),
            limits=Limits(red=Rule("GuildOperationsFailing", "share")),
            rules=("GuildOperationsFailing",),
            traces=True,
        ),
        lines(
            "Operations",
            Unit.PER_MINUTE,
            "Founding, joining and dissolving, by how it ended.",
            q(
                a_minute("guild_operations_total", "operation, status"),
                "{{operation}}: {{status}}",
            ),
        ),
        lines(
            "Time of operations",
            Unit.SECONDS,
            "The slowest twentieth.",
            *quantiles("zerostate_guild_operation_duration_seconds", by="operation", of=(0.95,)),
        ),
        lines(
            "Life of guilds",
            Unit.SECONDS,
            "How old guilds become, by why they ended.",
            *quantiles("zerostate_guild_lifetime_seconds", by="reason", window="1h", of=(0.5,)),
        ),
        lines(
            "Messages in guilds",
            Unit.MESSAGES_PER_SECOND,
            "By type.",
            q(rate("guild_messages_total", "type"), "{{type}}"),
        ),
    ),
)
