"""Execution families: guilds, tasks, the WASM sandbox, manifests, receipts and costs."""

from __future__ import annotations

from functools import partial
from typing import Final

from zerostate_monitoring.catalogue import buckets
from zerostate_monitoring.catalogue.definition import (
    Combine,
    Definition,
    Feed,
    Kind,
    Layer,
    Measure,
)
from zerostate_monitoring.catalogue.shapes import COUNTED_ROWS, OTHER

_FED: Final = (Feed.NODE, Feed.INSTRUMENT)
_VERDICTS: Final = ("success", "failed")
_TASK_TYPES: Final = {"type": ("compute",)}
_PRIORITIES: Final = ("low", "normal", "high", "critical")
_LIMIT_30_S: Final = "Reaches beyond the original's 10 s: tasks may run for 30 s, some for 300 s."
_LIMIT_128_MIB: Final = "Finer than the original around the sandbox's limit of 128 MiB."

_counter = partial(
    Definition, kind=Kind.COUNTER, layer=Layer.EXECUTION, feeds=_FED, measure=Measure.COUNTER
)
_gauge = partial(Definition, kind=Kind.GAUGE, layer=Layer.EXECUTION, feeds=_FED)
_histogram = partial(
    Definition, kind=Kind.HISTOGRAM, layer=Layer.EXECUTION, feeds=_FED, measure=Measure.COUNTER
)

# Of the guild package's own families, founding is said by the operation "create" and the
# time to join by the duration of "join"; only life time and messages say something new.
_GUILDS: Final = (
    _gauge(
        name="zerostate_guilds",
        help="Guilds that a node knows of, by state.",
        labels=("state",),
        values={"state": ("active", "dissolved")},
        combine=Combine.MAX,
        aliases=("zerostate_guild_total",),
    ),
    _counter(
        name="zerostate_guild_operations_total",
        help="Guilds founded, joined or dissolved, by how it ended.",
        labels=("operation", "status"),
        values={"operation": ("create", "join", "dissolve"), "status": _VERDICTS},
    ),
    _gauge(
        name="zerostate_guild_members",
        help="Members of each guild.",
        labels=("guild_id",),
        unbounded=("guild_id",),
        combine=Combine.MAX,
        aliases=("guild_members",),
        note="A guild's series ends with the guild.",
    ),
    _histogram(
        name="zerostate_guild_operation_duration_seconds",
        help="How long founding, joining or dissolving a guild takes.",
        unit="seconds",
        labels=("operation",),
        buckets=buckets.DURATION,
        values={"operation": ("create", "join", "dissolve")},
    ),
    _histogram(
        name="zerostate_guild_lifetime_seconds",
        help="How old guilds become, by why they ended.",
        unit="seconds",
        labels=("reason",),
        buckets=buckets.GUILD_LIFETIME,
        values={"reason": ("dissolved", "expired", "empty")},
        aliases=("guild_lifetime_seconds",),
    ),
    _counter(
        name="zerostate_guild_messages_total",
        help="Messages that members exchanged inside guilds, by type.",
        labels=("type",),
        aliases=("guild_messages_total",),
        dropped=("guild_id",),
        note="The node's label guild_id is summed away.",
    ),
)

_TASKS: Final = (
    _counter(
        name="zerostate_tasks_total",
        help="Tasks that were submitted, were completed or failed.",
        labels=("status",),
        feeds=(Feed.PLATFORM, *_FED),
        values={"status": ("submitted", "completed", "failed")},
        note=f"{COUNTED_ROWS} Completed and failed are by the task's present status: one that"
        " failed and is tried again counts as failed until then, and may count again.",
    ),
    _gauge(
        name="zerostate_tasks_active",
        help="Tasks that are submitted and have not ended, by type.",
        labels=("type",),
        values=_TASK_TYPES,
        across="sum",
    ),
    _histogram(
        name="zerostate_task_duration_seconds",
        help="How long tasks take from submission to their end, by type.",
        unit="seconds",
        labels=("type",),
        values=_TASK_TYPES,
        buckets=buckets.TASK_DURATION,
        note=_LIMIT_30_S,
    ),
    _gauge(
        name="zerostate_task_queue_depth",
        help="Tasks that wait for an executor, by priority.",
        labels=("priority",),
        feeds=(Feed.PLATFORM, *_FED),
        values={"priority": (*_PRIORITIES, OTHER)},
    ),
    _histogram(
        name="zerostate_task_queue_latency_seconds",
        help="How long tasks wait for an executor, by priority.",
        unit="seconds",
        labels=("priority",),
        buckets=buckets.TASK_DURATION,
        values={"priority": _PRIORITIES},
        note=_LIMIT_30_S,
    ),
    _counter(
        name="zerostate_execution_errors_total",
        help="Runs that broke off, by the part that broke and the reason.",
        labels=("type", "reason"),
        values={"type": ("wasm",), "reason": ("out_of_memory", "invalid_opcode")},
    ),
    _counter(
        name="zerostate_validation_errors_total",
        help="Inputs that validation has refused, by type and reason.",
        labels=("type", "reason"),
        values={"type": ("manifest",), "reason": ("missing_field",)},
    ),
    _counter(
        name="zerostate_timeout_errors_total",
        help="Deadlines that passed before the work was done, by type.",
        labels=("type",),
        values={"type": ("execution",)},
    ),
)

_WASM: Final = (
    _counter(
        name="zerostate_wasm_executions_total",
        help="Runs of WASM modules in the sandbox, by how they ended.",
        labels=("status",),
        values={"status": _VERDICTS},
    ),
    _histogram(
        name="zerostate_wasm_execution_duration_seconds",
        help="How long WASM modules run in the sandbox.",
        unit="seconds",
        buckets=buckets.TASK_DURATION,
        note=_LIMIT_30_S,
    ),
    _histogram(
        name="zerostate_wasm_memory_bytes",
        help="Memory that WASM modules use in the sandbox.",
        unit="bytes",
        buckets=buckets.MEMORY,
        note=_LIMIT_128_MIB,
    ),
    _counter(
        name="zerostate_wasm_exit_codes_total",
        help="Runs of WASM modules by exit code.",
        labels=("code",),
        values={"code": ("0",)},
        unbounded=("code",),
        max_series=256,
        note="A decimal integer such as 0, 137 or -1; the original wrote other characters above 9.",
    ),
    _histogram(
        name="zerostate_wasm_validation_duration_seconds",
        help="How long checking a WASM module before its run takes.",
        unit="seconds",
        buckets=buckets.DURATION,
    ),
    _histogram(
        name="zerostate_execution_cpu_seconds",
        help="Processor time that runs consume, by type.",
        unit="seconds",
        labels=("type",),
        buckets=buckets.TASK_DURATION,
        values={"type": ("wasm",)},
        note=_LIMIT_30_S,
    ),
    _histogram(
        name="zerostate_execution_memory_allocated_bytes",
        help="Memory that is set aside for runs, by type.",
        unit="bytes",
        labels=("type",),
        buckets=buckets.MEMORY,
        values={"type": ("wasm",)},
        note=_LIMIT_128_MIB,
    ),
    _gauge(
        name="zerostate_execution_storage_used_bytes",
        help="Disk space that results of execution occupy, by type.",
        unit="bytes",
        labels=("type",),
        values={"type": ("receipts",)},
    ),
)

_MANIFESTS_AND_RECEIPTS: Final = (
    _counter(
        name="zerostate_manifests_created_total",
        help="Manifests that were written, by type.",
        labels=("type",),
        values={"type": ("task",)},
    ),
    _counter(
        name="zerostate_manifest_validation_total",
        help="Manifests that were checked, by result.",
        labels=("result",),
        values={"result": _VERDICTS},
    ),
    _histogram(
        name="zerostate_manifest_size_bytes",
        help="How large manifests are.",
        unit="bytes",
        buckets=buckets.BYTES,
    ),
    _counter(
        name="zerostate_receipts_generated_total",
        help="Receipts that executors have written.",
    ),
    _counter(
        name="zerostate_receipts_signed_total",
        help="Signatures under receipts, by who signed.",
        labels=("signer",),
        values={"signer": ("executor", "witness")},
    ),
    _counter(
        name="zerostate_receipts_verified_total",
        help="Receipts whose signatures were checked, by result.",
        labels=("result",),
        values={"result": _VERDICTS},
    ),
    _histogram(
        name="zerostate_receipt_size_bytes",
        help="How large receipts are.",
        unit="bytes",
        buckets=buckets.BYTES,
    ),
)

_COSTS: Final = (
    _histogram(
        name="zerostate_task_cost_estimated_units",
        help="What tasks were expected to cost, by type.",
        unit="units",
        labels=("type",),
        values=_TASK_TYPES,
        buckets=buckets.COST,
    ),
    _histogram(
        name="zerostate_task_cost_actual_units",
        help="What tasks did cost, by type.",
        unit="units",
        labels=("type",),
        values=_TASK_TYPES,
        buckets=buckets.COST,
    ),
    _counter(
        name="zerostate_task_cost_capped_total",
        help="Tasks whose cost stopped at the manifest's limit, by type.",
        labels=("type",),
        values=_TASK_TYPES,
    ),
    _histogram(
        name="zerostate_task_cost_savings_units",
        help="By how much tasks were cheaper than expected.",
        unit="units",
        buckets=buckets.COST,
        note="Only tasks that were cheaper.",
    ),
)

DEFINITIONS: Final[tuple[Definition, ...]] = (
    *_GUILDS,
    *_TASKS,
    *_WASM,
    *_MANIFESTS_AND_RECEIPTS,
    *_COSTS,
)
