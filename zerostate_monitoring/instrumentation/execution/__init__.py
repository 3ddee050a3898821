"""What happens when tasks are executed: guilds, tasks, WASM, manifests, receipts, costs.

Label values are bounded words; guilds are the exception, and theirs are capped and end with
``guild_ended``. Levels are set by whoever knows them: counting up in one process and down in
another would leave wrong numbers when one of them ends. Amounts below 0, NaN and infinities
raise ``ValueError``.
"""

from __future__ import annotations

from zerostate_monitoring.instrumentation.execution.guild import (
    GuildOperation,
    guild_ended,
    guild_members,
    guild_message,
    guild_operation,
    guild_operation_ended,
    guilds,
)
from zerostate_monitoring.instrumentation.execution.sandbox import (
    WasmExecution,
    WasmValidation,
    cpu_used,
    manifest_created,
    manifest_validated,
    memory_allocated,
    receipt_generated,
    receipt_signed,
    receipt_verified,
    storage_used,
    wasm_executed,
    wasm_execution,
    wasm_validation,
)
from zerostate_monitoring.instrumentation.execution.tasks import (
    Task,
    cost_capped,
    cost_charged,
    cost_estimated,
    execution_error,
    task,
    task_ended,
    task_queue_depth,
    task_queue_wait,
    task_submitted,
    timeout_error,
    validation_error,
)

__all__ = [
    "GuildOperation",
    "Task",
    "WasmExecution",
    "WasmValidation",
    "cost_capped",
    "cost_charged",
    "cost_estimated",
    "cpu_used",
    "execution_error",
    "guild_ended",
    "guild_members",
    "guild_message",
    "guild_operation",
    "guild_operation_ended",
    "guilds",
    "manifest_created",
    "manifest_validated",
    "memory_allocated",
    "receipt_generated",
    "receipt_signed",
    "receipt_verified",
    "storage_used",
    "task",
    "task_ended",
    "task_queue_depth",
    "task_queue_wait",
    "task_submitted",
    "timeout_error",
    "validation_error",
    "wasm_executed",
    "wasm_execution",
    "wasm_validation",
]
