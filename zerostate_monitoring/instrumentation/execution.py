"""What happens when tasks are executed: guilds, tasks, WASM, manifests, receipts, costs.

Label values are bounded words; guilds are the exception, and theirs are capped and end with
``guild_ended``. Levels are set by whoever knows them: counting up in one process and down in
another would leave wrong numbers when one of them ends. Amounts below 0, NaN and infinities
raise ``ValueError``.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import TracebackType
from typing import ClassVar, Final, Self

from zerostate_monitoring.instrumentation.families import counts, distributions, levels, moves
from zerostate_monitoring.instrumentation.operations import Operation, checked
from zerostate_monitoring.tracing import Attribute

_guilds: Final = levels("zerostate_guilds")
_guild_operations: Final = counts("zerostate_guild_operations_total")
_guild_seconds: Final = distributions("zerostate_guild_operation_duration_seconds")
_guild_members: Final = levels("zerostate_guild_members")
_guild_lifetime: Final = distributions("zerostate_guild_lifetime_seconds")
_guild_messages: Final = counts("zerostate_guild_messages_total")
_tasks: Final = counts("zerostate_tasks_total")
_tasks_active: Final = moves("zerostate_tasks_active")
_task_seconds: Final = distributions("zerostate_task_duration_seconds")
_queue_depth: Final = levels("zerostate_task_queue_depth")
_queue_seconds: Final = distributions("zerostate_task_queue_latency_seconds")
_errors: Final = counts("zerostate_execution_errors_total")
_invalid: Final = counts("zerostate_validation_errors_total")
_timeouts: Final = counts("zerostate_timeout_errors_total")
_wasm: Final = counts("zerostate_wasm_executions_total")
_wasm_seconds: Final = distributions("zerostate_wasm_execution_duration_seconds")
_wasm_memory: Final = distributions("zerostate_wasm_memory_bytes")
_exit_codes: Final = counts("zerostate_wasm_exit_codes_total")
_validation_seconds: Final = distributions("zerostate_wasm_validation_duration_seconds")
_cpu_seconds: Final = distributions("zerostate_execution_cpu_seconds")
_memory: Final = distributions("zerostate_execution_memory_allocated_bytes")
_storage: Final = levels("zerostate_execution_storage_used_bytes")
_manifests: Final = counts("zerostate_manifests_created_total")
_manifests_checked: Final = counts("zerostate_manifest_validation_total")
_manifest_size: Final = distributions("zerostate_manifest_size_bytes")
_receipts: Final = counts("zerostate_receipts_generated_total")
_signed: Final = counts("zerostate_receipts_signed_total")
_verified: Final = counts("zerostate_receipts_verified_total")
_receipt_size: Final = distributions("zerostate_receipt_size_bytes")
_estimated: Final = distributions("zerostate_task_cost_estimated_units")
_actual: Final = distributions("zerostate_task_cost_actual_units")
_capped: Final = counts("zerostate_task_cost_capped_total")
_savings: Final = distributions("zerostate_task_cost_savings_units")


def _verdict(*, ok: bool) -> str:
    return "success" if ok else "failed"


# -- guilds ----------------------------------------------------------------------


def guild_operation_ended(operation: str, seconds: float, *, ok: bool = True) -> None:
    """A guild was founded (create), joined, left or dissolved, or could not be."""
    _guild_seconds[operation](checked("seconds", seconds))
    _guild_operations[operation, _verdict(ok=ok)](1)


class GuildOperation(Operation):
    """Founding, joining, leaving or dissolving a guild."""

    span_name: ClassVar[str] = "guild"

    def __init__(self, operation: str) -> None:
        self.operation = operation

    @property
    def attributes(self) -> Mapping[str, Attribute]:
        return {"zerostate.guild.operation": self.operation}

    def record(self) -> None:
        guild_operation_ended(self.operation, self.seconds, ok=self.ok)


def guild_operation(name: str) -> GuildOperation:
    """Time create, join, leave or dissolve."""
    return GuildOperation(name)


def guilds(count: int, state: str = "active") -> None:
    """So many guilds are in a state."""
    _guilds[state](checked("count", count))


def guild_members(count: int, guild_id: str) -> None:
    """A guild has so many members."""
    _guild_members[guild_id](checked("count", count))


def guild_ended(guild_id: str, reason: str, lifetime_seconds: float) -> None:
    """A guild was dissolved, expired or became empty: its series end."""
    _guild_lifetime[reason](checked("lifetime_seconds", lifetime_seconds))
    _guild_members.end(guild_id)


def guild_message(kind: str) -> None:
    """A message was exchanged inside a guild."""
    _guild_messages[kind](1)


# -- tasks -----------------------------------------------------------------------


def task_submitted() -> None:
    """A task was handed in."""
    _tasks["submitted"](1)


def task_ended(kind: str, seconds: float, *, ok: bool = True) -> None:
    """A task was completed, or failed, so long after its submission."""
    _task_seconds[kind](checked("seconds", seconds))
    _tasks["completed" if ok else "failed"](1)


class Task(Operation):
    """A task while this process works on it."""

    span_name: ClassVar[str] = "execution.task"

    def __init__(self, kind: str, waited_seconds: float = 0.0) -> None:
        self.kind = kind
        self.waited_seconds = checked("waited_seconds", waited_seconds)

    @property
    def attributes(self) -> Mapping[str, Attribute]:
        return {"zerostate.task.type": self.kind}

    def __enter__(self) -> Self:
        _tasks_active[self.kind](1)
        return super().__enter__()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        _tasks_active[self.kind](-1)
        super().__exit__(kind, error, trace)

    def record(self) -> None:
        task_ended(self.kind, self.waited_seconds + self.seconds, ok=self.ok)


def task(kind: str, *, waited_seconds: float = 0.0) -> Task:
    """Count a task as active meanwhile, and then how it ended.

    ``waited_seconds`` is how long it had waited: its duration is from its submission.
    """
    return Task(kind, waited_seconds)


def task_queue_depth(count: int, priority: str) -> None:
    """So many tasks wait."""
    _queue_depth[priority](checked("count", count))


def task_queue_wait(seconds: float, priority: str) -> None:
    """A task waited so long for an executor."""
    _queue_seconds[priority](checked("seconds", seconds))


# -- errors ----------------------------------------------------------------------


def execution_error(part: str, reason: str) -> None:
    """A run broke off in a part, such as wasm, for a reason, such as out_of_memory."""
    _errors[part, reason](1)


def validation_error(part: str, reason: str) -> None:
    """An input was refused, such as a manifest for missing_field."""
    _invalid[part, reason](1)


def timeout_error(part: str = "execution") -> None:
    """A deadline passed."""
    _timeouts[part](1)


# -- WASM ------------------------------------------------------------------------


def wasm_executed(
    seconds: float,
    *,
    ok: bool = True,
    exit_code: int | None = None,
    memory_bytes: float | None = None,
) -> None:
    """A module ran; exit code and memory where they are known."""
    if memory_bytes is not None:
        _wasm_memory[()](checked("memory_bytes", memory_bytes))
    _wasm_seconds[()](checked("seconds", seconds))
    _wasm[_verdict(ok=ok)](1)
    if exit_code is not None:
        _exit_codes[str(int(exit_code))](1)


class WasmExecution(Operation):
    """One run of a module in the sandbox."""

    span_name: ClassVar[str] = "wasm.execute"
    exit_code: int | None = None
    memory_bytes: float | None = None

    def record(self) -> None:
        ok = self.ok and not self.exit_code
        wasm_executed(self.seconds, ok=ok, exit_code=self.exit_code, memory_bytes=self.memory_bytes)
        if self.reason == "timeout":
            timeout_error()
        elif self.reason:
            execution_error("wasm", self.reason)


def wasm_execution() -> WasmExecution:
    """Time a run; set ``exit_code`` and ``memory_bytes`` where they are known.

    An exit code other than 0 is a failure.
    """
    return WasmExecution()


class WasmValidation(Operation):
    """The check of a module before its run."""

    span_name: ClassVar[str] = "wasm.validate"

    def record(self) -> None:
        _validation_seconds[()](self.seconds)
        if not self.ok:
            validation_error("wasm", self.reason or "invalid_module")


def wasm_validation() -> WasmValidation:
    """Time the check of a module; what it refuses is counted."""
    return WasmValidation()


def cpu_used(seconds: float, part: str = "wasm") -> None:
    """A run took so much processor time."""
    _cpu_seconds[part](checked("seconds", seconds))


def memory_allocated(count: float, part: str = "wasm") -> None:
    """So many bytes were set aside for a run."""
    _memory[part](checked("count", count))


def storage_used(count: float, part: str = "receipts") -> None:
    """Results occupy so many bytes."""
    _storage[part](checked("count", count))


# -- manifests and receipts ------------------------------------------------------


def manifest_created(kind: str = "task", size_bytes: float | None = None) -> None:
    """A manifest was written."""
    if size_bytes is not None:
        _manifest_size[()](checked("size_bytes", size_bytes))
    _manifests[kind](1)


def manifest_validated(*, ok: bool, reason: str = "") -> None:
    """A manifest was checked; why it was refused."""
    _manifests_checked[_verdict(ok=ok)](1)
    if not ok and reason:
        validation_error("manifest", reason)


def receipt_generated(size_bytes: float | None = None) -> None:
    """An executor wrote a receipt."""
    if size_bytes is not None:
        _receipt_size[()](checked("size_bytes", size_bytes))
    _receipts[()](1)


def receipt_signed(signer: str) -> None:
    """The executor or a witness signed."""
    _signed[signer](1)


def receipt_verified(*, ok: bool) -> None:
    """The signatures of a receipt were checked."""
    _verified[_verdict(ok=ok)](1)


# -- costs -----------------------------------------------------------------------


def cost_estimated(units: float, kind: str) -> None:
    """A task is expected to cost so much."""
    _estimated[kind](checked("units", units))


def cost_charged(units: float, kind: str, *, estimated: float | None = None) -> None:
    """A task did cost so much; savings are counted only where it was cheaper than expected."""
    _actual[kind](checked("units", units))
    if estimated is not None and units < checked("estimated", estimated):
        _savings[()](estimated - units)


def cost_capped(kind: str) -> None:
    """A task's cost stopped at its manifest's limit."""
    _capped[kind](1)
